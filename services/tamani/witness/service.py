"""The parts of one witness, put together: they share a database, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tamani.core.errors import DefectError
from tamani.core.log.note import NoteKey
from tamani.core.log.policy import Policy
from tamani.witness.cosigner import Cosigner
from tamani.witness.database import Database
from tamani.witness.metrics import Metrics
from tamani.witness.served import Served
from tamani.witness.settings import WitnessSettings
from tamani.witness.source import Source
from tamani.witness.watch import LOG, Watch


@dataclass(slots=True)
class Service:
    """What the HTTP side answers with."""

    settings: WitnessSettings
    database: Database
    cosigner: Cosigner
    watch: Watch
    served: Served
    metrics: Metrics = field(default_factory=Metrics)


def build_service(
    settings: WitnessSettings, key: NoteKey, policy: Policy, client: httpx.Client, now: Callable[[], int]
) -> Service:
    """A witness of the one log of a policy, with the key that the policy gives its country.

    Raises:
        DefectError: `failed.witness.policy`: the policy does not name this key, or not one log with its address.
    """
    party = policy.witnesses.get(settings.country)
    if party is None or party.key != key.verifier:
        raise DefectError("failed.witness.policy", f"witness {settings.country} {key.verifier}")
    if len({log.key.name for log in policy.logs}) != 1 or policy.logs[0].url is None:
        raise DefectError("failed.witness.policy", "log")
    sources = {LOG: Source(policy.logs[0].url, client)}
    others = {name: other.url for name, other in policy.witnesses.items() if other is not party and other.url}
    sources |= {name: Source(f"{url.rstrip('/')}/log", client) for name, url in others.items()}
    database = Database(settings.database_path)
    cosigner = Cosigner(
        database, key=key, policy=policy, source=sources[LOG], now=now, patience=settings.mirror_seconds
    )
    return Service(settings, database, cosigner, Watch(database, policy, sources, now), Served(database))
