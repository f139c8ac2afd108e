"""The body in whose name the archive of this machine tells what it finds, and its key, which lives with the archive."""

from datetime import UTC, datetime

from tamani.core.catalogue import catalogue
from tamani.core.registry import ARCHIVE, Body, KeyRow, Names
from tamani.core.signing import SigningKey
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.node.keystore import LIGHT, KeyFile, list_keys, read_passphrase, save_key

SOURCE = "/rg/archive"
NODE = "archive"
RIGHTS = tuple(f"{kind.name}:*" for kind in catalogue().values() if kind.reserved)
NAMES = Names(fr="Archive régionale", en="Regional archive")
PASSPHRASE = "archive-notices"  # noqa: S105 - the name of a file


def ensure_voice(layout: Layout, office: Office) -> KeyFile:
    """The key file; key and rows of the registry are made if they are missing.

    Raises:
        DefectError: `failed.keystore`.
    """
    folder = layout.worker("archive") / "keys"
    file = next(iter(list_keys(folder)), None)
    if file is None:
        passphrase = read_passphrase(layout.secrets.path(PASSPHRASE))
        file = save_key(folder, SOURCE, SigningKey.generate(), passphrase, LIGHT)
    if office.current.key(file.keyid) is None:
        _enrol(office, file)
    return file


def _enrol(office: Office, file: KeyFile) -> None:
    since = datetime.now(UTC).replace(microsecond=0)
    body = office.current.body(SOURCE) or Body(source=SOURCE, kind=ARCHIVE, names=NAMES, valid_from=since)
    row = KeyRow(keyid=file.keyid, public=file.public.hex(), body=SOURCE, node=NODE, rights=RIGHTS, not_before=since)
    proofs = {} if file.proof is None else {file.keyid: file.proof}
    office.enrol([body], [row], proofs=proofs)
