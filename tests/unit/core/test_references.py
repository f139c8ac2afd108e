"""What a notice names: relations of its head, and members of its type; never the target of an act."""

from tamani.core.catalogue import catalogue, words
from tamani.core.catalogue.head import NoticeRef, Reference
from tamani.core.references import Ref, references
from tests.support.notice_data_more import ID
from tests.support.notices import COMMISSION_NE, PROFILES, event

REPLIES = Ref("replies", COMMISSION_NE, ID)


def test_relations_and_members_are_named_once_each() -> None:
    said = event("law.text", profile="projet", full=True)
    assert references(said) == (REPLIES, Ref("item", COMMISSION_NE, ID), Ref("diff_base", COMMISSION_NE, ID))
    twice = said.data["head"] | {"refs": said.data["head"]["refs"] * 2}
    assert references(event("law.text", profile="projet", data=said.data | {"head": twice}))[0] == REPLIES


def test_a_target_is_no_reference() -> None:
    """Target and act stand in one thread already."""
    assert references(event("endorsement")) == ()
    assert references(event("heartbeat")) == ()


def test_every_relation_has_its_words_both_ways() -> None:
    """Of the head, and of each member of a model that names a notice."""
    rels = set(Reference.model_json_schema()["properties"]["rel"]["enum"])
    for kind, profile in PROFILES:
        for name, info in catalogue()[kind].model_of(profile).model_fields.items():
            if name != "target" and "NoticeRef" in str(info.annotation):
                rels.add(name)
    assert rels > {"meeting", "bill", "original"}
    assert {f"{way}:{rel}" for rel in rels for way in ("rel", "cited")} - words().keys() == set()
    assert NoticeRef.model_fields.keys() == {"source", "id"}
