"""`schemas/examples/`: each is valid, or gets exactly the code that it names; by the judge and by the schemas."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from tamani.core.catalogue import catalogue
from tamani.core.codes import codes
from tamani.core.judge import judge
from tamani.core.names import country_of, lane_of
from tamani.core.schemas import data_schema
from tamani.core.verdict import Forward, Refuse
from tests.support.examples import FOLDER, files
from tests.support.notices import PROFILES, key_of, registry, seal_json

KNOWN = registry()
SCHEMAS = FOLDER.parent


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def schema(name: str) -> Any:
    return Draft202012Validator(json.loads((SCHEMAS / name).read_text("utf-8")))


def judged(event: dict[str, Any]) -> Forward | Refuse:
    return judge(
        seal_json(event, key_of(event["source"])), country_of(event["source"]), lane_of(event["subject"]), KNOWN
    )


def test_the_files_are_what_the_tests_say() -> None:
    """Run `python -m tests.support.examples` after a change."""
    found = {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in Path(FOLDER).rglob("*.json")}
    made = files()
    assert found.keys() == made.keys()
    assert [name for name in made if found[name] != made[name]] == []


@pytest.mark.parametrize(("kind", "profile"), PROFILES)
def test_a_valid_example_is_taken(kind: str, profile: str) -> None:
    """Of each type and profile; by the judge, and by the schemas of event and data. Some travel sealed only."""
    event = read(f"{kind}.v1.{profile}.json")
    verdict = judged(event)
    if profile in catalogue()[kind].sealed_profiles:
        assert isinstance(verdict, Refuse)
        assert verdict.name == "refused.tlp.unsealed"
    else:
        assert isinstance(verdict, Forward), verdict
    assert schema("event.v1.schema.json").is_valid(event)
    assert schema(data_schema(catalogue()[kind], profile)).is_valid(event["data"])


@pytest.mark.parametrize("name", [name for name in files() if name.startswith("invalid/")])
def test_an_invalid_example_gets_the_code_that_it_names(name: str) -> None:
    """Exactly that one; where the schemas can see the fault, they do."""
    cases = read(name)
    assert len(cases) >= 5
    for case in cases:
        verdict = judged(case["event"])
        assert isinstance(verdict, Refuse), case["why"]
        assert verdict.name == case["code"], case["why"]
        assert case["code"] in codes()
        if case["code"] == "refused.event.id":
            assert not schema("event.v1.schema.json").is_valid(case["event"])


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
