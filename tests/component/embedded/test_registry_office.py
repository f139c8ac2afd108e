"""The one-machine registry office: keys in keystores, a signed document whose version only grows."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tamani.core.envelope import encode_envelope
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.registry import Body, KeyRow, Names
from tamani.core.signing import SigningKey
from tamani.core.trust.legacy import REGISTRY_TYPE
from tamani.core.trust.opening import open_registry
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.node.keystore import KeyFile, open_keystore, read_passphrase
from tests.support.notices import key_of, registry
from tests.support.small_log import log_key, policy_text

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


def test_the_registry_names_the_logs_policy(office: Office) -> None:
    """So whoever knows the root knows whose cosignatures count; what is enrolled later leaves it as it is."""
    policy = policy_text(log_key())
    first = office.enrol((), (), log_policy=policy)
    digest = hashlib.sha256(policy.encode()).hexdigest()
    assert (first.version, first.log_policy, [one.text for one in first.log_policies]) == (2, digest, [policy])
    assert office.enrol((), (), log_policy=policy).version == 2
    key = office.ensure_key(Country.ML, SOURCE)
    later = office.enrol([body()], [row(key)], proofs={key.keyid: office.proof_of(key)})
    assert (later.version, later.log_policy) == (3, digest)


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


def old_data(folder: Path, version: int) -> SigningKey:
    """The office of the version before: one key, one document that it signed."""
    key, home = key_of("the office of before"), folder / "registry"
    home.mkdir(parents=True)
    (home / "signing.seed").write_text(key.seed.hex())
    document = registry(version=version).model_dump_json(exclude_defaults=True).encode()
    (home / "registry.json").write_bytes(encode_envelope(key.sign(document, REGISTRY_TYPE)))
    return key


def test_the_registry_of_the_version_before_goes_on(tmp_path: Path) -> None:
    """Its version continues, its keys are taken over, its document is kept, its key is gone; and it happens once."""
    old_data(tmp_path, 41)
    taken = Office(Layout(tmp_path))
    assert taken.current.version == 42
    assert [row.keyid for row in taken.current.keys] == [row.keyid for row in registry().keys]
    assert taken.current.standing is not None
    assert (taken.current.standing.genesis, taken.current.standing.delay_seconds) == (42, 0)
    assert not (tmp_path / "registry" / "signing.seed").exists()
    assert (tmp_path / "registry" / "before-roots.json").exists()
    assert Office(Layout(tmp_path)).value == taken.value
    key = taken.ensure_key(Country.ML, SOURCE)
    assert taken.enrol([body()], [row(key)], proofs={key.keyid: taken.proof_of(key)}).version == 43


@pytest.mark.parametrize("done", ["nothing", "set aside", "begun"])
def test_a_crash_while_taking_over_is_made_good_at_the_next_start(tmp_path: Path, done: str) -> None:
    """After each of its steps."""
    old_data(tmp_path / "whole", 41)
    seed = (tmp_path / "whole" / "registry" / "signing.seed").read_text()
    home = tmp_path / "whole" / "registry"
    if done == "set aside":
        (home / "registry.json").rename(home / "before-roots.json")
    if done == "begun":
        begun = Office(Layout(tmp_path / "whole")).value
        (home / "signing.seed").write_text(seed)
    after = Office(Layout(tmp_path / "whole"))
    assert after.current.version == 42
    assert not (home / "signing.seed").exists()
    if done == "begun":
        assert after.value == begun


def test_a_key_file_of_the_version_before_is_opened_for_its_proof(office: Office, tmp_path: Path) -> None:
    """It holds none: the office makes it, and the key is enrolled."""
    key = office.ensure_key(Country.ML, SOURCE)
    fields = json.loads(key.path.read_text())
    del fields["proof"]
    key.path.write_text(json.dumps(fields))
    found = office.ensure_key(Country.ML, SOURCE)
    assert found.proof is None
    office.enrol([body()], [row(found)], proofs={found.keyid: office.proof_of(found)})
    assert office.current.key(key.keyid) is not None


def test_without_a_proof_a_key_is_not_enrolled(office: Office) -> None:
    with pytest.raises(RefusedError) as refused:
        office.enrol([body()], [row(office.ensure_key(Country.ML, SOURCE))])
    assert refused.value.code.name == "refused.registry.possession"
