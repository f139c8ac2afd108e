"""The policy of one machine: three witnesses, of whom the two that do not host are needed, and keys that stay."""

from pathlib import Path

from tamani.core.log.policy import parse_policy
from tamani.core.names import Country
from tamani.embedded.attest import ORIGIN, Attestation
from tamani.embedded.layout import Layout
from tamani.embedded.settings import UpSettings
from tamani.runtime.note_keys import open_note_key
from tamani.runtime.sealed_key import read_passphrase


def prepared(folder: Path, **changes: object) -> Attestation:
    """What a start of the platform makes."""
    made = Attestation(Layout(folder), UpSettings.model_validate({"data": folder, **changes}))
    (folder / "registry").mkdir(exist_ok=True)
    made.prepare()
    return made


def test_both_countries_that_do_not_host_are_enough_and_nothing_less(tmp_path: Path) -> None:
    """Whoever hosts counts for nothing."""
    policy = parse_policy(prepared(tmp_path).policy.read_bytes())
    assert policy.logs[0].key.name == ORIGIN
    assert policy.is_enough(frozenset({"bf", "ml"}))
    for names in ({"bf", "ne"}, {"ml", "ne"}, {"ne"}, {"bf"}, set()):
        assert not policy.is_enough(frozenset(names))
    elsewhere = parse_policy(prepared(tmp_path, log_host=Country.BF).policy.read_bytes())
    assert elsewhere.is_enough(frozenset({"ml", "ne"}))
    assert not elsewhere.is_enough(frozenset({"bf", "ml"}))


def test_keys_are_made_once_and_addresses_follow_the_ports(tmp_path: Path) -> None:
    """A second start on other ports: the same keys."""
    ports = {Country.BF: 18421, Country.ML: 18422, Country.NE: 18423}
    first = parse_policy(prepared(tmp_path).policy.read_bytes())
    made = prepared(tmp_path, witness_ports=ports, archive_port=18410)
    second = parse_policy(made.policy.read_bytes())
    assert [party.key for party in second.witnesses.values()] == [party.key for party in first.witnesses.values()]
    assert second.witnesses["ml"].url == "http://127.0.0.1:18422"
    assert (second.logs[0].key, second.logs[0].url) == (first.logs[0].key, "http://127.0.0.1:18410/log")
    key = open_note_key(made.log_key, read_passphrase(made.passphrase_file("log")))
    assert key.verifier == second.logs[0].key
