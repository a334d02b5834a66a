"""The demo: a believable shop on this machine, with everything real but the people."""
