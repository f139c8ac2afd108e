"""`server.properties` of the embedded broker: one KRaft process, loopback, SASL/PLAIN, nothing allowed by default."""

from collections.abc import Mapping
from pathlib import Path

ADMIN = "admin"
LARGEST_RECORD = 4 * 1024 * 1024  # far above the 64 KiB of an event: the router must see what it refuses
JAAS = "org.apache.kafka.common.security.plain.PlainLoginModule required"


def jaas(passwords: Mapping[str, str]) -> str:
    """The broker's own login and every principal's password, on one line."""
    users = " ".join(f'user_{name}="{password}"' for name, password in sorted(passwords.items()))
    return f'{JAAS} username="{ADMIN}" password="{passwords[ADMIN]}" {users};'


def server_properties(logs: Path, host: str, port: int, controller_port: int, passwords: Mapping[str, str]) -> str:
    """The whole file. It holds passwords: write it with mode 0600."""
    rows = {
        **_roles(logs, host, port, controller_port),
        **_doors(passwords),
        **_single_machine(),
    }
    return "".join(f"{key}={value}\n" for key, value in rows.items())


def _roles(logs: Path, host: str, port: int, controller_port: int) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"BUS://{host}:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "inter.broker.listener.name": "BUS",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(logs),
    }


def _doors(passwords: Mapping[str, str]) -> dict[str, str]:
    """Who may enter: the controller's door too asks for a password, and only `admin` has one there."""
    return {
        "listener.security.protocol.map": "BUS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.bus.plain.sasl.jaas.config": jaas(passwords),
        "listener.name.controller.plain.sasl.jaas.config": jaas({ADMIN: passwords[ADMIN]}),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN}",
        "allow.everyone.if.no.acl.found": "false",
        "auto.create.topics.enable": "false",
    }


def _single_machine() -> dict[str, str]:
    """Sizes for one small machine. Internal topics have one copy, for there is one broker."""
    return {
        "message.max.bytes": str(LARGEST_RECORD),
        "default.replication.factor": "1",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "2",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "log.segment.bytes": str(64 * 1024 * 1024),
        "log.index.size.max.bytes": str(1024 * 1024),
        "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
        "num.network.threads": "2",
        "num.io.threads": "4",
        # After a crash the controller lets the broker in again only when its old session has expired (else 9 s).
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
    }
