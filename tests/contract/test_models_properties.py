"""Every model under hypothesis: what is valid goes through byte for byte, what is not is refused, nothing is raised."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from tamani.core.catalogue import catalogue
from tamani.core.event import Event, encode_event
from tamani.core.judge import judge
from tamani.core.schemas import data_schema, documents
from tamani.core.verdict import Forward, Refuse
from tests.contract.second.verdict import verdict as verdict_of_another
from tests.support.breaches import Breach, breaches
from tests.support.generated import changed
from tests.support.notices import MODELS, as_json, data_of, event, registry, seal

KNOWN = registry()
SOME = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@cache
def schema_of(kind: str, profile: str) -> dict[str, Any]:
    """The published schema of the data, as another implementation would read it."""
    found: dict[str, Any] = json.loads(documents()[data_schema(catalogue()[kind], profile)])
    return found


def came_through(said: Event, schema: dict[str, Any]) -> bool:
    """Whether the judge took it, as one who has but the schemas and the protocol would have; then each byte must be as
    it was said, through envelope, event and model.
    """
    verdict = judge(seal(said), said.country, said.lane, KNOWN)
    kind = catalogue()[said.kind]
    assert verdict_of_another(as_json(said)) == (verdict.name if isinstance(verdict, Refuse) else None)
    if isinstance(verdict, Refuse):
        # What must be sealed is refused in the open, however good it is: its data were judged before that.
        taken = said.profile in kind.sealed_profiles and verdict.name == "refused.tlp.unsealed"
        assert taken or verdict.name == "refused.data", verdict
    else:
        taken = True
        assert verdict.envelope.payload == encode_event(said) == encode_event(verdict.event)
    if taken:
        model = kind.model_of(said.profile).model_validate(said.data)
        assert json.loads(model.model_dump_json(exclude_unset=True)) == said.data
        assert Draft202012Validator(schema).is_valid(said.data)
    return taken


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_what_a_model_takes_comes_through_byte_for_byte(kind: str, profile: str) -> None:
    """And the published schema takes it too: who follows it is surprised by nothing but a rule between fields.

    Half of what is drawn must be taken, or nothing was shown of this model.
    """
    schema, full = schema_of(kind, profile), data_of(kind, full=True, profile=profile)
    answers = Counter[bool]()

    @SOME
    @given(data=changed(schema, full))
    def each(data: dict[str, Any]) -> None:
        answers[came_through(event(kind, profile=profile, data=data), schema)] += 1

    each()
    assert answers[True] >= max(10, answers.total() // 2), answers


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_what_a_schema_refuses_the_judge_refuses(kind: str, profile: str) -> None:
    """Each constraint broken once; and `null` in the place of each value, whether one must be there or not."""
    schema, full = schema_of(kind, profile), data_of(kind, full=True, profile=profile)
    checker = Draft202012Validator(schema)
    tried = 0
    nulls = (Breach(name, "null", full | {name: None}) for name in full)
    for breach in (*breaches(schema, full), *nulls):
        assert not checker.is_valid(breach.data), (breach.where, breach.what)
        said = event(kind, profile=profile, data=breach.data)
        verdict = judge(seal(said), said.country, said.lane, KNOWN)
        assert isinstance(verdict, Refuse), (breach.where, breach.what)
        assert verdict.name == "refused.data", (breach.where, breach.what, verdict)
        tried += 1
    assert tried > 10


@SOME
@given(st.sampled_from(MODELS), st.data())
def test_any_json_in_place_of_a_value_is_refused_or_taken_never_raised(
    model: tuple[str, str], data: st.DataObject
) -> None:
    """Whatever a stranger signs."""
    kind, profile = model
    full = data_of(kind, full=True, profile=profile)
    name = data.draw(st.sampled_from(sorted(full)))
    json_ = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )
    said = event(kind, profile=profile, data=full | {name: data.draw(json_)})
    verdict = judge(seal(said), said.country, said.lane, KNOWN)
    assert isinstance(verdict, Forward) or verdict.name.startswith(("refused.data", "refused.json"))
