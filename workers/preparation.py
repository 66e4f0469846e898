"""What has to be in order before `wayfare up` starts anything: its settings, the tables, the definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workers import folder
from workers.addresses import without_password
from workers.mistakes import UserMistake
from workers.settings import DEMO_SPEED, Settings
from workers.speed import parse_speed


@dataclass(frozen=True)
class Preparation:
    """Work to be done before anything starts; `run` returns the mistakes it found, `done` says that there were none."""

    run: Callable[[Settings], Sequence[str]]
    done: str


def standard_preparations(settings: Settings) -> tuple[Preparation, ...]:
    """What a real start needs: the tables, and the definitions in them."""
    return (
        Preparation(_migrate, "the store is ready"),
        Preparation(_publish, f"the definitions in {settings.definitions} are in order and published"),
    )


def for_a_start(settings: Settings, speed: str, no_demo: bool) -> Settings:
    """The settings of `wayfare up`: its options go before the environment, and a demonstration is fast unless told."""
    changes: dict[str, object] = {}
    demo = settings.demo and not no_demo
    if demo != settings.demo:
        changes["demo"] = demo
    if speed:
        try:
            changes["speed"] = parse_speed(speed)
        except ValueError as error:
            raise UserMistake(f"--speed {speed}: {error}") from None
    elif demo and "speed" not in settings.model_fields_set:
        changes["speed"] = DEMO_SPEED
    return settings.model_copy(update=changes)


def migrated(settings: Settings) -> None:
    """Bring the store's tables up to date, or say why they cannot be."""
    from sqlalchemy.exc import OperationalError

    from store.migrate import migrate

    if "database_url" not in settings.model_fields_set:
        folder.prepare(settings.data)  # the store is a file in it
    try:
        migrate(settings.database_url)
    except OperationalError as error:
        place, reason = without_password(settings.database_url), " ".join(str(error.orig).split())
        raise UserMistake(
            f"the store {place} cannot be opened. Is WAYFARE_DATABASE_URL right, and does it run? ({reason})"
        ) from None


def _migrate(settings: Settings) -> list[str]:
    migrated(settings)
    return []


def _publish(settings: Settings) -> list[str]:
    from workers.publish import publish

    return publish(settings)
