"""Who the customers are."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from store.tables.columns import UtcDateTime, json_column, metadata, serial

customer = Table(
    "customer",
    metadata,
    Column("customer_id", String(32), primary_key=True),
    Column("external_id", String(255)),
    Column("email", String(320)),
    Column("name", String(255)),
    Column("phone", String(64)),
    Column("locale", String(35)),
    Column("time_zone", String(64)),
    Column("first_name", String(120)),
    Column("last_name", String(120)),
    Column("birth_date", String(10)),
    Column("gender", String(40)),
    Column("address", json_column()),
    Column("organisation_id", ForeignKey("organisation.organisation_id")),
    Column("attributes", json_column(), nullable=False),
    Column("tags", json_column(), nullable=False),
    Column("said", json_column(), nullable=False, server_default=text("'{}'")),
    Column("derived", json_column(), nullable=False, server_default=text("'{}'")),
    Column("ruled_by", String(64), nullable=False, server_default=""),
    Column("due_at", UtcDateTime),
    Column("merged_into", String(32)),
    Column("erased_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_customer_created", "created_at", "customer_id"),
    Index("ix_customer_email", "email"),
    Index("ix_customer_ruled_by", "ruled_by", "customer_id"),
    Index(
        "ix_customer_due",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index("ix_customer_organisation", "organisation_id", "name"),
    Index("ix_customer_external_id", "external_id"),
)
"""One row a customer. ``said`` holds the moment at which each value was said, ``derived`` what follows from the rows of
other tables (``store.derived``), so that no condition has to count: by the rules of ``ruled_by`` (a hash), to be asked
again at ``due_at``. A row that was merged into another stays as it was, so that it can be taken back; ``merged_into``
leads on. Of one that was erased (``erased_at``) nothing else is left."""

customer_alias = Table(
    "customer_alias",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False, index=True),
)
"""By what a customer is known: kind ``id`` (the shop's own), ``email`` (lower case), ``phone`` (digits) or
``anonymous``."""

customer_merge = Table(
    "customer_merge",
    metadata,
    Column("merge_id", String(32), primary_key=True),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("other_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("before", json_column(), nullable=False),
    Column("up_to_event", serial(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("merged_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Index("ix_customer_merge_customer", "customer_id", "merged_at"),
    Index("ix_customer_merge_other", "other_id", "merged_at"),
)
"""Two customers that turned out to be one: ``other_id`` became part of ``customer_id``. ``before`` is the latter's
record as it was, ``up_to_event`` the last event of that time."""

customer_merge_row = Table(
    "customer_merge_row",
    metadata,
    Column("row_pk", serial(), primary_key=True, autoincrement=True),
    Column("merge_id", ForeignKey("customer_merge.merge_id"), nullable=False, index=True),
    Column("table_name", String(63), nullable=False),
    Column("row_key", json_column(), nullable=False),
)
"""The rows that a merge moved from one customer to the other, each by its primary key: an undo moves them back."""
