"""Who is on which journey, and what each one hears."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from store.tables.columns import UtcDateTime, json_column, metadata

RUNNING = "state = 'running'"
UNHEARD = "state = 'running' AND acked_seq < next_seq - 1"
"""A running instance with deliveries that it has not applied. Asked in these very words, or no index answers: SQLite
turns a comparison round to begin with the bare column, and then does not know it again."""

instance = Table(
    "instance",
    metadata,
    Column("instance_id", String(32), primary_key=True),
    Column("journey", String(80), nullable=False),
    Column("def_hash", ForeignKey("definition.hash"), nullable=False),
    Column("customer_id", ForeignKey("customer.customer_id"), nullable=False),
    Column("entry_key", String(200), nullable=False),
    Column("entry", json_column(), nullable=False),
    Column("state", String(12), nullable=False),
    Column("outcome", String(80)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("next_seq", Integer, nullable=False),
    Column("acked_seq", Integer, nullable=False),
    Column("rung_at", UtcDateTime),
    Column("step", String(80)),
    Column("doing", String(300)),
    Column("wake_at", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("trouble", String(500)),
    Column("clock_due", UtcDateTime),
    Column("clock_over", Boolean),
    Column("snapshot", json_column()),
    Column("told", json_column()),
    Column("parent_id", String(32)),
    Column("parent_effect", String(120)),
    Column("awaited", Boolean),
    Column("bound", Boolean),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(
        "uq_instance_running",
        "journey",
        "customer_id",
        "entry_key",
        unique=True,
        sqlite_where=text(RUNNING),
        postgresql_where=text(RUNNING),
    ),
    UniqueConstraint("parent_id", "parent_effect", name="uq_instance_parent"),
    Index("ix_instance_customer", "customer_id", "state"),
    Index(
        "ix_instance_key",
        "journey",
        "entry_key",
        sqlite_where=text(RUNNING),
        postgresql_where=text(RUNNING),
    ),
    Index("ix_instance_entry", "journey", "customer_id", "entry_key", "started_at"),
    Index("ix_instance_list", "state", "started_at", "instance_id"),
    Index("ix_instance_journey", "journey", "state", "started_at", "instance_id"),
    Index("ix_instance_outcome", "journey", "state", "outcome"),
    Index(
        "ix_instance_trouble",
        "state",
        "started_at",
        "instance_id",
        sqlite_where=text("trouble IS NOT NULL"),
        postgresql_where=text("trouble IS NOT NULL"),
    ),
    Index("ix_instance_due", "state", "wake_at"),
    Index(
        "ix_instance_clock",
        "clock_due",
        sqlite_where=text("clock_due IS NOT NULL"),
        postgresql_where=text("clock_due IS NOT NULL"),
    ),
    Index(
        "ix_instance_clock_over",
        "state",
        "started_at",
        "instance_id",
        sqlite_where=text("clock_over"),
        postgresql_where=text("clock_over"),
    ),
    Index("ix_instance_step", "journey", "state", "step", "started_at", "instance_id"),
    Index(
        "ix_instance_unheard",
        "state",
        "rung_at",
        sqlite_where=text(UNHEARD),
        postgresql_where=text(UNHEARD),
    ),
)
"""One customer's run of one journey. States: running, ending (from outside; its workflow does not know yet), ended.
``snapshot`` is enough to begin again without Temporal; ``told`` are the customer's fields that its conditions follow,
as it was last told of them. ``clock_due`` is when the first of its clocks is over, ``clock_over`` whether one is. One
that another instance started names it and the effect (``parent_``): its end is told to it if that is ``awaited``, and
it is cancelled with it if it is ``bound`` to it."""

delivery = Table(
    "delivery",
    metadata,
    Column("instance_id", ForeignKey("instance.instance_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("event_pk", ForeignKey("inbox.event_pk")),
    Column("content", json_column(), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("command_key", String(64)),
    Column("refused", String(300)),
    UniqueConstraint("instance_id", "event_pk"),
    UniqueConstraint("instance_id", "command_key", name="uq_delivery_command_key"),
    Index("ix_delivery_event", "event_pk"),
)
"""What each instance receives, in one dense sequence from 1. Kinds: entry, event, command. ``command_key`` makes
placing a command again harmless; ``refused`` says why one did not fit (applied and not refused: done)."""
