"""The HTTP routes, by who uses them. `docs/protocol.md` lists them."""
