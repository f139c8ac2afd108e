"""Sealing what must be read again, the secrets of second factors: XSalsa20-Poly1305 under the site's passphrase.

The passphrase is that of the node's keys; like them, a copy of the file alone opens nothing.
"""

import threading
from pathlib import Path

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from tamani.core.errors import DefectError
from tamani.runtime.accounts.book import Book
from tamani.runtime.accounts.tables import vault
from tamani.runtime.sealed_key import read_passphrase

OPSLIMIT, MEMLIMIT = pwhash.argon2id.OPSLIMIT_INTERACTIVE, pwhash.argon2id.MEMLIMIT_INTERACTIVE


class Vault:
    """Opens on first use: stretching the passphrase costs a tenth of a second."""

    def __init__(self, book: Book, passphrase_file: Path | None) -> None:
        self._book = book
        self._file = passphrase_file
        self._box: SecretBox | None = None
        self._opening = threading.Lock()

    def seal(self, owner: str, secret: str) -> bytes:
        """The secret of this owner, for the file.

        Raises:
            DefectError: `failed.settings` (no passphrase), `failed.keystore`.
        """
        return bytes(self._opened().encrypt(f"{owner}:{secret}".encode()))

    def unseal(self, owner: str, sealed: bytes) -> str:
        """The secret, if it is this owner's: a row copied to another officer opens nothing.

        Raises:
            DefectError: `failed.settings`, `failed.keystore` (another passphrase, or altered).
        """
        try:
            whose, _, secret = self._opened().decrypt(sealed).decode().partition(":")
        except CryptoError as error:
            raise DefectError("failed.keystore", "officers") from error
        if whose != owner:
            raise DefectError("failed.keystore", "officers: another's")
        return secret

    def _opened(self) -> SecretBox:
        with self._opening:
            if self._box is None:
                if self._file is None:
                    raise DefectError("failed.settings", "TAMANI_DESK_PASSPHRASE_FILE")
                key = pwhash.argon2id.kdf(
                    SecretBox.KEY_SIZE, read_passphrase(self._file), self._salt(), OPSLIMIT, MEMLIMIT
                )
                self._box = SecretBox(key)
            return self._box

    def _salt(self) -> bytes:
        """What was sealed has a salt already: it is then only read, so that a writer may ask for it."""
        with self._book.reading() as connection:
            salt = connection.scalar(select(vault.c.salt))
        return bytes(salt) if salt is not None else self._new_salt()

    def _new_salt(self) -> bytes:
        with self._book.writing() as connection:
            connection.execute(
                insert(vault).values(one=1, salt=random(pwhash.argon2id.SALTBYTES)).on_conflict_do_nothing()
            )
            return bytes(connection.scalars(select(vault.c.salt)).one())
