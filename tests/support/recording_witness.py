"""A witness for tests, over real HTTP: it checks as the specification says, keeps all that it was ever shown, and lies
on demand.

It is not the product's witness: that one has tests of its own. Here it stands for anybody's.
"""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tamani.core.log.merkle import verify_consistency
from tests.support.small_log import AT, WITNESSES, log_key

Answer = tuple[int, bytes]


@dataclass
class RecordingWitness:
    """A country's witness of one log. `answers` are given first, one a request, instead of the truth."""

    country: str
    origin: str = "tamani.test/log"
    answers: list[Answer] = field(default_factory=list)
    held: Checkpoint | None = None
    note: bytes | None = None
    shown: list[Checkpoint] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    # While this is not set, no request is answered.
    awake: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.awake.set()

    def add(self, body: bytes) -> Answer:
        """`add-checkpoint` of C2SP tlog-witness."""
        head, _, content = body.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        checkpoint, note = open_checkpoint(content)
        old = int(first.removeprefix("old "))
        with self._lock:
            self.asked.append(old)
            signed = log_key(self.origin).verifier in note.signed_by([log_key(self.origin).verifier])
            if not signed or checkpoint.origin != self.origin:
                return 403, b""
            self.shown.append(checkpoint)
            if self.answers:
                return self.answers.pop(0)
            return self._judge(old, checkpoint, [base64.b64decode(line) for line in lines], content)

    def _judge(self, old: int, checkpoint: Checkpoint, proof: list[bytes], content: bytes) -> Answer:
        size = self.held.size if self.held else 0
        if old != size:
            return 409, b"%d\n" % size
        root = self.held.root if self.held else Checkpoint("", 0, b"").root
        if size and not verify_consistency(size, checkpoint.size, proof, root, checkpoint.root):
            return 422, b""
        self.held, self.note = checkpoint, content
        return 200, f"{WITNESSES[self.country].sign(checkpoint.text, AT)}\n".encode()

    def get(self, path: str) -> Answer:
        """Its copy: here only the newest checkpoint that it has cosigned."""
        if path == "/log/checkpoint" and self.note is not None:
            return 200, self.note
        return 404, b""


@contextmanager
def witnessing(*witnesses: RecordingWitness) -> Iterator[None]:
    """Serve each at an address of its own."""
    servers = [_serve(witness) for witness in witnesses]
    try:
        yield
    finally:
        for witness, server in zip(witnesses, servers, strict=True):
            witness.awake.set()
            server.shutdown()
            server.server_close()


def _serve(witness: RecordingWitness) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            witness.awake.wait()
            self._tell(*witness.add(body))

        def do_GET(self) -> None:
            witness.awake.wait()
            self._tell(*witness.get(self.path))

        def _tell(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    witness.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
