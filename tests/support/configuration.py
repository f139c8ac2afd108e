"""Every setting of every service as a page: `python -m tests.support.configuration` prints `docs/configuration.md`."""

import sys
from collections.abc import Iterator

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from tamani.archive.settings import ArchiveSettings
from tamani.desk.settings import DeskSettings
from tamani.node.settings import NodeSettings
from tamani.router.settings import RouterSettings
from tamani.runtime.settings import ServiceSettings
from tamani.witness.settings import WitnessSettings

SERVICES: dict[str, type[BaseSettings]] = {
    "Node": NodeSettings,
    "Router": RouterSettings,
    "Archive": ArchiveSettings,
    "Desk": DeskSettings,
    "Witness": WitnessSettings,
}
INTRO = """# Configuration

Each service reads its settings from the environment, each name with the service's prefix. Secrets are files, named by
a setting. `tamani up` sets all of this by itself.

The first table holds for every service but the witness: `TAMANI_NODE_KAFKA_BOOTSTRAP`, `TAMANI_DESK_KAFKA_BOOTSTRAP`
and so on.
"""


def page() -> str:
    """The whole page."""
    parts = [INTRO, "## Every service\n", *_table(ServiceSettings.model_fields)]
    for name, settings in SERVICES.items():
        shared = ServiceSettings.model_fields if issubclass(settings, ServiceSettings) else {}
        own = {k: f for k, f in settings.model_fields.items() if k not in shared}
        parts += [f"## {name}: `{settings.model_config['env_prefix']}…`\n", *_table(own)]
    return "\n".join(parts)


def _table(fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield "| name | default | meaning |\n|---|---|---|"
    for name, found in fields.items():
        default = "–" if found.default in (None, PydanticUndefined, ()) else f"`{found.default}`"
        yield f"| `{name.upper()}` | {default} | {found.description} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
