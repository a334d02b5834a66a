"""One screen a file: they turn keys into wishes, and changes of the store into repaints."""
