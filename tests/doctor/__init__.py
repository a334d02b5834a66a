"""The doctor: what is damaged is found, and what is safe is repaired."""
