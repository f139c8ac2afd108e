"""What the software costs, measured on real Kafka and PostgreSQL."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
