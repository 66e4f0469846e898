"""commands in the sequence of deliveries; paused instances

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

import store.tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("command_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("refused", sa.String(length=300), nullable=True))
        batch_op.create_unique_constraint("uq_delivery_command_key", ["instance_id", "command_key"])

    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", store.tables.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_column("paused_at")

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint("uq_delivery_command_key", type_="unique")
        batch_op.drop_column("refused")
        batch_op.drop_column("command_key")
