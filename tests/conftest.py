"""Fixtures for the tests of every room."""

from hypothesis import settings

from tests.browser import browser
from tests.databases import bare_url, databases, db, kind, own_url, stores

# The same examples in every run: a failure is a defect and never bad luck.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")

__all__ = ["bare_url", "browser", "databases", "db", "kind", "own_url", "stores"]
