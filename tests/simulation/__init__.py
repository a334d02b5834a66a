"""A whole shop in one thread: the real backend, the real terminals, and a net, a disk and clocks that fail.

One seed is one run, to the last frame; time is virtual. `python -m tests.simulation SEED` runs one and prints what
happened.
"""
