"""The formats of The Update Framework that we use, from python-tuf, under their own names.

The library offers them here without saying so in the way that strict typing asks for; one place is enough to know it.
"""

from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Delegations,
    Key,
    LengthOrHashMismatchError,
    Metadata,
    MetaFile,
    Role,
    Root,
    Signature,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

__all__ = [
    "DelegatedRole",
    "Delegations",
    "Key",
    "LengthOrHashMismatchError",
    "MetaFile",
    "Metadata",
    "Role",
    "Root",
    "Signature",
    "Snapshot",
    "TargetFile",
    "Targets",
    "Timestamp",
]
