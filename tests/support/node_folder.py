"""The folder of a real node: encrypted keys, tokens, the registry's last copy; and the environment to run it with."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tamani.core.names import Country, country_of
from tamani.node.keystore import LIGHT, save_key
from tamani.node.settings import NodeSettings
from tamani.runtime.tokens import TokenStore
from tests.support.notices import SOURCES, TRUSTED, key_of, registry_value

PASSPHRASE = b"une phrase pour les essais"


@dataclass
class NodeFolder:
    """One node's files."""

    folder: Path
    country: Country = Country.ML
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "passphrase").write_bytes(PASSPHRASE + b"\n")
        (self.folder / "registry.json").write_bytes(registry_value())
        store = TokenStore(self.folder / "tokens.sqlite")
        for source in SOURCES:
            if country_of(source) is self.country:
                save_key(self.folder / "keys", source, key_of(source), PASSPHRASE, LIGHT)
                self.tokens[source] = store.issue(source, "validated", "essai")

    def settings(self, kafka: dict[str, Any], **more: Any) -> NodeSettings:
        """Its settings, for a node in this process."""
        own = {"country": self.country, "data_dir": self.folder, "passphrase_file": self.folder / "passphrase"}
        return NodeSettings(**(kafka | own | {"registry_trust": TRUSTED, "port": 0} | more))

    def environment(self, kafka: dict[str, Any], port: int) -> dict[str, str]:
        """Its settings, for a process."""
        given = self.settings(kafka, port=port).model_dump(mode="json", exclude_none=True)
        given["registry_trust"] = json.dumps(given["registry_trust"])
        return {f"TAMANI_NODE_{name}".upper(): str(value) for name, value in given.items()} | {"PATH": "/usr/bin:/bin"}

    def bearer(self, source: str) -> dict[str, str]:
        """The header that speaks for a body."""
        return {"Authorization": f"Bearer {self.tokens[source]}"}
