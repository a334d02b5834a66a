"""The thin backend: sessions in a database, HTTP in front, a feed to the terminals."""
