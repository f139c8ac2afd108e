"""Reading keys at rest: nothing opens without the passphrase, nothing secret shows, an altered file is not believed."""

import json
import stat
from pathlib import Path

import pytest

from tamani.core.errors import DefectError, RefusedError
from tamani.core.recipients import Identity
from tamani.desk.identities import list_identities, open_identities, open_identity, save_identity
from tamani.runtime.sealed_key import LIGHT, write_key
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML

PASSPHRASE = b"une phrase pour les essais"


def test_identities_come_back_by_body(tmp_path: Path) -> None:
    """Several of one body, as at a change of keys; a body that has none here has none."""
    mine = [Identity.generate(), Identity.generate()]
    for identity in mine:
        save_identity(tmp_path, COMMISSION_ML, identity, PASSPHRASE, LIGHT)
    found = open_identities(tmp_path, PASSPHRASE)
    assert set(found.of(COMMISSION_ML)) == set(mine)
    assert found.of(OBSERVATORY_ML) == found.of(None) == ()
    assert {one.recipient for one in list_identities(tmp_path)} == {one.recipient for one in mine}


def test_only_the_owner_reads_a_file_and_it_holds_no_secret(tmp_path: Path) -> None:
    identity = Identity.generate()
    path = save_identity(tmp_path, COMMISSION_ML, identity, PASSPHRASE, LIGHT).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert identity.secret.encode() not in path.read_bytes()
    assert identity.secret not in repr(open_identities(tmp_path, PASSPHRASE))
    assert open_identity(path, PASSPHRASE) == identity


def test_a_wrong_passphrase_or_an_altered_file_opens_nothing(tmp_path: Path) -> None:
    path = save_identity(tmp_path, COMMISSION_ML, Identity.generate(), PASSPHRASE, LIGHT).path
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        open_identities(tmp_path, b"une autre phrase")
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps(fields | {"recipient": Identity.generate().recipient}))
    with pytest.raises(DefectError, match="recipient"):
        open_identity(path, PASSPHRASE)
    path.write_text(json.dumps({name: value for name, value in fields.items() if name != "body"}))
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        list_identities(tmp_path)


def test_a_box_with_something_else_in_it_is_no_identity(tmp_path: Path) -> None:
    path = tmp_path / "x.reading"
    write_key(path, {"body": COMMISSION_ML, "recipient": "age1"}, b"\xff" * 32, PASSPHRASE, LIGHT)
    with pytest.raises(DefectError, match="not a reading key"):
        open_identity(path, PASSPHRASE)


def test_nothing_is_written_over_nor_under_a_name_that_is_none(tmp_path: Path) -> None:
    identity = Identity.generate()
    save_identity(tmp_path, COMMISSION_ML, identity, PASSPHRASE, LIGHT)
    with pytest.raises(RefusedError, match=r"refused\.key\.reused"):
        save_identity(tmp_path, COMMISSION_ML, identity, PASSPHRASE, LIGHT)
    with pytest.raises(RefusedError, match=r"refused\.request"):
        save_identity(tmp_path, "../x", identity, PASSPHRASE, LIGHT)
