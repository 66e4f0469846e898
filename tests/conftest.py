"""Fixtures for the tests of every room."""

from tests.databases import bare_url, databases, db, kind, own_url, stores

__all__ = ["bare_url", "databases", "db", "kind", "own_url", "stores"]
