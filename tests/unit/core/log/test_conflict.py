"""Two checkpoints that cannot both be true: shown by the file alone, and never shown of an honest log."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.conflict import Conflict, contradict
from tamani.core.log.merkle import consistency_proof, prefix_path, prefix_roots
from tests.support.small_log import SmallLog

LOG = SmallLog().append(80)
FORK = LOG.fork(37).append(60, mark="gap")


def conflict(smaller: int, larger: int) -> Conflict:
    """The log's checkpoint at one size, and its fork's at a larger one."""
    path = prefix_path(smaller, larger, FORK.hashes) if smaller < larger else ()
    return Conflict(LOG.note(smaller, "ne"), FORK.note(larger, "ml", "ne"), tuple(path))


@pytest.mark.parametrize(("smaller", "larger"), [(38, 38), (38, 97), (64, 97), (64, 65), (80, 81), (79, 80)])
def test_a_fork_is_proven_by_one_file(smaller: int, larger: int) -> None:
    """Equal sizes, powers of two, neighbours; the log is named, and the witness that cosigned both."""
    found = Conflict.parse(bytes(conflict(smaller, larger))).verify(LOG.policy())
    assert found.names == ("tamani.test/log", "ne")
    assert (found.smaller.checkpoint.size, found.larger.checkpoint.size) == (smaller, larger)


@pytest.mark.parametrize(("smaller", "larger"), [(37, 97), (32, 97), (1, 50)])
def test_what_is_common_to_both_is_no_conflict(smaller: int, larger: int) -> None:
    """Up to where the fork begins, both are one tree."""
    with pytest.raises(RefusedError, match=r"refused\.log\.conflict"):
        conflict(smaller, larger).verify(LOG.policy())


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 80), st.integers(1, 80), st.binary(min_size=32, max_size=32), st.integers(0, 9))
def test_an_honest_log_is_never_proven_a_liar(first: int, second: int, other: bytes, place: int) -> None:
    """Whatever is done to the path: any two of its checkpoints can both be true."""
    smaller, larger = sorted((first, second))
    path = prefix_path(smaller, larger, LOG.hashes) if smaller < larger else []
    changed = [*path[:place], other, *path[place + 1 :]]
    for shown in (path, changed, path[:-1], [*path, other]):
        assert not contradict(LOG.checkpoint(smaller), LOG.checkpoint(larger), tuple(shown))


def test_a_path_begins_with_what_a_proof_takes_for_known() -> None:
    """At a power of two the older root itself, else just the proof; and there must be something to show."""
    assert prefix_path(64, 80, LOG.hashes) == [LOG.checkpoint(64).root, *consistency_proof(64, 80, LOG.hashes)]
    assert prefix_path(63, 80, LOG.hashes) == consistency_proof(63, 80, LOG.hashes)
    assert prefix_roots(64, 64, [LOG.checkpoint(64).root]) is None
    assert prefix_roots(64, 80, []) is None
    with pytest.raises(ValueError, match="from 0 to 80"):
        prefix_path(0, 80, LOG.hashes)


def test_an_empty_tree_has_one_root() -> None:
    """A checkpoint of nothing with another root lies by itself."""
    empty = Checkpoint(LOG.key.name, 0, bytes(32))
    assert contradict(empty, LOG.checkpoint(), ())
    assert not contradict(SmallLog().checkpoint(), LOG.checkpoint(), ())


def test_it_must_be_two_of_one_log_that_is_believed() -> None:
    """Another log's checkpoint, or one that nobody signed, proves nothing."""
    good = conflict(38, 38)
    assert not contradict(LOG.checkpoint(38), replace(FORK.checkpoint(38), origin="tamani.test/other"), ())
    with pytest.raises(RefusedError, match=r"refused\.log\.signature"):
        replace(good, larger=FORK.note(38).replace(b"\n38\n", b"\n39\n")).verify(LOG.policy())


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{}",
        b'{"kind":"tamani/log-conflict@v2","checkpoints":["",""],"path":[]}',
        b'{"kind":"tamani/log-conflict@v1","checkpoints":["",""],"path":["A"]}',
        b'{"kind":"tamani/log-conflict@v1","checkpoints":["",""],"path":[7]}',
        b'{"kind":"tamani/log-conflict@v1","checkpoints":["",""],"path":["AAAA"]}',
        b'{"kind":"tamani/log-conflict@v1","checkpoints":[""],"path":[]}',
        b'{"path":"' + b"A" * 300_000 + b'"}',
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    """Form, version, hashes, size."""
    with pytest.raises(RefusedError, match=r"refused\.log\.conflict"):
        Conflict.parse(content)
