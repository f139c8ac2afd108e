"""The OpenAPI documents of node, desk and archive, taken from the applications themselves, and all other schemas.

The applications are built as their services build them, in a folder that is gone afterwards; nothing is started and
nothing is connected to, for a description needs neither a database nor a broker.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI

from tamani.core.asyncapi import describe_bus
from tamani.core.names import Country
from tamani.core.schemas import documents, lifecycles
from tamani.runtime.topics import plan_document


def everything() -> dict[str, str]:
    """File name to text: what `schemas/` holds, but for `topics.yaml` and the examples."""
    bus = {"asyncapi.json": _text(describe_bus(plan_document())), "lifecycles.json": lifecycles()}
    with TemporaryDirectory(prefix="tamani-schema-") as folder:
        apps = {"node": _node(Path(folder)), "desk": _desk(Path(folder)), "archive": _archive(Path(folder))}
        described = {f"openapi/{name}.json": _text(_stable(app)) for name, app in apps.items()}
    return documents() | bus | described


def _stable(app: FastAPI) -> dict[str, object]:
    """The description without what changes with each release of the software."""
    found: dict[str, object] = app.openapi()
    return found | {"info": {"title": app.title, "version": "1"}}


def _node(folder: Path) -> FastAPI:
    from tamani.node.main import build
    from tamani.node.settings import NodeSettings

    return build(NodeSettings(country=Country.ML, data_dir=folder)).app


def _desk(folder: Path) -> FastAPI:
    from tamani.desk.app import build_app
    from tamani.desk.database import Database
    from tamani.desk.service import make_desk
    from tamani.desk.settings import DeskSettings
    from tamani.runtime.registry import RegistryHolder

    settings = DeskSettings(country=Country.ML, data_dir=folder, archive_url=None)
    registry = RegistryHolder(settings, settings.registry_path)
    return build_app(make_desk(settings, Database(settings.conninfo), registry, None))


def _archive(folder: Path) -> FastAPI:
    from tamani.archive.api import build_app
    from tamani.archive.settings import ArchiveSettings
    from tamani.archive.work import Worker
    from tamani.runtime.clock import system_clock
    from tamani.runtime.database import make_pool
    from tamani.runtime.registry import RegistryHolder
    from tamani.runtime.sender import KafkaSender

    settings = ArchiveSettings(data_dir=folder)
    registry = RegistryHolder(settings, settings.registry_path)
    pool = make_pool(settings.conninfo, "schema")
    return build_app(Worker(settings, registry, KafkaSender(settings), pool, system_clock))


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
