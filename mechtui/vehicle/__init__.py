"""What a workshop knows of vehicles, offline: numbers, trouble codes, odometers. Pure."""
