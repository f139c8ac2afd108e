"""What guessing a password or opening a vault costs: next to nothing in tests, but where that cost is the question."""

import pytest
from nacl.pwhash import argon2id

from tamani.runtime.accounts import passwords, signin, vault

Cost = tuple[int, int]
FULL: Cost = (passwords.OPSLIMIT, passwords.MEMLIMIT)
# What opening a vault costs a site's own process, which nobody has patched.
OPENING: Cost = (vault.OPSLIMIT, vault.MEMLIMIT)
LEAST: Cost = (argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)


def cost(patch: pytest.MonkeyPatch, parameters: Cost) -> None:
    """Passwords hashed from now on, and vaults opened, cost this (operations, bytes of memory)."""
    operations, memory = parameters
    current = f"$argon2id$v=19$m={memory // 1024},t={operations},p=1$"
    nobody = current + passwords.NOBODY[-66:]
    patch.setattr(passwords, "_CURRENT", current.encode())
    for module in (passwords, vault):
        patch.setattr(module, "OPSLIMIT", operations)
        patch.setattr(module, "MEMLIMIT", memory)
    for asked in (passwords, signin):
        patch.setattr(asked, "NOBODY", nobody)
