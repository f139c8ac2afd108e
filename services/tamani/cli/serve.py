"""`tamani serve …`: one service in this process, with the settings of the environment, until SIGTERM or Ctrl-C."""

import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from tamani.cli.say import Say
from tamani.core.names import Country

if TYPE_CHECKING:
    import asyncio

    from pydantic_settings import BaseSettings

    from tamani.runtime.settings import ServiceSettings
    from tamani.witness.settings import WitnessSettings

S = TypeVar("S", bound="ServiceSettings | WitnessSettings")
P = TypeVar("P", bound="BaseSettings")


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    serve = typer.Typer(no_args_is_help=True, help=say("Faire tourner un service.", "Run a service."))
    root.add_typer(serve, name="serve")
    _add_site(serve, say)
    _add_region(serve, say)
    _add_witness(serve, say)


def _add_site(serve: typer.Typer, say: Say) -> None:
    """A node, a desk, or both at one address."""
    country = typer.Option(None, help=say("Origine : bf, ml, ne ou rg.", "Origin: bf, ml, ne or rg."))
    node_name = typer.Option(None, help=say("Second nœud du pays (osc).", "Further node of the country (osc)."))
    host, port = _address(say)

    @serve.command(help=say("Le côté qui publie.", "The posting side."))
    def node(
        country: Country | None = country,
        node: str | None = node_name,
        host: str | None = host,
        port: int | None = port,
    ) -> None:
        with _loading():
            from tamani.node.main import run
            from tamani.node.settings import NodeSettings

        settings = load(NodeSettings, country=country, node=node, host=host, port=port)
        _run(f"node.{settings.name}", settings, run)

    @serve.command(help=say("Le côté qui lit.", "The reading side."))
    def desk(country: Country | None = country, host: str | None = host, port: int | None = port) -> None:
        with _loading():
            from tamani.desk.main import run
            from tamani.desk.settings import DeskSettings

        settings = load(DeskSettings, country=country, host=host, port=port)
        _run(f"desk.{settings.country}", settings, run)

    @serve.command(help=say("Nœud et bureau, une adresse.", "Node and desk, one address."))
    def site(
        country: Country | None = country,
        node: str | None = node_name,
        host: str | None = host,
        port: int | None = port,
    ) -> None:
        with _loading():
            from tamani.cli.site import run
            from tamani.desk.settings import DeskSettings
            from tamani.node.settings import NodeSettings

        settings = load(NodeSettings, country=country, node=node, host=host, port=port)
        reading = load(DeskSettings, country=settings.country)
        _run(f"site.{settings.name}", settings, lambda given, stop: run(given, reading, stop))


def _add_region(serve: typer.Typer, say: Say) -> None:
    """The two workers of the region."""

    @serve.command(help=say("L'agent qui juge et achemine.", "The agent that judges and routes."))
    def router() -> None:
        with _loading():
            from tamani.router.main import run_and_leave
            from tamani.router.settings import RouterSettings

        _run("router", load(RouterSettings), run_and_leave)

    @serve.command(help=say("Le registre régional et ses réponses.", "The regional ledger and its answers."))
    def archive() -> None:
        with _loading():
            from tamani.archive.main import run_and_leave
            from tamani.archive.settings import ArchiveSettings

        _run("archive", load(ArchiveSettings), run_and_leave)


def _add_witness(serve: typer.Typer, say: Say) -> None:
    """Who looks at the log for a country."""
    country = typer.Option(None, help=say("Pays : bf, ml ou ne.", "Country: bf, ml or ne."))
    host, port = _address(say)

    @serve.command(help=say("Le témoin du journal d'un pays.", "A country's witness of the log."))
    def witness(country: Country | None = country, host: str | None = host, port: int | None = port) -> None:
        with _loading():
            from tamani.witness.main import run
            from tamani.witness.settings import WitnessSettings

        settings = load(WitnessSettings, country=country, host=host, port=port)
        _run(f"witness.{settings.country}", settings, run)


def _address(say: Say) -> tuple[Any, Any]:
    """The options of a service that listens."""
    host = typer.Option(None, help=say("Adresse d'écoute.", "Address to listen on."))
    return host, typer.Option(None, help=say("Port d'écoute.", "Port to listen on."))


@contextmanager
def _loading() -> Iterator[None]:
    """A service's modules are never given back: nobody looks for garbage among them, now or later."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def load(kind: type[P], **given: Any) -> P:
    """Settings from the environment; what the command line gives wins.

    Raises:
        DefectError: `failed.settings`, with the variable and what is wrong.
    """
    from pydantic import ValidationError

    from tamani.core.errors import DefectError

    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        faults = (
            f"{prefix}{'_'.join(map(str, fault['loc']))}".upper() + f": {fault['msg']}" for fault in error.errors()
        )
        raise DefectError("failed.settings", "; ".join(faults)) from error


def _run(name: str, settings: S, run: "Callable[[S, asyncio.Event], Awaitable[None]]") -> None:
    from tamani.runtime.logging import setup_logging
    from tamani.runtime.process import run_until_stopped

    setup_logging(name, settings.log_level, settings.log_json)
    run_until_stopped(lambda stop: run(settings, stop))
