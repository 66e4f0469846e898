"""messages on the company's own site

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

import store.tables

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_message",
        sa.Column("send_key", sa.String(length=52), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("created_at", store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.customer_id"], name=op.f("fk_site_message_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("send_key", name=op.f("pk_site_message")),
    )
    op.create_index("ix_site_message_customer", "site_message", ["customer_id", "created_at", "send_key"])


def downgrade() -> None:
    op.drop_index("ix_site_message_customer", table_name="site_message")
    op.drop_table("site_message")
