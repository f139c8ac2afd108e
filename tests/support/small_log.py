"""A small real log for tests: a tree in memory, signed with `core`, served over HTTP as the archive serves its own.

It grows, is rolled back, forks and lies, all under one key: what a host could do that has the key and no shame.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import consistency_proof, inclusion_proof, leaf_hash, node_hash, root_hash
from tamani.core.log.note import Kind, Note, NoteKey
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.log.proof import Proof
from tamani.core.log.tiles import ENTRIES, Tile, bundle, parse_path
from tamani.core.signing import SigningKey

AT = 1_800_000_000
HOST = "ne"


def log_key(origin: str = "tamani.test/log") -> NoteKey:
    """A log's key, always the same for a name."""
    return NoteKey(origin, Kind.NOTE, SigningKey.from_seed(hashlib.sha256(origin.encode()).digest()))


def witness_key(country: str) -> NoteKey:
    """A witness's key, always the same for a country."""
    name = f"tamani.test/witness/{country}"
    return NoteKey(name, Kind.COSIGNATURE, SigningKey.from_seed(hashlib.sha256(name.encode()).digest()))


WITNESSES = {country: witness_key(country) for country in ("bf", "ml", "ne")}


def leaf(number: int, kind: str = "event", reg: int = 1) -> Leaf:
    """An invented entry: the same for the same number."""
    return Leaf(hashlib.sha256(b"envelope %d" % number).digest(), reg, f"2026-03-02T09:{number % 60:02}:00Z", kind)


def policy_text(key: NoteKey, log_url: str | None = None, witness_urls: dict[str, str] | None = None) -> str:
    """A policy file: this log, hosted by `HOST`, and three witnesses of whom the two others are needed."""
    urls = witness_urls or {}
    lines = [f"log {key.verifier} {log_url or ''}".rstrip()]
    lines += [f"witness {cc} {key.verifier} {urls.get(cc, '')}".rstrip() for cc, key in WITNESSES.items()]
    others = " ".join(cc for cc in WITNESSES if cc != HOST)
    return "\n".join([*lines, f"group states 2 {others}", "quorum states", ""])


@dataclass
class SmallLog:
    """One tree under one key. What it serves is its newest published checkpoint, unless `answers` says otherwise."""

    key: NoteKey = field(default_factory=log_key)
    entries: list[bytes] = field(default_factory=list)
    # What is served instead of the truth, by path below the prefix; None is 404.
    answers: dict[str, bytes | None] = field(default_factory=dict)
    # Another tree that it shows in place of its own.
    shows: "SmallLog | None" = None
    published: bytes | None = None
    asked: list[str] = field(default_factory=list)
    _hashes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.entries)

    def append(self, count: int = 1, *leaves: Leaf, mark: str = "event") -> "SmallLog":
        """These leaves, or so many invented ones; another `mark` makes other ones."""
        made = leaves or [leaf(self.size + number, mark) for number in range(count)]
        self.entries += [bytes(one) for one in made]
        return self

    def fork(self, size: int) -> "SmallLog":
        """Another tree under the same key which agrees with this one on its first `size` entries."""
        return SmallLog(self.key, self.entries[:size])

    def hashes(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree (see `core.log.merkle.Hashes`)."""
        if level == 0:
            return leaf_hash(self.entries[index])
        if (level, index) not in self._hashes:
            below = self.hashes(level - 1, 2 * index), self.hashes(level - 1, 2 * index + 1)
            self._hashes[level, index] = node_hash(*below)
        return self._hashes[level, index]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """What is true at this size."""
        count = self.size if size is None else size
        return Checkpoint(self.key.name, count, root_hash(count, self.hashes))

    def note(self, size: int | None = None, *countries: str, time: int = AT) -> bytes:
        """The checkpoint at this size, signed by the log and by the witnesses of these countries."""
        return self.signed(self.checkpoint(size), *countries, time=time)

    def signed(self, checkpoint: Checkpoint, *countries: str, time: int = AT) -> bytes:
        """Any checkpoint under the log's key: a lie, if it is not one of its own."""
        note = Note(checkpoint.text, (self.key.sign(checkpoint.text),))
        return str(note.with_(*(WITNESSES[cc].sign(note.text, time) for cc in countries))).encode()

    def publish(self, *countries: str, size: int | None = None, time: int = AT) -> bytes:
        """Serve a checkpoint with these cosignatures from now on."""
        self.published = self.note(size, *countries, time=time)
        return self.published

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """The proof that the tree of `old` entries is the beginning of a later one."""
        return consistency_proof(old, self.size if size is None else size, self.hashes)

    def request(self, old: int, size: int | None = None) -> bytes:
        """The body of `add-checkpoint` (C2SP tlog-witness)."""
        lines = [f"old {old}", *(base64.b64encode(hash_).decode() for hash_ in self.consistency(old, size)), "", ""]
        return "\n".join(lines).encode() + self.note(size)

    def proof(self, index: int, note: bytes | None = None, size: int | None = None) -> Proof:
        """The file that proves an entry (C2SP tlog-proof), under the published checkpoint unless another is given."""
        found = note or self.published or self.publish()
        count = size or int(found.split(b"\n")[1])
        return Proof(index, tuple(inclusion_proof(index, count, self.hashes)), found, self.entries[index])

    def policy(self, log_url: str | None = None, witness_urls: dict[str, str] | None = None) -> Policy:
        """The policy under which it is believed."""
        return parse_policy(policy_text(self.key, log_url, witness_urls).encode())

    def answer(self, path: str) -> bytes | None:
        """What GET gives below the prefix; nothing is 404."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if self.shows is not None:
            return self.shows.answer(path)
        if path == "checkpoint":
            return self.published or self.publish()
        if path.startswith("proof/"):
            index = self._find(path.removeprefix("proof/"))
            return None if index is None else bytes(self.proof(index))
        tile = parse_path(path)
        return None if tile is None else self._tile(tile)

    def proofs(self, wanted: list[str]) -> bytes:
        """What POST `proofs` gives."""
        note = self.published or self.publish()
        found = [(env, self._find(env)) for env in wanted]
        rows = [None if index is None else self._row(env, index) for env, index in found]
        return json.dumps({"checkpoint": note.decode(), "proofs": rows}).encode()

    def _row(self, env: str, index: int) -> dict[str, object]:
        made = self.proof(index)
        path = [base64.b64encode(hash_).decode() for hash_ in made.path]
        return {"env": env, "index": index, "entry": self.entries[index].decode(), "path": path}

    def _find(self, env: str) -> int | None:
        size = int((self.published or self.publish()).split(b"\n")[1])
        places = (at for at, entry in enumerate(self.entries[:size]) if Leaf.parse(entry).env.hex() == env)
        return next(places, None)

    def _tile(self, tile: Tile) -> bytes | None:
        level = max(tile.level, 0)
        if tile.first + tile.width > self.size >> 8 * level:
            return None
        if tile.level == ENTRIES:
            return bundle(self.entries[tile.first : tile.first + tile.width])
        return b"".join(self.hashes(8 * level, tile.first + at) for at in range(tile.width))


def _handler(log: SmallLog) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply(log.answer(self.path.removeprefix("/log/")))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._reply(log.proofs(body["env"]) if self.path == "/log/proofs" else None)

        def _reply(self, body: bytes | None) -> None:
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json" if self.path == "/log/proofs" else "text/plain")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """The test's output is the test's."""

    return Handler


@contextmanager
def serving(log: SmallLog, port: int = 0) -> Iterator[str]:
    """Serve a log on this machine, in a thread; gives its prefix, `http://127.0.0.1:PORT/log`."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(log))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/log"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
