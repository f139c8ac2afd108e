"""A log read over HTTP (C2SP tlog-tiles): the archive's own, or another witness's copy of it. Nothing is believed."""

import httpx

from tamani.core.errors import DefectError, OutageError
from tamani.core.log.leaf import MAX_LEAF
from tamani.core.log.merkle import Hashes
from tamani.core.log.note import MAX_NOTE
from tamani.core.log.tiles import ENTRIES, HASH, WIDTH, Tile, hashes_of, unbundle

MAX_BUNDLE = WIDTH * (2 + MAX_LEAF)


class Source:
    """One prefix, for example `http://127.0.0.1:8410/log`."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url.rstrip("/")
        self._client = client

    def checkpoint(self) -> bytes:
        """The newest checkpoint that it shows.

        Raises:
            OutageError: `failed.witness.source`, it does not answer.
            DefectError: `failed.witness.missing`, it has none, or too much.
        """
        return self._read("checkpoint", MAX_NOTE)

    def entries(self, tile: Tile) -> list[bytes]:
        """The entries of a bundle, as many as its width says.

        Raises:
            OutageError: `failed.witness.source`.
            DefectError: `failed.witness.missing`, it does not have them all.
        """
        content = self._wide(tile, MAX_BUNDLE)
        try:
            found = unbundle(content)[: tile.width]
        except ValueError as error:
            raise DefectError("failed.witness.missing", f"{self.url}/{tile.path}: {error}") from error
        if len(found) < tile.width or max(map(len, found)) > MAX_LEAF:
            raise DefectError("failed.witness.missing", f"{self.url}/{tile.path}: {len(found)}")
        return found

    def hashes(self, size: int) -> Hashes:
        """The subtrees of the tree of `size` entries, as its tiles tell; each call may raise what `entries` does."""
        return hashes_of(size, self._tile)

    def _tile(self, tile: Tile) -> bytes:
        content = self._wide(tile, WIDTH * HASH)[: tile.width * HASH]
        if len(content) < tile.width * HASH:
            raise DefectError("failed.witness.missing", f"{self.url}/{tile.path}: {len(content)}")
        return content

    def _wide(self, tile: Tile, most: int) -> bytes:
        """A tile, or the full one that has taken the place of a partial one (C2SP tlog-tiles, Partial Tiles)."""
        if tile.width == WIDTH:
            return self._read(tile.path, most)
        try:
            return self._read(tile.path, most)
        except DefectError:
            return self._read(Tile(tile.level, tile.index).path, most)

    def _read(self, path: str, most: int) -> bytes:
        """A file of at most so many bytes: what a log sends must not fill our memory."""
        content = bytearray()
        try:
            with self._client.stream("GET", f"{self.url}/{path}") as answer:
                if answer.status_code >= 500:
                    raise OutageError("failed.witness.source", f"{self.url}/{path}: HTTP {answer.status_code}")
                if answer.status_code != httpx.codes.OK:
                    raise DefectError("failed.witness.missing", f"{self.url}/{path}: HTTP {answer.status_code}")
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > most:
                        raise DefectError("failed.witness.missing", f"{self.url}/{path}: > {most}")
        except httpx.HTTPError as error:
            raise OutageError("failed.witness.source", f"{self.url}/{path}: {error}") from error
        return bytes(content)


def bundle_at(place: int, size: int) -> Tile:
    """The bundle in which the entry of this place stands, in a tree of `size` entries."""
    index = place // WIDTH
    return Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH))
