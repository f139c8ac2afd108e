"""`schemas/examples/`: each is valid, or gets exactly the code that it names; by the judge and by the schemas."""

import ast
import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

import tamani.core.catalogue as models
from tamani.core.catalogue import catalogue
from tamani.core.codes import codes
from tamani.core.judge import judge
from tamani.core.names import country_of, lane_of
from tamani.core.schemas import data_schema
from tamani.core.sealing import open_body
from tamani.core.verdict import Forward, Refuse
from tests.support.examples import FOLDER, SEALED_ONLY, files
from tests.support.notices import PROFILES, key_of, registry, seal_json

KNOWN = registry()
SCHEMAS = FOLDER.parent
NAMES = tuple(files())
OPEN = tuple(one for one in PROFILES if one not in SEALED_ONLY)


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


@cache
def schema(name: str) -> Any:
    return Draft202012Validator(json.loads((SCHEMAS / name).read_text("utf-8")))


def judged(event: dict[str, Any]) -> Forward | Refuse:
    """By the key of the body that it says it is of; what names no body is signed by one all the same."""
    source = event["source"] if str(event["source"]).startswith("/") else "/ml/commission-defense"
    return judge(seal_json(event, key_of(source)), country_of(source), lane_of(event["subject"]), KNOWN)


def cases() -> list[tuple[str, dict[str, Any]]]:
    return [(name, case) for name in NAMES if name.startswith("invalid/") for case in read(name)]


def test_the_files_are_what_the_tests_say() -> None:
    """Run `python -m tests.support.examples` after a change."""
    found = {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in Path(FOLDER).rglob("*.json")}
    made = files()
    assert found.keys() == made.keys()
    assert [name for name in made if found[name] != made[name]] == []


@pytest.mark.parametrize(("kind", "profile"), [*OPEN, ("sealed", "v1")])
def test_a_valid_example_is_taken(kind: str, profile: str) -> None:
    """Of each type and profile; by the judge, and by the schemas of event and data."""
    event = read(f"{kind}.v1.{profile}.json")
    verdict = judged(event)
    assert isinstance(verdict, Forward), verdict
    assert schema("event.v1.schema.json").is_valid(event)
    assert schema(data_schema(catalogue()[kind], profile)).is_valid(event["data"])


@pytest.mark.parametrize(("kind", "profile"), SEALED_ONLY)
def test_what_travels_sealed_only_is_shown_sealed(kind: str, profile: str) -> None:
    """The event is taken as it stands, and opens under the key beside it to what is said to be within."""
    example = read(f"sealed/{kind}.v1.{profile}.json")
    verdict = judged(example["event"])
    assert isinstance(verdict, Forward), verdict
    opened = open_body(verdict.event, base64.b64decode(example["key"]))
    assert (opened.kind, opened.profile) == (kind, profile)
    assert opened.data == example["within"]["data"]
    assert schema(data_schema(catalogue()[kind], profile)).is_valid(opened.data)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("invalid/")])
def test_an_invalid_example_gets_the_code_that_it_names(name: str) -> None:
    """Exactly that one; where the schema of an event can see the fault, it does."""
    found = read(name)
    assert len(found) >= 2
    for case in found:
        verdict = judged(case["event"])
        assert isinstance(verdict, Refuse), case["why"]
        assert verdict.name == case["code"], (case["why"], verdict)
        assert case["code"] in codes()
        if case["code"] in {"refused.event.id", "refused.tlp"}:
            assert not schema("event.v1.schema.json").is_valid(case["event"]), case["why"]


@pytest.mark.parametrize(("kind", "profile"), [*PROFILES, ("sealed", "v1")])
def test_each_profile_has_faults_of_its_own(kind: str, profile: str) -> None:
    """Two at least in its data, which no other example of the folder has."""
    own = [
        case["event"]["data"] for case in read(f"invalid/{kind}.v1.{profile}.json") if case["code"] == "refused.data"
    ]
    others = [case["event"]["data"] for name, case in cases() if name != f"invalid/{kind}.v1.{profile}.json"]
    assert len([data for data in own if data not in others]) >= 2


def test_each_rule_between_fields_has_an_example() -> None:
    """Of each sentence with which a model refuses, so that another implementation finds out what it does not know.

    Two types may refuse with the same sentence: each has its example. What types share is told by any of them.
    """
    told = {(kind_in(name), str(judged(case["event"]))) for name, case in cases() if case["code"] == "refused.data"}
    kinds = {kind.replace(".", "_"): kind for kind in catalogue()}
    untold = {
        (module, rule)
        for module, rule in rules()
        if not any(rule in verdict and kinds.get(module, kind) == kind for kind, verdict in told)
    }
    assert untold == set()


def kind_in(name: str) -> str:
    """The type of which a file of examples is."""
    return name.removeprefix("invalid/").partition(".v")[0]


def rules() -> set[tuple[str, str]]:
    """What the models of the catalogue say as they refuse: the module and the text of each `raise ValueError`."""
    found = set()
    for path in Path(models.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[ast.Constant(value=str(text))])):
                    found.add((path.stem, text))
    assert len(found) > 20
    return found


def test_an_envelope_as_sent_fits_its_schema() -> None:
    """And not with two signatures, another type of payload, or base64 of two alphabets."""
    event = read("monitor.alert.v1.alerte.json")
    sent = json.loads(seal_json(event, key_of(event["source"])))
    envelope = schema("envelope.v1.schema.json")
    assert envelope.is_valid(sent)
    (signature,) = sent["signatures"]
    for wrong in (
        {"signatures": [signature, signature]},
        {"payloadType": "application/json"},
        {"payload": "_-+/"},
        {"payload": "A"},
        {"surplus": 1},
    ):
        assert not envelope.is_valid(sent | wrong), wrong
