"""Erasing what was said: the order of two officers, who may give it, and who confirms that it was carried out.

The log's entry of a notice stays, and so do all proofs; its bytes go. `docs/design/erasure.md` says why it is so.
"""
