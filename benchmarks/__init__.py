"""How fast mechtui is, beside its limits: `python -m benchmarks [NAME...]`.

What is measured how stands in `docs/benchmarks.md`.
"""
