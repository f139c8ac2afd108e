"""Requests that an OpenAPI document allows, and some that it does not, drawn by schemathesis, sent by our client."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode


def cases_of(document: dict[str, Any], each: int) -> Iterator[Any]:
    """So many requests for each operation of the document, the same at every run."""
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a faulty document ends the test
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            yield from _drawn(operation.as_strategy(generation_mode=mode), each)


def _drawn(strategy: Any, each: int) -> list[Any]:
    drawn: list[Any] = []

    @settings(
        max_examples=each,
        phases=[Phase.generate],
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(case: Any) -> None:
        drawn.append(case)

    # An operation without parameters cannot be asked wrongly.
    with contextlib.suppress(Unsatisfiable):
        draw()
    return drawn


async def fives(client: httpx.AsyncClient, cases: Iterator[Any]) -> tuple[int, list[str]]:
    """How many requests were answered, and those answered with 5xx, as commands to try again."""
    count, failed = 0, []
    for case in cases:
        told: dict[str, Any] = case.as_transport_kwargs(base_url=str(client.base_url))
        wanted: dict[str, Any] = {
            name: told[name] for name in ("method", "url", "params", "json", "headers") if name in told
        }
        wanted |= {"content": told["data"]} if "data" in told else {}
        try:
            answer = await client.request(**wanted)
        except (httpx.InvalidURL, UnicodeEncodeError):
            continue  # no client can send this
        count += 1
        if answer.status_code >= 500:
            failed.append(f"{answer.status_code} {case.as_curl_command()}")
    return count, failed
