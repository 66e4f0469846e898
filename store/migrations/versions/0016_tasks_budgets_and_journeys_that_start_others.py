"""tasks, budgets, and journeys that start others

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import store.tables.columns

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    content = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "task",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("effect_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form", content, nullable=False),
        sa.Column("outcomes", content, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", store.tables.columns.UtcDateTime(timezone=True)),
        sa.Column("outcome", sa.String(length=80)),
        sa.Column("answers", content),
        sa.Column("reason", sa.Text()),
        sa.Column("completed_by", sa.String(length=255)),
        sa.Column("opened_at", store.tables.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", store.tables.columns.UtcDateTime(timezone=True)),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name="fk_task_customer_id_customer"),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.instance_id"], name="fk_task_instance_id_instance"),
        sa.PrimaryKeyConstraint("task_id", name="pk_task"),
        sa.UniqueConstraint("instance_id", "effect_id", name="uq_task_instance_id"),
    )
    op.create_index("ix_task_customer", "task", ["customer_id", "opened_at"])
    open_only = sa.text("state = 'open'")
    op.create_index("ix_task_team", "task", ["team", "due_at"], sqlite_where=open_only, postgresql_where=open_only)
    op.create_table(
        "budget_use",
        sa.Column("use_pk", serial, autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("budget", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", store.tables.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("effect_id", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name="fk_budget_use_customer_id_customer"),
        sa.PrimaryKeyConstraint("use_pk", name="pk_budget_use"),
        sa.UniqueConstraint("instance_id", "effect_id", name="uq_budget_use_instance_id"),
    )
    op.create_index("ix_budget_use", "budget_use", ["customer_id", "budget", "key", "at"])
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("parent_effect", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("awaited", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("bound", sa.Boolean(), nullable=True))
        batch_op.create_unique_constraint("uq_instance_parent", ["parent_id", "parent_effect"])


def downgrade() -> None:
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_constraint("uq_instance_parent", type_="unique")
        batch_op.drop_column("bound")
        batch_op.drop_column("awaited")
        batch_op.drop_column("parent_effect")
        batch_op.drop_column("parent_id")
    op.drop_table("budget_use")
    op.drop_table("task")
