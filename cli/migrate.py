"""`wayfare migrate`: bring the store's tables up to date."""

from __future__ import annotations


def migrate() -> int:
    """Bring the store's tables up to date."""
    from workers.preparation import migrated
    from workers.settings import settings_in_force

    settings = settings_in_force()
    migrated(settings)
    print("the store is up to date")
    return 0
