"""notices keep their words and their turn

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("body", sa.Text(), nullable=True))
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_notice_turn",
        "notice",
        ["subscriber", "customer_id", "notice_pk"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    op.drop_index("ix_notice_turn", "notice")
    op.drop_column("notice", "body")
