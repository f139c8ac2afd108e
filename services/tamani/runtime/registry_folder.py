"""A folder in which a registry is kept and written: the newest bundle, all earlier ones, and the draft that waits.

It holds nothing secret: keys lie elsewhere, each with its officer. What is written is opened first, against the bundle
before it, so that a folder never holds what a site would refuse.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from tamani.core.errors import DefectError, RefusedError
from tamani.core.registry import Registry
from tamani.core.trust.bundle import Bundle, decode_bundle
from tamani.core.trust.metadata import fingerprint, read_metadata
from tamani.core.trust.opening import open_registry, read_signatures, write_signatures
from tamani.core.trust.tuf import Root
from tamani.core.trust.writing import Draft


class RegistryFolder:
    """One registry's files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def path(self) -> Path:
        """The newest bundle: what is published."""
        return self.folder / "registry.json"

    @property
    def value(self) -> bytes | None:
        """Its bytes, if there is one."""
        return self.path.read_bytes() if self.path.exists() else None

    @property
    def bundle(self) -> Bundle | None:
        """Its files, if there is one."""
        value = self.value
        return decode_bundle(value) if value is not None else None

    @property
    def trust(self) -> str:
        """The fingerprint of its first root (hex): what every site must be told by another way.

        Raises:
            RefusedError: `refused.registry.proposal`, there is none yet.
        """
        found = self.bundle or self.draft
        if found is None:
            raise RefusedError("refused.registry.proposal", str(self.folder))
        return fingerprint(read_metadata(found.roots[0], Root))

    def opened(self) -> Registry | None:
        """The newest registry, as a site opens it."""
        value = self.value
        return open_registry(value, (self.trust,)) if value is not None else None

    def history(self) -> list[Registry]:
        """Every version that was published here, the oldest first."""
        files = sorted((self.folder / "published").glob("*.json"))
        return [open_registry(file.read_bytes(), (self.trust,)) for file in files]

    def put(self, bundle: Bundle) -> Registry:
        """Take a bundle as the newest, if a site that holds ours would.

        Raises:
            RefusedError: why it would not.
        """
        value = bundle.encode()
        trust = fingerprint(read_metadata(bundle.roots[0], Root))
        found = open_registry(value, (trust,), self.opened())
        past = self.folder / "published"
        past.mkdir(parents=True, exist_ok=True)
        write_whole(past / f"{found.version:06}.json", value)
        write_whole(self.path, value)
        return found

    @property
    def _draft(self) -> Path:
        return self.folder / "draft.json"

    @property
    def draft(self) -> Draft | None:
        """What waits for signatures, if anything does.

        Raises:
            DefectError: `failed.settings`, the file is none of ours.
        """
        if not self._draft.exists():
            return None
        try:
            fields = json.loads(self._draft.read_bytes())
            signatures = read_signatures(fields.pop("signatures"))
            return Draft(roots=tuple(fields.pop("roots")), signatures=signatures, **fields)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DefectError("failed.settings", self._draft.name) from error

    def put_draft(self, draft: Draft) -> None:
        """Keep what waits."""
        fields = {name: value for name, value in asdict(draft).items() if name != "signatures"}
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = fields | {"signatures": write_signatures(draft.signatures)}
        write_whole(self._draft, json.dumps(whole, ensure_ascii=False, indent=1).encode())

    def drop_draft(self) -> None:
        """Nothing waits any more."""
        self._draft.unlink(missing_ok=True)


def write_whole(path: Path, value: bytes) -> None:
    """Aside and renamed: a crash leaves the old file or the new one."""
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
