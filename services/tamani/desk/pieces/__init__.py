"""Pieces: the files that a body attaches to its notices. Their digests travel; their bytes stay at the body's own site.

Other sites show digest, size and whose site has them (`docs/design/pieces.md`).
"""
