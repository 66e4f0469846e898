"""parked events

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

import store.tables.columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parked",
        sa.Column("event_pk", store.tables.columns.serial(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("until", store.tables.columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_pk"], ["inbox.event_pk"], name=op.f("fk_parked_event_pk_inbox")),
        sa.PrimaryKeyConstraint("event_pk", name=op.f("pk_parked")),
    )
    op.create_index("ix_parked_name", "parked", ["kind", "value"])
    op.create_index("ix_parked_until", "parked", ["until"])
    op.create_index("ix_purchase_by_order", "purchase", ["order_id"])


def downgrade() -> None:
    op.drop_index("ix_purchase_by_order", "purchase")
    op.drop_table("parked")
