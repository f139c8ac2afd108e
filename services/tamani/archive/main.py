"""Build an archive worker from its settings and run it."""

import asyncio
import socket
from pathlib import Path

import structlog

from tamani.archive.api import build_app
from tamani.archive.findings.voice import Voice, open_voice
from tamani.archive.log.steps import Hook, no_hook
from tamani.archive.log.work import Identity
from tamani.archive.settings import ArchiveSettings
from tamani.archive.work import Worker
from tamani.core.errors import DefectError, TamaniError
from tamani.core.log.policy import parse_policy
from tamani.runtime.clock import system_clock
from tamani.runtime.database import make_pool, through_outages
from tamani.runtime.logging import setup_logging
from tamani.runtime.migrate import upgrade
from tamani.runtime.note_keys import open_note_key
from tamani.runtime.process import run_until_stopped
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.registry_door import watch_registry
from tamani.runtime.sealed_key import read_passphrase
from tamani.runtime.sender import KafkaSender
from tamani.runtime.serving import listen_on, serve
from tamani.runtime.worker import StoppedError, leave, together, unless_stopped

log = structlog.get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: ArchiveSettings, stop: asyncio.Event, hook: Hook = no_hook) -> None:
    """Keep, publish and answer until `stop`. `hook` is called between any two effects of the log (`archive.log.steps`).

    Raises:
        TamaniError: it cannot start, or the database went back in time.
        Exception: a defect; the process must end, nothing under way was acknowledged.
    """
    identity, voice = open_identity(settings), own_voice(settings)
    listener = listen_on(settings.host, settings.port)
    conninfo = settings.conninfo
    await unless_stopped(stop, through_outages(lambda: asyncio.to_thread(upgrade, conninfo, MIGRATIONS), "migrations"))
    pool = make_pool(conninfo, "archive-api")
    await pool.open()
    registry = await RegistryHolder(settings, settings.registry_path).start()
    sender = KafkaSender(settings)
    worker = Worker(settings, registry, sender, pool, system_clock, identity, voice, hook)
    watch_registry(worker.metrics.registry, "archive", lambda: registry.current)
    log.info("archive ready", instance=settings.instance, port=listener.getsockname()[1])
    await together(work=worker.run(stop), http=_serve(worker, listener, stop))
    await registry.stop()
    await sender.stop()
    await pool.close()


def open_identity(settings: ArchiveSettings) -> Identity | None:
    """The log's key and policy; nothing if no key is set: then leaves are kept and nothing is signed.

    Raises:
        DefectError: `failed.settings` (they are not of one log), `failed.keystore`.
        RefusedError: `refused.log.policy` or `.key`.
    """
    if settings.log_key is None:
        log.warning("no key of the log: notices flow, unattested")
        return None
    if settings.passphrase_file is None or settings.log_policy is None:
        raise DefectError("failed.settings", "TAMANI_ARCHIVE_PASSPHRASE_FILE, TAMANI_ARCHIVE_LOG_POLICY")
    key = open_note_key(settings.log_key, read_passphrase(settings.passphrase_file))
    policy = parse_policy(_content(settings.log_policy))
    if key.name != settings.log_origin or key.verifier not in {party.key for party in policy.logs}:
        raise DefectError("failed.settings", f"TAMANI_ARCHIVE_LOG_ORIGIN, {key.name}, {settings.log_policy.name}")
    return Identity(key, policy)


def own_voice(settings: ArchiveSettings) -> Voice | None:
    """The key with which the archive tells what it finds; without one, findings are kept until there is one.

    Raises:
        DefectError: `failed.settings` (no passphrase), `failed.keystore`.
    """
    if settings.notice_key is None:
        log.warning("no key for notices of our own: what is found stays untold")
        return None
    if settings.notice_passphrase_file is None:
        raise DefectError("failed.settings", "TAMANI_ARCHIVE_NOTICE_PASSPHRASE_FILE")
    return open_voice(settings.notice_key, read_passphrase(settings.notice_passphrase_file))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DefectError("failed.settings", f"{path.name}: {error.strerror}") from error


async def _serve(worker: Worker, listener: socket.socket, stop: asyncio.Event) -> None:
    """HTTP ends before the work does; the work says when all has ended."""
    await serve(build_app(worker), listener, stop)
    await asyncio.Event().wait()


async def run_and_leave(settings: ArchiveSettings, stop: asyncio.Event) -> None:
    """`run`, and then the end of the process with a status: no thread of a library may keep a failed worker alive."""
    try:
        await run(settings, stop)
    except StoppedError:
        leave(0)
    except TamaniError as error:
        log.error("archive stopped", code=error.code.name, detail=error.detail)
        leave(1)
    except Exception as error:
        log.critical("archive failed", exc_info=error)
        leave(1)
    leave(0)


def main() -> int:
    """Run an archive worker with the settings of the environment."""
    settings = ArchiveSettings()
    setup_logging("archive", settings.log_level, settings.log_json)
    run_until_stopped(lambda stop: run_and_leave(settings, stop))
    return 0
