"""A second implementation, small: it signs, reads and judges by `schemas/` and `docs/protocol.md`, and imports nothing
of ours. Where it judges otherwise than we do, those two do not tell what we do.
"""
