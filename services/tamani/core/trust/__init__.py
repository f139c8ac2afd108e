"""How the registry is trusted: TUF metadata of three countries' officers, and the rules that stand above it.

Formats are those of The Update Framework 1.0 (python-tuf's Metadata API); its client is not used, because it stops at
an expiry, and here a stale registry only warns. `docs/design/registry.md` says why each rule is there.
"""
