"""Every value that a notice can hold has its words, in French and in English."""

from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from tamani.core.catalogue import catalogue, words
from tamani.desk.pages.labels import VALUE_FIELDS
from tests.support.notices import MODELS


def literals(annotation: Any, name: str) -> set[tuple[str, str]]:
    """The values that a field admits, with its name; through containers and nested models."""
    if get_origin(annotation) is Literal:
        return {(name, str(value)) for value in get_args(annotation)}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return of_model(annotation)
    return set().union(*(literals(part, name) for part in get_args(annotation)))


def of_model(model: type[BaseModel]) -> set[tuple[str, str]]:
    return set().union(*(literals(field.annotation, name) for name, field in model.model_fields.items()))


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_each_value_has_its_words(kind: str, profile: str) -> None:
    """A type whose author forgot a label is named here, with the values that lack one."""
    found = of_model(catalogue()[kind].model_of(profile))
    lacking = {f"{VALUE_FIELDS.get(name, name)}:{value}" for name, value in found} - words().keys()
    assert lacking == set()


@pytest.mark.parametrize("kind", list(catalogue()))
def test_each_state_and_act_has_its_words(kind: str) -> None:
    """What a thread can become, and what others can do to it, is said in words."""
    cycles = [catalogue()[kind].lifecycle_of(profile) for profile in catalogue()[kind].profiles]
    field = (catalogue()[kind].status or ("status",))[0]
    states = {f"{field}:{state}" for cycle in cycles for state in cycle.states}
    acts = {act.name for cycle in cycles for act in cycle.acts}
    says = {f"{catalogue()[name].says}:{word}" for name, _, word in (act.partition(":") for act in acts)}
    assert (states | says) - words().keys() == set()


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_each_field_has_its_labels(kind: str, profile: str) -> None:
    """`title` is French, `description` English, on every field that a page shows."""

    def check(model: type[BaseModel]) -> None:
        for name, field in model.model_fields.items():
            if name != "head":
                assert field.title, f"{model.__name__}.{name}"
                assert field.description, f"{model.__name__}.{name}"
            for part in (field.annotation, *get_args(field.annotation)):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    check(part)

    check(catalogue()[kind].model_of(profile))
