"""Full-text search: French and English by their stems, other languages by their words, all without accents.

The rows for what is there already are made by the desk when it starts (`indexing.py`).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
CONFIGS = {"tamani_fr": ("french", "french_stem"), "tamani_en": ("english", "english_stem")}


def upgrade() -> None:
    """Dictionaries, table and index."""
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    for name, (base, stem) in {**CONFIGS, "tamani_plain": ("simple", "simple")}.items():
        op.execute(f"CREATE TEXT SEARCH CONFIGURATION {name} (COPY = {base})")
        op.execute(
            f"ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR hword, hword_part, word WITH unaccent, {stem}"
        )
    op.create_table(
        "search",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lexemes", TSVECTOR, nullable=False),
    )
    op.create_index("search_lexemes", "search", ["lexemes"], postgresql_using="gin")
