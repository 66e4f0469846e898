"""questions and answers

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

import store.tables

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = store.tables.UtcDateTime(timezone=True)
    op.create_table(
        "survey",
        sa.Column("send_key", sa.String(length=52), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scale", sa.String(length=8), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("changed_at", moment, nullable=True),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name=op.f("fk_survey_customer_id_customer")),
        sa.ForeignKeyConstraint(["send_key"], ["message.send_key"], name=op.f("fk_survey_send_key_message")),
        sa.PrimaryKeyConstraint("send_key", name=op.f("pk_survey")),
    )
    op.create_index(op.f("ix_survey_customer_id"), "survey", ["customer_id"], unique=False)
    op.create_index("ix_survey_name", "survey", ["name", "answered_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_survey_name", table_name="survey")
    op.drop_index(op.f("ix_survey_customer_id"), table_name="survey")
    op.drop_table("survey")
