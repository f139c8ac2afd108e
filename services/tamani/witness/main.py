"""Build a witness from its settings and run it."""

import asyncio
import contextlib
import time

import httpx
import structlog

from tamani.core.errors import DefectError
from tamani.core.log.policy import Policy, parse_policy
from tamani.runtime.note_keys import open_note_key
from tamani.runtime.sealed_key import read_passphrase
from tamani.runtime.serving import listen_on, serve_beside
from tamani.witness.api import build_app
from tamani.witness.service import Service, build_service
from tamani.witness.settings import WitnessSettings

log = structlog.get_logger(__name__)
TIMEOUT = 10.0


async def run(settings: WitnessSettings, stop: asyncio.Event) -> None:
    """Cosign, copy and watch until `stop`.

    Raises:
        DefectError: it cannot start (`failed.witness.policy`, `failed.keystore`, `failed.port`, `failed.settings`).
        Exception: a defect.
    """
    listener = listen_on(settings.host, settings.port)
    if settings.passphrase_file is None:
        raise DefectError("failed.settings", "TAMANI_WITNESS_PASSPHRASE_FILE")
    key = open_note_key(settings.key_path, read_passphrase(settings.passphrase_file))
    # Proxies of the environment are not ours: a witness reaches exactly who the policy names.
    with httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
        service = build_service(settings, key, read_policy(settings), client, lambda: int(time.time()))
        log.info("witness ready", country=settings.country, port=listener.getsockname()[1])
        await serve_beside(build_app(service), listener, stop, _watch(service, settings.watch_seconds, stop))


def read_policy(settings: WitnessSettings) -> Policy:
    """The policy in its file.

    Raises:
        DefectError: `failed.settings`, there is no such file.
        RefusedError: `refused.log.policy`.
    """
    try:
        return parse_policy(settings.log_policy.read_bytes())
    except OSError as error:
        raise DefectError("failed.settings", f"{settings.log_policy}: {error.strerror}") from error


async def _watch(service: Service, seconds: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await asyncio.to_thread(service.watch.look)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
