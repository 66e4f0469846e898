"""Bring the store's tables up to date (Alembic); the migrations travel with the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"


def config(url: str) -> Config:
    """Alembic's configuration for one database."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.attributes["url"] = url
    return settings


def migrate(url: str) -> None:
    """Upgrade to the newest tables, whole or not at all; nothing happens when they are there. Safe to run twice at the
    same time."""
    command.upgrade(config(url), "head")
