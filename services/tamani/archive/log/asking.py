"""One request to one witness (C2SP tlog-witness), and what its answer means. Nothing in it is believed unseen."""

import asyncio
import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from tamani.core.errors import OutageError, RefusedError
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tamani.core.log.note import Note, Signature, VerifierKey
from tamani.core.log.policy import Party

# A witness may copy what is new before it cosigns.
DEADLINE = 40.0
LOOK = 5.0
MOST = 64 * 1024
# The last second that a calendar of ours can name: 9999-12-31.
LATEST = 253_402_300_799
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """Its cosignature and the time that it names (POSIX seconds); or, without one, the size that it knows."""

    size: int
    line: Signature | None = None
    time: int = 0


async def ask(client: httpx.AsyncClient, party: Party, old: int, proof: Sequence[bytes], note: str) -> Answer:
    """Ask it to go from `old` entries to this signed note.

    Raises:
        OutageError: `failed.witness`, it is away or not ready.
        RefusedError: `refused.witness.log` (it does not take ours), `.conflict` (it has another history), `.answer` (no
            answer of a witness), `.signature` (not its own).
    """
    lines = [f"old {old}", *(base64.b64encode(hash_).decode() for hash_ in proof), "", ""]
    body = "\n".join(lines).encode() + note.encode()
    status, content = await _exchange(client, "POST", f"{_base(party)}/add-checkpoint", DEADLINE, body)
    if status == httpx.codes.OK:
        return _cosignature(content, party.key, Note.parse(note.encode()))
    if status == httpx.codes.CONFLICT:
        match = _SIZE.fullmatch(content)
        if match is None:
            raise RefusedError("refused.witness.answer", "409 without a size")
        return Answer(int(match[1]))
    if status == httpx.codes.UNPROCESSABLE_ENTITY:
        raise RefusedError("refused.witness.conflict", str(old))
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise OutageError("failed.witness", str(status))
    code = "refused.witness.log" if status in {403, 404} else "refused.witness.answer"
    raise RefusedError(code, str(status))


async def signed_checkpoint(client: httpx.AsyncClient, party: Party, key: VerifierKey) -> Checkpoint | None:
    """What it serves as the newest checkpoint of our log; nothing if it serves none.

    Raises:
        OutageError: `failed.witness`.
        RefusedError: what it serves is not a checkpoint, or not signed by our key.
    """
    status, content = await _exchange(client, "GET", f"{_base(party)}/log/checkpoint", LOOK)
    if status != httpx.codes.OK:
        return None
    checkpoint, note = open_checkpoint(content)
    if key not in note.signed_by([key]):
        raise RefusedError("refused.log.origin", checkpoint.origin)
    return checkpoint


def _cosignature(content: bytes, key: VerifierKey, note: Note) -> Answer:
    try:
        lines = [Signature.parse(line) for line in content.decode().split("\n")[:-1]]
    except (RefusedError, UnicodeDecodeError) as error:
        raise RefusedError("refused.witness.answer", "200 without a signature") from error
    for line in lines:
        if (line.name, line.hint) == (key.name, key.hint):
            return _checked(line, key, note)
    raise RefusedError("refused.witness.signature", "none under its name")


def _checked(line: Signature, key: VerifierKey, note: Note) -> Answer:
    try:
        time = Note(note.text, (line,)).signed_by([key])[key]
    except RefusedError as error:
        raise RefusedError("refused.witness.signature", key.name) from error
    if not 0 < time <= LATEST:
        raise RefusedError("refused.witness.answer", f"time {time}")
    return Answer(0, line, time)


def _base(party: Party) -> str:
    return (party.url or "").rstrip("/")


async def _exchange(
    client: httpx.AsyncClient, method: str, url: str, seconds: float, body: bytes = b""
) -> tuple[int, bytes]:
    """Status and content of an answer, which may be neither long nor slow."""
    try:
        async with asyncio.timeout(seconds), client.stream(method, url, content=body, timeout=seconds) as answer:
            content = b""
            async for part in answer.aiter_raw():
                content += part
                if len(content) > MOST:
                    raise RefusedError("refused.witness.answer", f"more than {MOST} bytes")
            return answer.status_code, content
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise OutageError("failed.witness", type(error).__name__) from error
