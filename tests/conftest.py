"""Fixtures for the tests of every room."""

from tests.browser import browser
from tests.databases import bare_url, databases, db, kind, own_url, stores

__all__ = ["bare_url", "browser", "databases", "db", "kind", "own_url", "stores"]
