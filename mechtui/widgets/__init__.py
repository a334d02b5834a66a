"""What is painted: each widget says what its lines are and repaints the cells that changed. No I/O here."""
