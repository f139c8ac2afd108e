"""The archive's side of the log: the tree of its leaves, checkpoints that are kept before they are signed, witnesses.

`tree` grows a tree, `tiles` keeps and reads it, `checkpoints` keeps what was said of it, `memory` remembers outside the
database what was signed, `checkpointer` does all of it in turn while its worker holds the publisher's lease,
`witnesses` asks for cosignatures, `proofs` and `api` give anybody what proves an entry.
"""
