"""TUF's rules on a bundle: thresholds of distinct officers, roots that vouch for the next, each key in its own role."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from securesystemslib.signer import SSlibKey

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.registry import Moment, Registry
from tamani.core.signing import SigningKey, keyid_of
from tamani.core.trust.bundle import Bundle
from tamani.core.trust.chain import Charter
from tamani.core.trust.metadata import fingerprint, read_metadata, to_text
from tamani.core.trust.opening import open_registry
from tamani.core.trust.standing import Holder, warning
from tamani.core.trust.tuf import Root, Snapshot, Targets, Timestamp
from tamani.core.trust.writing import LIFE, make_root, publish, refresh, sign
from tests.support.mutations import LOW_ORDER
from tests.support.notices import COMMISSION_ML, SOURCES, key_of, key_row, registry
from tests.support.registries import (
    CHARTER,
    COUNTRIES,
    NOW,
    OFFICERS,
    ONLINE,
    SIGNED,
    TRUSTED,
    bundle_of,
    decided,
    draft_of,
    first_root,
    holder,
    office_key,
    seats,
)

BF, ML, NE = COUNTRIES
ROOTS = tuple(office_key("root", country) for country in COUNTRIES)
DEPUTY = office_key("deputy", ML)


def document(version: int = 1, **changes: Any) -> Registry:
    return decided(registry(version=version, **changes))


def refusal(bundle: Bundle | bytes, trusted: tuple[str, ...] = TRUSTED, last: Registry | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        open_registry(bundle.encode() if isinstance(bundle, Bundle) else bundle, trusted, last)
    return caught.value.code.name


def opened(bundle: Bundle, trusted: tuple[str, ...] = TRUSTED, last: Registry | None = None) -> Registry:
    return open_registry(bundle.encode(), trusted, last)


# ---- thresholds


@pytest.mark.parametrize("two", [(0, 1), (0, 2), (1, 2)])
def test_two_officers_of_different_countries_publish(two: tuple[int, int]) -> None:
    """Rows of three countries need the third as well; the file itself needs two."""
    rows = registry(sources=())
    found = opened(bundle_of(rows, officers=[OFFICERS[n] for n in two]))
    assert found.standing is not None
    assert found.standing.signed_by == tuple(sorted(OFFICERS[n].keyid for n in two))


@pytest.mark.parametrize(
    "officers",
    [(), OFFICERS[:1], (OFFICERS[0], OFFICERS[0]), (*ROOTS,), (ONLINE, OFFICERS[0]), (key_of("x"), OFFICERS[0])],
    ids=["none", "one", "one twice", "the roots", "the publisher and one", "a stranger and one"],
)
def test_fewer_than_two_officers_publish_nothing(officers: tuple[SigningKey, ...]) -> None:
    assert refusal(bundle_of(registry(sources=()), officers=officers)) == "refused.registry.signature"


def test_an_officer_and_the_deputy_of_one_country_are_one_voice() -> None:
    """Two keys, two signatures, one country: TUF's count is met, ours is not."""
    root, trusted = _other_root(seats(holder("deputy", ML)))
    held = seats(holder("deputy", ML))
    both: dict[str, Any] = {"roots": (root,), "held": held}
    alone = bundle_of(registry(sources=()), officers=(office_key("officer", ML), DEPUTY), **both)
    assert refusal(alone, (trusted,)) == "refused.registry.signature"
    assert opened(bundle_of(registry(sources=()), officers=(DEPUTY, OFFICERS[0]), **both), (trusted,)).version == 1


def _other_root(held: list[Holder], **charter: Any) -> tuple[str, str]:
    root = sign(make_root(held, CHARTER.model_copy(update=charter), 1, SIGNED), *ROOTS)
    return to_text(root), fingerprint(root)


def test_the_publisher_alone_can_change_nothing() -> None:
    good = bundle_of(document())
    other = bundle_of(document(version=2))
    assert refusal(replace(good, registry=other.registry)) == "refused.registry.signature"
    assert refusal(replace(good, targets=other.targets)) == "refused.registry.rollback"
    assert refusal(publish(draft_of(document()), OFFICERS[0], SIGNED, None, 1)) == "refused.registry.signature"


def test_what_tuf_verifies_with_its_own_keys_is_what_we_wrote() -> None:
    """python-tuf, with its own key class, takes our metadata: anybody's client can."""
    bundle = bundle_of(document())
    root, targets = read_metadata(bundle.roots[0], Root).signed, read_metadata(bundle.targets, Targets)
    assert all(isinstance(key, SSlibKey) for key in root.keys.values())
    root.verify_delegate("root", read_metadata(bundle.roots[0], Root).signed_bytes, _signatures(bundle.roots[0], Root))
    root.verify_delegate("targets", targets.signed_bytes, targets.signatures)
    kinds: tuple[tuple[str, str, Any], ...] = (
        ("snapshot", bundle.snapshot, Snapshot),
        ("timestamp", bundle.timestamp, Timestamp),
    )
    for name, text, kind in kinds:
        root.verify_delegate(name, read_metadata(text, kind).signed_bytes, _signatures(text, kind))
    suspensions = read_metadata(bundle.suspensions, Targets)
    targets.signed.verify_delegate("suspensions", suspensions.signed_bytes, suspensions.signatures)


def _signatures(text: str, kind: Any) -> Any:
    return read_metadata(text, kind).signatures


# ---- roots


def second_root(
    signers: tuple[SigningKey, ...], *, version: int = 2, held: list[Holder] | None = None, **charter: Any
) -> tuple[str, str]:
    """A next root in which Mali's root key is another."""
    rest = [h for h in seats() if (h.office, h.country) != ("root", ML)]
    changes: dict[str, Any] = {"previous": TRUSTED[0]} | charter
    root = make_root(held or [*rest, holder("root", ML, 1)], CHARTER.model_copy(update=changes), version, SIGNED)
    return first_root()[0], to_text(sign(root, *signers))


NEW_ML = office_key("root", ML, 1)


def test_the_next_root_is_believed_by_whoever_trusts_the_first_or_the_next() -> None:
    roots = second_root((ROOTS[0], ROOTS[2], NEW_ML))
    bundle = bundle_of(document(), roots=roots)
    second = fingerprint(read_metadata(roots[1], Root))
    for trusted in (TRUSTED[0], second):
        found = opened(bundle, (trusted,))
        assert found.standing is not None
        assert found.standing.roots == (TRUSTED[0], second)
        assert found.standing.holder(ROOTS[1].keyid) is not None, "who once held an office is still known"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: second_root((ROOTS[0], NEW_ML)), "refused.registry.signature"),
        (lambda: second_root((ROOTS[0], ROOTS[1])), "refused.registry.signature"),
        (lambda: second_root(ROOTS, version=3), "refused.registry.root"),
        (lambda: second_root((ROOTS[0], ROOTS[2]), previous=""), "refused.registry.root"),
        (lambda: second_root((ROOTS[0], ROOTS[2]), genesis=9), "refused.registry.root"),
        (lambda: second_root((ROOTS[0], ROOTS[2]), delay_seconds=60), "refused.registry.root"),
        (lambda: (second_root((ROOTS[0], ROOTS[2]))[1],), "refused.registry.root"),
        (lambda: second_root((ROOTS[0], ROOTS[2]), held=seats()[:5] + seats()[6:]), "refused.registry.root"),
        (
            lambda: second_root(
                (ROOTS[0], ROOTS[2]),
                held=[*(h for h in seats() if h.office != "online"), _taken(holder("root", ML), "online", Country.RG)],
            ),
            "refused.registry.root",
        ),
        (
            lambda: second_root(
                (ROOTS[0], ROOTS[2], office_key("officer", ML)),
                held=[
                    *(h for h in seats() if (h.office, h.country) not in {("root", ML), ("officer", ML)}),
                    _taken(holder("officer", ML), "root", ML),
                    holder("officer", ML, 7),
                ],
            ),
            "refused.key.reused",
        ),
    ],
    ids=[
        "one of the old",
        "one of the new",
        "a version left out",
        "not naming the one before",
        "another beginning",
        "another delay",
        "the second without the first",
        "a country without officer",
        "a country without root",
        "an officer's key as a root",
    ],
)
def test_a_next_root_that_does_not_follow_is_refused(make: Callable[[], tuple[str, ...]], code: str) -> None:
    roots = make()
    trusted = (TRUSTED[0], fingerprint(read_metadata(roots[-1], Root)))
    assert refusal(bundle_of(registry(sources=()), roots=roots), trusted) == code


def _taken(held: Holder, office: Any, country: Country) -> Holder:
    return held.model_copy(update={"office": office, "country": country})


def test_an_unknown_root_is_refused_whatever_it_signs() -> None:
    assert refusal(bundle_of(document()), ("0" * 64,)) == "refused.registry.root"
    assert refusal(bundle_of(document()), ()) == "refused.registry.root"


def test_a_root_with_a_weak_key_is_refused() -> None:
    weak = Holder(keyid=keyid_of(LOW_ORDER[0]), public=LOW_ORDER[0].hex(), country=ML, office="deputy")
    root, trusted = _other_root(seats(weak))
    assert refusal(bundle_of(registry(sources=()), roots=(root,), held=seats(weak)), (trusted,)) == "refused.key.weak"


@pytest.mark.parametrize("key", [*ROOTS, *OFFICERS, ONLINE], ids=lambda key: key.keyid[:8])
def test_a_key_of_office_is_no_body_s(key: SigningKey) -> None:
    row = key_row(COMMISSION_ML) | {"keyid": key.keyid, "public": key.public.hex()}
    assert refusal(bundle_of(document(keys=[row]))) == "refused.key.reused"


# ---- shapes


def changed(bundle: Bundle, name: str, text: str) -> Bundle:
    more: dict[str, Any] = {name: text}
    return replace(bundle, **more)


@pytest.mark.parametrize(
    "value",
    [b"", b"{}", b"\xff", b"[" * 10_000, b"x" * 5_000_000, b'{"v":1}'],
    ids=["", "{}", "ff", "deep", "5 MB", "v"],
)
def test_what_is_no_bundle_is_no_registry(value: bytes) -> None:
    assert refusal(value) == "refused.registry"


def _with(bundle: Bundle, **changes: Any) -> bytes:
    whole = json.loads(bundle.encode())
    return json.dumps(whole | changes).encode()


@pytest.mark.parametrize(
    "changes",
    [{"v": 2}, {"v": 1, "more": 1}, {"root": []}, {"root": "x"}, {"root": [1]}, {"targets": 1}, {"documents": {}}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_bundle_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(_with(bundle_of(document()), **changes)) == "refused.registry"


@pytest.mark.parametrize("name", ["timestamp", "snapshot", "targets", "suspensions"])
@pytest.mark.parametrize("text", ["", "{}", '{"signed":{"_type":"root"},"signatures":[]}', '{"signed":1}', "[]"])
def test_metadata_of_another_shape_is_refused(name: str, text: str) -> None:
    assert refusal(changed(bundle_of(document()), name, text)) == "refused.registry"


@pytest.mark.parametrize("name", ["timestamp", "snapshot", "targets"])
def test_a_file_in_another_s_place_is_refused(name: str) -> None:
    bundle = bundle_of(document())
    for other in {"timestamp", "snapshot", "targets"} - {name}:
        assert refusal(changed(bundle, name, getattr(bundle, other))) == "refused.registry"


def test_no_flipped_bit_of_a_bundle_is_taken_for_another_registry() -> None:
    """Every 37th byte, one bit: refused, or the same registry (a third signature where two are enough)."""
    value = bundle_of(document()).encode()
    good = open_registry(value, TRUSTED)
    refused = 0
    for place in range(0, len(value), 37):
        flipped = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        try:
            found = open_registry(flipped, TRUSTED)
        except RefusedError:
            refused += 1
        else:
            assert found.as_signed == good.as_signed
    assert refused > 600


# ---- time, and the last good copy


def test_an_expired_registry_is_opened_and_says_so() -> None:
    """Nothing in opening reads a clock: a bus whose officers are away goes on."""
    found = opened(bundle_of(document()))
    assert found.expires == SIGNED + LIFE
    assert found.fresh_until is not None
    assert found.fresh_until < found.expires


@pytest.mark.parametrize(
    ("days", "said"),
    [(61, ""), (60, "60"), (31, "60"), (30, "30"), (8, "30"), (7, "7"), (0.5, "7"), (0, "over"), (-400, "over")],
)
def test_reminders_come_at_sixty_thirty_and_seven_days_and_then_always(days: float, said: str) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert warning(now + timedelta(days=days), now) == said


def test_an_older_registry_served_later_is_refused() -> None:
    """By version of the registry, and of each file by itself."""
    old, new = bundle_of(document(version=3)), bundle_of(document(version=4))
    held = opened(new)
    assert refusal(old, last=held) == "refused.registry.rollback"
    assert opened(new, last=held).version == 4
    refreshed = opened(refresh(new, ONLINE, SIGNED))
    assert refusal(new, last=refreshed) == "refused.registry.rollback"
    roots = second_root((ROOTS[0], ROOTS[2], NEW_ML))
    later = opened(bundle_of(document(version=4), roots=roots))
    assert refusal(new, last=later) == "refused.registry.rollback"


def test_a_new_snapshot_around_an_old_document_is_refused() -> None:
    held = opened(bundle_of(document(version=4)))
    stale = publish(draft_of(document(version=3)), ONLINE, SIGNED, None, 9)
    assert refusal(stale, last=held) == "refused.registry.rollback"


def test_two_registries_under_one_version_are_a_fork() -> None:
    held = opened(bundle_of(document(version=4)))
    other = bundle_of(document(version=4, demo=True))
    assert refusal(other, last=held) == "refused.registry.rollback"


def test_another_line_of_roots_never_follows_even_if_both_are_trusted() -> None:
    other, trusted = _other_root(seats(), delay_seconds=60)
    held = opened(bundle_of(document()))
    assert refusal(bundle_of(document(version=2), roots=(other,)), (*TRUSTED, trusted), held) == "refused.registry.root"


@pytest.mark.parametrize("gone", ["keys", "bodies"])
def test_no_row_vanishes(gone: str) -> None:
    held = opened(bundle_of(document()))
    fewer = registry(version=2, keys=[key_row(source) for source in SOURCES[1:]])
    if gone == "bodies":
        fewer = registry(SOURCES[1:], version=2)
    assert refusal(bundle_of(decided(fewer)), last=held) == "refused.registry.rollback"


def test_a_row_changes_by_a_new_decision_only() -> None:
    """Its number and date may not stay, or go back, while its words change."""
    first = document(version=2)
    held = opened(bundle_of(first))
    for version in (1, 2):
        decision = first.keys[0].decision
        assert decision is not None
        changed = first.keys[0].model_copy(
            update={"tlp_max": "CLEAR", "decision": decision.model_copy(update={"version": version})}
        )
        after = Registry(version=3, issued=NOW, bodies=first.bodies, keys=(changed, *first.keys[1:]), nodes=first.nodes)
        assert refusal(bundle_of(after), last=held) == "refused.registry.rollback"


def test_a_new_row_cannot_say_that_it_is_old() -> None:
    """Nor can a key be enrolled a second time at another moment."""
    first = document(version=2)
    held = opened(bundle_of(Registry(version=2, issued=NOW, bodies=first.bodies, keys=first.keys[1:])))
    late = Registry(version=3, issued=NOW, bodies=first.bodies, keys=first.keys)
    assert refusal(bundle_of(late), last=held) == "refused.registry.rollback"
    again = decided(registry(version=3))
    moved = again.keys[1].model_copy(update={"enrolled": Moment(version=1, at=NOW)})
    after = Registry(version=3, issued=NOW, bodies=again.bodies, keys=(moved, *again.keys[2:]))
    assert refusal(bundle_of(after), last=held) == "refused.registry.rollback"


def test_a_charter_names_its_beginning() -> None:
    root, trusted = _other_root(seats(), genesis=5)
    assert refusal(bundle_of(document(version=4), roots=(root,)), (trusted,)) == "refused.registry"
    assert Charter(genesis=5, delay_seconds=0).previous == ""
