"""Who may open the console, and what they did there."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from store.tables.columns import UtcDateTime, json_column, metadata

staff = Table(
    "staff",
    metadata,
    Column("staff_id", String(32), primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("role", String(12), nullable=False),
    Column("teams", json_column(), nullable=False),
    Column("password_hash", String(200)),
    Column("subject", String(300), unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)
"""People who may sign in. ``password_hash`` is argon2's; ``subject`` is who they are to the company's own sign-in
(issuer and subject of OpenID Connect)."""

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.staff_id"), nullable=False, index=True),
    Column("how", String(12), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""Who is signed in: the SHA-256 of what their browser keeps, how they came in (password, link, oidc) and when."""

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.staff_id"), nullable=False, index=True),
    Column("until", UtcDateTime, nullable=False),
)
"""Links that sign somebody in once; used ones are gone."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(120), nullable=False),
    Column("what", String(40), nullable=False),
    Column("about", String(200), nullable=False),
    Column("customer_id", String(32)),
    Column("reason", Text, nullable=False),
    Column("detail", json_column(), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_about", "about", "number"),
    Index("ix_audit_who", "who", "number"),
)
"""What people did, in one row without gaps; each row's hash covers it and the hash before it."""
