"""the ways to the providers

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

import store.tables


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lane",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("trying", sa.String(length=52), nullable=True),
        sa.Column("tokens", sa.Float(), nullable=True),
        sa.Column("tokens_at", store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("sent_that_day", sa.Integer(), server_default="0", nullable=False),
        sa.Column("drainer", sa.String(length=32), nullable=True),
        sa.Column("drains_until", store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lane")),
    )


def downgrade() -> None:
    op.drop_table("lane")
