"""The table of mutations against the judge alone; `tests/e2e/test_mutations.py` runs the same through Kafka."""

from collections import Counter

import pytest

from tamani.core.errors import RefusedError
from tamani.core.judge import judge
from tamani.core.names import Country
from tamani.core.signing import is_weak_key
from tamani.core.trust.opening import open_registry
from tamani.core.verdict import Forward, Refuse
from tests.support.mutations import FAMILIES, LOW_ORDER, mutations, table, weak_registries
from tests.support.notices import TRUSTED, registry
from tests.support.telling import Tell


def test_every_mutation_gets_its_code_and_its_neighbours_pass(tell: Tell) -> None:
    """17 classes, 64 of each; a changed content under an old id is a matter of the ledger, not of the judge."""
    known = registry()
    answers, digests = [], set()
    for mutation in mutations():
        for neighbour in (mutation.before, mutation.after):
            assert isinstance(judge(neighbour, Country.ML, mutation.lane, known), Forward)
        verdict = judge(mutation.value, Country.ML, mutation.lane, known)
        answers.append(
            (mutation.family, mutation.code, verdict.name if isinstance(verdict, Refuse) else "equivocation")
        )
        digests.add(mutation.digest)
    tell(table(answers))
    assert [answer for answer in answers if answer[1] != answer[2]] == []
    assert min(Counter(family for family, _, _ in answers).values()) >= 60
    assert len(FAMILIES) >= 15
    assert len(digests) == len(answers)


def test_old_id_with_new_content_is_another_digest_under_the_same_name() -> None:
    known = registry()
    for mutation in mutations():
        if mutation.family == "old id with new content":
            first = judge(mutation.before, Country.ML, mutation.lane, known)
            second = judge(mutation.value, Country.ML, mutation.lane, known)
            assert isinstance(first, Forward)
            assert isinstance(second, Forward)
            assert (first.event.source, first.event.id) == (second.event.source, second.event.id)
            assert first.digest != second.digest


def test_no_document_enrols_a_key_of_low_order() -> None:
    """64 documents, signed by the trusted key itself."""
    for value in weak_registries():
        with pytest.raises(RefusedError) as caught:
            open_registry(value, TRUSTED)
        assert caught.value.code.name == "refused.key.weak"


@pytest.mark.parametrize("public", LOW_ORDER, ids=lambda public: public.hex()[:12])
def test_every_spelling_of_a_point_of_low_order_is_weak(public: bytes) -> None:
    assert is_weak_key(public)
