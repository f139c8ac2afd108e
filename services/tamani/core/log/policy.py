"""Whose word counts (C2SP tlog-policy): the logs that are believed, the witnesses, and which of them are enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tamani.core.log.note import Kind, Note, Signature, VerifierKey

NONE = "none"
MOST = 64


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness: its key, and where it is reached, if the policy says."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members (witnesses or groups)."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint that a believed log signed, who cosigned it (name → POSIX seconds), and whether that is enough."""

    checkpoint: Checkpoint
    note: Note
    witnesses: Mapping[str, int]
    attested: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """What a file of the specification says."""

    logs: tuple[Party, ...]
    witnesses: Mapping[str, Party]
    groups: Mapping[str, Group]
    quorum: str

    def see(self, content: bytes) -> Seen:
        """A checkpoint as its bytes came: of a log of ours, with the cosignatures that hold.

        Raises:
            RefusedError: `refused.log.note`, `.checkpoint`, `.signature`, or `.origin`: no log of ours signed it.
        """
        checkpoint, note = open_checkpoint(content)
        keys = [log.key for log in self.logs if log.key.name == checkpoint.origin]
        if not note.signed_by(keys):
            raise RefusedError("refused.log.origin", checkpoint.origin)
        held = note.signed_by(party.key for party in self.witnesses.values())
        times = {name: held[party.key] for name, party in self.witnesses.items() if party.key in held}
        return Seen(checkpoint, note, times, self.is_enough(frozenset(times)))

    def knows(self, line: Signature) -> bool:
        """Whether a line under a note says to be of a log or a witness of ours; whether it holds, `see` tells."""
        parties = (*self.logs, *self.witnesses.values())
        return any((line.name, line.hint) == (party.key.name, party.key.hint) for party in parties)

    def is_enough(self, names: frozenset[str]) -> bool:
        """Whether these witnesses make up the quorum."""
        return self.quorum == NONE or self._holds(self.quorum, names)

    def enough_at(self, times: Mapping[str, int]) -> int | None:
        """When the last of those that make up the quorum signed (name → POSIX seconds); nothing while they do not."""
        for time in sorted(times.values()):
            if self.is_enough(frozenset(name for name, said in times.items() if said <= time)):
                return time
        return None

    def _holds(self, name: str, names: frozenset[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in names
        return sum(self._holds(member, names) for member in group.members) >= group.threshold


def parse_policy(content: bytes) -> Policy:
    """The policy in a file.

    Raises:
        RefusedError: `refused.log.policy`, with the line; `refused.log.key`.
    """
    reading = _Reading()
    for number, line in enumerate(_text(content).split("\n"), 1):
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if words and not words[0].startswith("#"):
            try:
                reading.take(words)
            except (ValueError, IndexError, KeyError) as error:
                raise RefusedError("refused.log.policy", f"{number}: {line.strip()[:80]}") from error
    return reading.done()


def _text(content: bytes) -> str:
    """Octets above ASCII are opaque to the specification; ours must be UTF-8, as it advises."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise RefusedError("refused.log.policy", "not UTF-8") from error
    if any((sign < " " and sign not in "\t\n") or sign == "\x7f" for sign in text):
        raise RefusedError("refused.log.policy", "control character")
    return text


class _Reading:
    """A policy while its lines are read, each of which may name only what stands above it."""

    def __init__(self) -> None:
        self._logs: list[Party] = []
        self._witnesses: dict[str, Party] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum: str | None = None

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                self._logs.append(self._party(vkey, url, Kind.NOTE))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._named(name)
                self._witnesses[name] = self._party(vkey, url, Kind.COSIGNATURE)
            case ["group", name, count, *members]:
                self._named(name)
                self._groups[name] = self._group(count, members)
            case ["quorum", name] if self._quorum is None and (name == NONE or self._known(name)):
                self._quorum = name
            case _:
                raise ValueError(words[0])

    def done(self) -> Policy:
        if self._quorum is None:
            raise RefusedError("refused.log.policy", "quorum")
        return Policy(tuple(self._logs), self._witnesses, self._groups, self._quorum)

    def _party(self, vkey: str, url: list[str], kind: Kind) -> Party:
        key = VerifierKey.parse(vkey)
        same = (party.key.public for party in chain(self._logs, self._witnesses.values()))
        if key.kind is not kind or key.public in same:
            raise ValueError(vkey)
        return Party(key, url[0] if url else None)

    def _named(self, name: str) -> None:
        if name == NONE or self._known(name) or len(self._witnesses) + len(self._groups) >= MOST:
            raise ValueError(name)

    def _known(self, name: str) -> bool:
        return name in self._witnesses or name in self._groups

    def _group(self, count: str, members: list[str]) -> Group:
        """Each name may be a member once in the whole file, so that no witness counts twice."""
        fresh = set(members)
        if len(fresh) != len(members) or fresh & self._members or not all(map(self._known, members)):
            raise ValueError(members)
        threshold = {"all": len(members), "any": 1}.get(count) or int(count)
        if not 1 <= threshold <= len(members) or (count.isdigit() and str(threshold) != count):
            raise ValueError(count)
        self._members |= fresh
        return Group(threshold, tuple(members))
