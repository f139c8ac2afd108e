"""The one-machine registry office: keys in keystores, a signed document whose version only grows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.registry import Body, KeyRow, Names
from tamani.core.trust.opening import open_registry
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.node.keystore import KeyFile, open_keystore, read_passphrase

SOURCE = "/ml/commission-defense"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office in an empty data folder."""
    return Office(Layout(tmp_path))


def body() -> Body:
    """An invented secretariat."""
    names = Names(fr="Secrétariat (essai)", en="Secretariat (test)")
    return Body(source=SOURCE, kind="secretariat", names=names, valid_from=SINCE)


def row(key: KeyFile) -> KeyRow:
    """Its key's row."""
    return KeyRow(
        keyid=key.keyid, public=key.public.hex(), body=SOURCE, node="ml", rights=("law.item:*",), not_before=SINCE
    )


def test_an_empty_region_has_a_signed_document(office: Office) -> None:
    """Whoever trusts the office's root can open it; nobody is enrolled yet."""
    found = open_registry(office.value, office.trust)
    assert (found.version, found.bodies, found.keys, found.demo) == (1, (), (), False)


def test_the_version_grows_with_a_change_and_only_then(office: Office) -> None:
    """Enrolling the same again changes nothing."""
    key = office.ensure_key(Country.ML, SOURCE)
    first = office.enrol([body()], [row(key)], demo=True, proofs={key.keyid: office.proof_of(key)})
    again = office.enrol([body()], [row(key)], demo=True, proofs={key.keyid: office.proof_of(key)})
    assert (first.version, again.version) == (2, 2)
    assert again.body(SOURCE) is not None
    assert again.key(key.keyid) is not None
    assert again.demo


def test_a_key_is_made_once_and_opens_with_the_sites_passphrase(office: Office, tmp_path: Path) -> None:
    """The node finds it in its own keystore."""
    key = office.ensure_key(Country.ML, SOURCE)
    again = Office(Layout(tmp_path)).ensure_key(Country.ML, SOURCE)
    keystore = open_keystore(tmp_path / "sites/ml/keys", read_passphrase(office.passphrase_file(Country.ML)))
    assert again.keyid == key.keyid
    assert keystore.keyids == {key.keyid}


def test_a_restart_keeps_key_and_document(office: Office, tmp_path: Path) -> None:
    """What services were told to trust stays true."""
    office.enrol([body()], [])
    again = Office(Layout(tmp_path))
    assert again.trust == office.trust
    assert again.current == office.current


def test_a_weak_key_is_not_enrolled(office: Office) -> None:
    """The document stays as it was."""
    weak = row(office.ensure_key(Country.ML, SOURCE)).model_copy(update={"public": "00" * 32})
    with pytest.raises(RefusedError) as refused:
        office.enrol([body()], [weak])
    assert refused.value.code.name == "refused.key.weak"
    assert office.current.version == 1


def test_secrets_are_for_their_owner_alone(office: Office, tmp_path: Path) -> None:
    """Keys and passphrases have mode 0600."""
    office.ensure_key(Country.ML, SOURCE)
    secret = [*tmp_path.rglob("*.seed"), *tmp_path.rglob("*.password"), *tmp_path.rglob("*.key")]
    # three roots, three officers, the publisher and the body; two passphrases
    assert len(secret) == 8 + 2
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
