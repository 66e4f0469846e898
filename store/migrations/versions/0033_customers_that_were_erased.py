"""customers that were erased

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

import store.tables

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("erased_at", store.tables.columns.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("customer", "erased_at")
