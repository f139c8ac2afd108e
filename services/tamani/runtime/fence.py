"""Hold an aiokafka client to the one cluster that it first met.

A broker whose data directory was lost comes back at the same address with another cluster id, empty. A client that
reconnects by itself would write on as if nothing had happened, ahead of what was lost; and a reader would go on from an
offset of the old log. So each new connection is asked for the cluster id before anything else travels on it.
"""

import asyncio
from typing import Any
from weakref import WeakSet

from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest


class ClusterFence:
    """Set `lost` and give out no connection as soon as one leads to another cluster than the first."""

    def __init__(self, client: Any) -> None:
        # aiokafka has no public hook between "connected" and "first request"; every request passes through this one.
        self._connect = client._get_conn
        client._get_conn = self._checked
        self._client = client
        self._met: WeakSet[Any] = WeakSet()
        self.cluster_id: str | None = None
        self.lost = asyncio.Event()
        self.closed = False

    def close(self) -> None:
        """Give out no connection any more, and drop those that are open: what is in flight fails at once."""
        self.closed = True
        for connection in tuple(self._client._conns.values()):
            connection.close()

    async def _checked(self, node_id: Any, **options: Any) -> Any:
        if self.closed:
            return None
        connection = await self._connect(node_id, **options)
        if connection is None or connection in self._met:
            return connection
        if not await self._same_cluster(connection):
            connection.close()
            return None
        self._met.add(connection)
        return connection

    async def _same_cluster(self, connection: Any) -> bool:
        try:
            found = (await connection.send(MetadataRequest([]))).cluster_id
        except (KafkaError, OSError, TimeoutError):
            return False
        self.cluster_id = self.cluster_id or found
        if found != self.cluster_id:
            self.lost.set()
        return bool(found == self.cluster_id)
