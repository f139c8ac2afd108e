"""A registry from its first key to its fourth version, as officers of three countries type it, in temporary folders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tamani.cli.app import build
from tamani.cli.say import Say
from tamani.core.envelope import encode_envelope
from tamani.core.errors import RefusedError
from tamani.core.policy import key_state
from tamani.core.registry import Registry
from tamani.core.trust.legacy import REGISTRY_TYPE
from tamani.core.trust.opening import open_registry
from tamani.core.trust.words import spoken
from tamani.runtime import sealed_key
from tamani.runtime.registry_folder import RegistryFolder
from tests.support.keys import key_of
from tests.support.notices import COMMISSION_ML, registry
from tests.support.small_log import log_key, policy_text

SEATS = [f"{office} {country}" for office in ("root", "officer") for country in ("bf", "ml", "ne")] + ["online rg"]
BODY_KEY = "body"


@dataclass
class Office:
    """Three countries' machines, here one folder of keys; every word of a command is what somebody would type."""

    folder: Path
    lang: str = "fr"
    files: dict[str, str] = field(default_factory=dict)
    facts: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self, *words: str) -> str:
        """What a command printed; what it raises is raised."""
        app: typer.Typer = build(Say(self.lang))
        done = CliRunner().invoke(app, [*words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def registry(self, *words: str) -> str:
        return self.run("registry", *words, "--folder", str(self.folder / "registry"))

    def refused(self, *words: str) -> str:
        with pytest.raises(RefusedError) as caught:
            self.registry(*words)
        return caught.value.code.name

    def make(self, name: str, *command: str) -> None:
        secret = ("--keys", str(self.folder / "keys"), "--passphrase", str(self.folder / "secret"))
        printed = self.run(*command, *secret)
        self.facts[name] = dict(line.split(": ", 1) for line in printed.splitlines())
        self.files[name] = self.facts[name]["file"]

    def as_(self, name: str) -> tuple[str, ...]:
        return ("--key", self.files[name], "--passphrase", str(self.folder / "secret"))

    def sign(self, *names: str) -> str:
        return [self.registry("sign", *self.as_(name), "--yes") for name in names][-1]

    def publish(self) -> Registry:
        self.registry("publish", *self.as_("online rg"))
        return self.opened

    @property
    def opened(self) -> Registry:
        folder = RegistryFolder(self.folder / "registry")
        return open_registry(folder.path.read_bytes(), (folder.trust,))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Keys of every seat, made by the commands; a registry begun, not yet signed."""
    # The stretching of a passphrase is not what is tested here: two dozen openings would take their seconds.
    monkeypatch.setattr("tamani.node.keystore.save_key.__defaults__", (sealed_key.LIGHT,))
    (tmp_path / "secret").write_text("une phrase pour les essais\n")
    made = Office(tmp_path)
    for seat in SEATS:
        made.make(seat, "registry", "key", *seat.split())
    made.make("deputy ml", "registry", "key", "deputy", "ml")
    made.make(BODY_KEY, "keys", "new", COMMISSION_ML)
    made.make("next", "keys", "new", COMMISSION_ML)
    holders = [word for seat in SEATS for word in ("--holder", made.facts[seat]["holder"])]
    made.registry("init", *holders)
    return made


def begun(office: Office) -> Registry:
    office.sign("root bf", "root ne", "officer ml", "officer bf")
    return office.publish()


ENROL = ("--fr", "Commission de défense", "--en", "Defence committee", "--right", "law.item:*", "--kind", "commission")


def enrolled(office: Office) -> Registry:
    key = office.facts[BODY_KEY]
    begun(office)
    office.registry("propose", "enrol", COMMISSION_ML, *ENROL, "--public", key["public"], "--proof", key["proof"])
    office.sign("officer ml", "officer ne")
    return office.publish()


def test_from_the_first_key_to_an_enrolment(office: Office) -> None:
    """Roots and officers sign in any order; the new key waits its day."""
    found = enrolled(office)
    assert found.standing is not None
    assert (found.version, found.standing.delay_seconds) == (2, 86_400)
    row = found.key(office.facts[BODY_KEY]["keyid"])
    assert row is not None
    assert row.enrolled is not None
    assert row.not_before >= row.enrolled.at + timedelta(days=1)
    assert key_state(row, datetime.now(UTC)) == "refused.key.expired"
    shown = office.registry("show")
    assert spoken(found.standing.roots[0]) in shown
    assert "Commission de défense" in shown


def test_the_command_says_in_words_what_lacks(office: Office) -> None:
    """And publishing says the first of it; a stranger's key has no part in it."""
    assert office.refused("publish", *office.as_("online rg")) == "refused.registry.signature"
    said = office.sign("root bf")
    assert "deux officiers de pays différents" in said
    assert office.refused("sign", *office.as_(BODY_KEY), "--yes") == "refused.registry.proposal"
    assert office.refused("sign", *office.as_("online rg"), "--yes") == "refused.registry.proposal"
    begun(office)
    assert office.refused("sign", *office.as_("officer bf"), "--yes") == "refused.registry.proposal"
    assert office.refused("init", "--holder", office.facts["root bf"]["holder"]) == "refused.registry.proposal"


def test_signing_asks_after_showing_the_same_words(office: Office) -> None:
    """Whoever says no has signed nothing."""
    app = build(Say("fr"))
    words = ["registry", "sign", *office.as_("root bf"), "--folder", str(office.folder / "registry")]
    done = CliRunner().invoke(app, words, input="n\n")
    assert done.exit_code == 1
    trust = RegistryFolder(office.folder / "registry").trust
    assert spoken(trust) in done.stdout
    assert "Les empreintes concordent" in done.stdout
    assert "racine Burkina Faso" not in office.registry("sheet").partition("A signé")[2].partition("Il manque")[0]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "fr",
            ("Empreinte de la racine", "Inscrire l'organisme", "Inscrire la clé", "Ce que les autres", "officier Mali"),
        ),
        ("en", ("Fingerprint of the root", "Enrol the body", "Enrol key", "What the others", "officer Mali")),
    ],
)
def test_the_sheet_is_whole_in_both_languages(office: Office, lang: str, words: tuple[str, ...]) -> None:
    """As text and as a page that needs nothing from outside; it names each change, who signs, and what lacks."""
    key = office.facts[BODY_KEY]
    begun(office)
    office.registry("propose", "enrol", COMMISSION_ML, *ENROL, "--public", key["public"], "--proof", key["proof"])
    folder = office.folder / "registry"
    text, page = ((folder / f"sheet.{lang}.{end}").read_text("utf-8") for end in ("txt", "html"))
    for word in (*words, spoken(RegistryFolder(folder).trust), COMMISSION_ML, key["keyid"][:16]):
        assert word in text
        assert word.replace("'", "&#x27;") in page
    assert "<script" not in page
    assert "http" not in page
    assert text.count("_" * 40) == 6


def test_one_officer_suspends_at_once_and_two_restore(office: Office) -> None:
    keyid = str(office.facts[BODY_KEY]["keyid"])
    enrolled(office)
    assert office.refused("suspend", keyid, "--reason", " ", *office.as_("officer bf")) == "refused.registry.reason"
    assert office.refused("suspend", keyid, "--reason", "x", *office.as_("root bf")) == "refused.registry.proposal"
    assert office.refused("suspend", "abcd", "--reason", "x", *office.as_("officer bf")) == "refused.registry.proposal"
    office.registry("suspend", keyid[:16], "--reason", "téléphone perdu", *office.as_("officer bf"))
    suspended = office.publish()
    row = suspended.key(keyid)
    assert row is not None
    assert (suspended.version, row.state) == (3, "suspended")
    office.registry("restore", keyid[:16], "--reason", "téléphone retrouvé")
    office.sign("officer bf")
    assert office.refused("publish", *office.as_("online rg")) == "refused.registry.signature"
    office.sign("officer ml")
    row = office.publish().key(keyid)
    assert row is not None
    assert row.state == "active"
    said = office.registry("history")
    assert "téléphone perdu" in said
    assert "met fin à la suspension" in said


def test_an_officer_s_key_can_be_suspended_too(office: Office) -> None:
    """It orders no erasure any more (core.erasure.officers); a root's cannot: its office ends with the next root."""
    enrolled(office)
    keyid, root = (office.facts[name]["keyid"] for name in ("officer ne", "root ne"))
    assert office.refused("suspend", root, "--reason", "x", *office.as_("officer bf")) == "refused.registry.proposal"
    assert office.refused("propose", "retire", keyid) == "refused.registry.proposal"
    office.registry("suspend", keyid[:16], "--reason", "ordinateur perdu", *office.as_("officer bf"))
    standing = office.publish().standing
    assert standing is not None
    assert [entry.keyid for entry in standing.suspended] == [keyid]


def test_a_suspension_passes_a_draft_that_waits(office: Office) -> None:
    """It is published alone; the draft stays, and its signatures too."""
    keyid = str(office.facts[BODY_KEY]["keyid"])
    enrolled(office)
    office.registry("propose", "rename", COMMISSION_ML, "--fr", "Commission", "--en", "Committee")
    office.sign("officer ml")
    office.registry("suspend", keyid, "--reason", "vol", *office.as_("officer ne"))
    found = office.publish()
    assert (found.version, found.name(COMMISSION_ML, "fr")) == (3, "Commission de défense")
    office.sign("officer ne")
    after = office.publish()
    assert (after.version, after.name(COMMISSION_ML, "fr")) == (4, "Commission")
    row = after.key(keyid)
    assert row is not None
    assert row.state == "suspended"


STEPS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[Registry], object], object]] = {
    "retire": (
        ("propose", "retire", "{keyid}", "--reason", "fin de mission"),
        ("officer ml", "officer bf"),
        lambda found: found.keys[0].state,
        "retired",
    ),
    "compromise": (
        ("propose", "compromise", "{keyid}", "--since", "{recent}", "--reason", "vol"),
        ("officer ml", "officer bf"),
        lambda found: found.keys[0].state,
        "compromised",
    ),
    "compromise long ago": (
        ("propose", "compromise", "{keyid}", "--since", "2026-01-01T00:00:00Z", "--reason", "vol"),
        ("officer ml", "officer bf", "officer ne"),
        lambda found: found.keys[0].decision is not None and len(found.keys[0].decision.by),
        3,
    ),
    "rotate": (
        ("propose", "rotate", "{keyid}", "--public", "{next}", "--proof", "{proof}"),
        ("officer ml", "officer bf"),
        lambda found: found.keys[0].superseded_by == found.keys[1].keyid,
        True,
    ),
    "rename": (
        ("propose", "rename", COMMISSION_ML, "--fr", "Commission", "--en", "Committee"),
        ("officer ml", "officer bf"),
        lambda found: found.name(COMMISSION_ML, "en"),
        "Committee",
    ),
    "offices": (
        ("propose", "offices", "--holder", "{deputy}"),
        ("root bf", "root ml", "deputy ml", "officer bf"),
        lambda found: found.standing is not None and len(found.standing.roots),
        2,
    ),
    "the log's policy": (
        ("propose", "log-policy", "{policy}"),
        ("officer ml", "officer bf"),
        lambda found: [policy.text for policy in found.log_policies],
        [policy_text(log_key())],
    ),
    "a file": (
        ("propose", "file", "{file}"),
        ("officer ml", "officer bf"),
        lambda found: found.name(COMMISSION_ML, "fr"),
        "D'un fichier",
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_change_is_proposed_signed_and_published(office: Office, step: str) -> None:
    """With one signature less it is refused."""
    words, signers, look, expected = STEPS[step]
    before = enrolled(office)
    recent = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    file = office.folder / "rows.json"
    body = before.bodies[0].model_dump_json(exclude={"decision", "names"})
    file.write_text('{"bodies":[' + body[:-1] + ',"names":{"fr":"D\'un fichier","en":"From a file"}}]}')
    known = {
        "keyid": office.facts[BODY_KEY]["keyid"],
        "recent": recent,
        "next": office.facts["next"]["public"],
        "proof": office.facts["next"]["proof"],
        "deputy": office.facts["deputy ml"]["holder"],
        "file": str(file),
        "policy": str(office.folder / "policy"),
    }
    (office.folder / "policy").write_text(policy_text(log_key()))
    office.registry(*(word.format(**known) if "{" in word else word for word in words))
    office.sign(*signers[:-1])
    assert office.refused("publish", *office.as_("online rg")).startswith("refused.registry")
    office.sign(signers[-1])
    found = office.publish()
    assert (found.version, look(found)) == (3, expected)


def test_a_key_that_does_not_count_yet_vouches_for_no_successor(office: Office) -> None:
    """It may sign, like any body's key; but it counts from tomorrow on, and so does its word."""
    key, fresh = office.facts[BODY_KEY], office.facts["next"]
    enrolled(office)
    rotation = ("propose", "rotate", key["keyid"], "--public", fresh["public"], "--proof", fresh["proof"], "--at-once")
    office.registry(*rotation)
    office.sign("officer ml", "officer bf")
    office.sign(BODY_KEY)
    assert office.refused("publish", *office.as_("online rg")) == "refused.registry.delay"


def test_publishing_again_says_afresh_that_there_is_nothing_newer(office: Office) -> None:
    first = begun(office)
    again = office.publish()
    assert first.standing is not None
    assert again.standing is not None
    assert (again.version, again.standing.timestamp) == (first.version, first.standing.timestamp + 1)


@pytest.mark.parametrize(
    "words",
    [
        ("propose", "retire", "{keyid}0"),
        ("propose", "rename", "/ml/inconnu", "--fr", "x", "--en", "x"),
        ("propose", "compromise", "{keyid}", "--since", "hier", "--reason", "x"),
        ("propose", "compromise", "{keyid}", "--since", "2026-01-01T00:00:00", "--reason", "x"),
        ("propose", "rotate", "{keyid}", "--public", "zz", "--proof", "x"),
        ("propose", "file", "{missing}"),
        ("propose", "log-policy", "{missing}"),
        ("propose", "offices", "--holder", "king:ml:00"),
        ("propose", "rename", COMMISSION_ML, "--fr", "Commission de défense", "--en", "Defence committee"),
    ],
)
def test_what_makes_no_sense_is_refused_and_proposes_nothing(office: Office, words: tuple[str, ...]) -> None:
    enrolled(office)
    known = {"keyid": office.facts[BODY_KEY]["keyid"], "missing": str(office.folder / "none.json")}
    assert office.refused(*(word.format(**known) for word in words)).startswith("refused.re")
    assert RegistryFolder(office.folder / "registry").draft is None


def test_an_office_is_one_of_four(office: Office) -> None:
    with pytest.raises(RefusedError) as caught:
        office.make("x", "registry", "key", "king", "ml")
    assert caught.value.code.name == "refused.request"


def test_the_registry_of_before_is_taken_over(tmp_path: Path, office: Office) -> None:
    """Its version goes on, its rows are of the first document of the new line."""
    old = key_of("old registry")
    before = tmp_path / "before.json"
    before.write_bytes(encode_envelope(old.sign(registry(version=41).model_dump_json().encode(), REGISTRY_TYPE)))
    holders = [word for seat in SEATS for word in ("--holder", office.facts[seat]["holder"])]
    office.folder = tmp_path / "other"
    office.folder.mkdir()
    (office.folder / "secret").write_bytes((tmp_path / "secret").read_bytes())
    assert office.refused("init", *holders, "--from", str(before), "--old-key", "00" * 32).startswith(
        "refused.registry"
    )
    (office.folder / "registry").mkdir(exist_ok=True)
    office.registry("init", *holders, "--from", str(before), "--old-key", old.public.hex())
    office.sign("root bf", "root ne", "officer ml", "officer bf", "officer ne")
    found = office.publish()
    assert (found.version, len(found.keys)) == (42, len(registry().keys))
