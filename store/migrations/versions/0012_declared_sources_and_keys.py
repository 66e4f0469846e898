"""declared sources, and keys

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import store.tables.columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "declared_source",
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("published_at", store.tables.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    names = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", names, nullable=False),
        sa.Column("sources", names, nullable=False),
        sa.Column("types", names, nullable=False),
        sa.Column("per_second", sa.Float(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", store.tables.columns.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", store.tables.columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_index("ix_api_key_source", "api_key", ["source", "revoked_at"])


def downgrade() -> None:
    op.drop_table("api_key")
    op.drop_table("declared_source")
