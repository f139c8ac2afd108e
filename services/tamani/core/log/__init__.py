"""The log that makes the archive's past provable: an RFC 6962 Merkle tree in the forms of C2SP. Pure.

`merkle` hashes and proves, `tiles` cuts the tree into static files (tlog-tiles), `note` signs text (signed-note),
`checkpoint` says how large the tree is and what it hashes to (tlog-checkpoint, tlog-cosignature), `policy` says whose
word counts (tlog-policy), `proof` puts what proves one entry into one file (tlog-proof), `leaf` is what an entry says,
`conflict` proves that a log has lied.
"""
