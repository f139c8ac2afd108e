"""TCP ports for servers of tests: below those that the kernel hands to clients, so that a server which is killed and
started again finds its port as it left it.
"""

import random
from pathlib import Path

from tamani.embedded.ports import is_free

FIRST = 10_000
_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Distinct ports that nobody listens on, each given once by this process; another run draws its own at random."""
    drawn = random.SystemRandom()
    end = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    fresh: list[int] = []
    while len(fresh) < count:
        port = drawn.randrange(FIRST, end)
        if port not in _given and is_free(port):
            _given.add(port)
            fresh.append(port)
    return fresh
