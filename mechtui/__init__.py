"""The terminal dashboard a mechanic triages help requests on, and the thin backend behind it."""

__version__ = "0.1.0"
