"""declared events and customers

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import store.tables.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    content = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "declared_event",
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("content", content, nullable=False),
        sa.Column("published_at", store.tables.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event"),
    )
    op.create_table(
        "declared_customer",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", content, nullable=False),
        sa.Column("published_at", store.tables.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("declared_customer")
    op.drop_table("declared_event")
