"""Pieces at the region: files that archived notices name, taken from their origin and handed to who may read them.

They lie in the ledger's database, so that an erasure takes them in its own transaction (`docs/design/pieces.md`).
"""
