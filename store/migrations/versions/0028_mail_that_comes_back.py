"""mail that comes back

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

import store.tables

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = store.tables.UtcDateTime(timezone=True)
    op.create_table(
        "incoming",
        sa.Column(
            "incoming_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("envelope_from", sa.String(length=320), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("send_key", sa.String(length=52), nullable=True),
        sa.Column("customer_id", sa.String(length=32), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.customer_id"], name=op.f("fk_incoming_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(["send_key"], ["message.send_key"], name=op.f("fk_incoming_send_key_message")),
        sa.PrimaryKeyConstraint("incoming_pk", name=op.f("pk_incoming")),
        sa.UniqueConstraint("digest", name=op.f("uq_incoming_digest")),
    )
    op.create_index(op.f("ix_incoming_customer_id"), "incoming", ["customer_id"], unique=False)
    op.create_index("ix_incoming_kind", "incoming", ["kind", "incoming_pk"], unique=False)
    op.create_index(op.f("ix_incoming_send_key"), "incoming", ["send_key"], unique=False)
    op.create_table(
        "soft_bounce",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("send_key", sa.String(length=52), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("mark", "send_key", name=op.f("pk_soft_bounce")),
    )


def downgrade() -> None:
    op.drop_table("soft_bounce")
    op.drop_index(op.f("ix_incoming_send_key"), table_name="incoming")
    op.drop_index("ix_incoming_kind", table_name="incoming")
    op.drop_index(op.f("ix_incoming_customer_id"), table_name="incoming")
    op.drop_table("incoming")
