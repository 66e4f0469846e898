"""Settings come from the environment, and a wrong one says so itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.addresses import WHAT_A_MAIL_SERVER_IS, SmtpServer
from workers.mistakes import UserMistake
from workers.preparation import for_a_start
from workers.settings import DEMO_SPEED, Settings, SettingsError, secrets_in_force, unknown_settings


def problems(**env: str) -> list[str]:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment(env)
    return error.value.problems


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings.data == Path(".wayfare")
    assert settings.local_url == settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_url == f"sqlite+aiosqlite:///{Path.cwd()}/.wayfare/wayfare.db"
    assert settings.temporal_address == "127.0.0.1:7233" and settings.starts_temporal
    assert settings.smtp == SmtpServer("127.0.0.1", 1025, None, None, "none") and settings.starts_mailbox
    assert settings.speed == 1.0 and settings.demo and settings.task_queue == "journeys"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment({"WAYFARE_HTTP_PORT": "", "WAYFARE_SPEED": " "}) == Settings.from_environment({})


def test_defaults_follow_the_settings_they_depend_on() -> None:
    settings = Settings.from_environment(
        {"WAYFARE_DATA": "/srv/w", "WAYFARE_HTTP_PORT": "81", "WAYFARE_HTTP_HOST": "0.0.0.0", "WAYFARE_SMTP_PORT": "26"}
    )
    assert settings.local_url == settings.public_url == "http://127.0.0.1:81"
    assert settings.database_url == "sqlite+aiosqlite:////srv/w/wayfare.db"
    assert settings.smtp.port == 26


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WAYFARE_HTTP_PORT", "abc", "a port is a whole number from 1 to 65535"),
        ("WAYFARE_HTTP_PORT", "0", "a port is a whole number from 1 to 65535"),
        ("WAYFARE_HTTP_PORT", "8080.5", "a port is a whole number from 1 to 65535"),
        ("WAYFARE_SMTP_PORT", "65536", "a port is a whole number from 1 to 65535"),
        (
            "WAYFARE_TEMPORAL_PORT",
            "65000",
            "a whole number from 1 to 64535, because Temporal's own pages take the port 1000 above it",
        ),
        ("WAYFARE_HTTP_HOST", "a b", "a name is one word without spaces"),
        (
            "WAYFARE_PUBLIC_URL",
            "wayfare.example.com",
            "a web address begins with http:// or https://, such as https://wayfare.example.com",
        ),
        (
            "WAYFARE_DATABASE_URL",
            "mysql://h/d",
            "a database is sqlite:///path/to/file.db or postgresql://user:password@host:5432/name",
        ),
        (
            "WAYFARE_SMTP_URL",
            "ftp://mail.example.com",
            WHAT_A_MAIL_SERVER_IS,
        ),
        ("TEMPORAL_ADDRESS", "temporal", "an address is host:port, such as temporal.example.com:7233"),
        ("TEMPORAL_ADDRESS", "http://temporal:7233", "an address is host:port, such as temporal.example.com:7233"),
        ("TEMPORAL_NAMESPACE", "a b", "a name is one word without spaces"),
        ("WAYFARE_TASK_QUEUE", "a\tb", "a name is one word without spaces"),
        ("WAYFARE_DEMO", "maybe", "it is switched with 1 or 0"),
        (
            "WAYFARE_SPEED",
            "fast",
            "a speed is 'off', a number such as 8640, or an equation such as '1 day = 10 seconds'",
        ),
    ],
)
def test_a_bad_value_names_itself_and_what_would_be_right(name: str, value: str, sentence: str) -> None:
    assert problems(**{name: value}) == [f"{name}={value}: {sentence}"]


def test_all_bad_values_are_named_at_once() -> None:
    found = problems(WAYFARE_HTTP_HOST="a b", WAYFARE_SMTP_PORT="x", WAYFARE_DATA="/tmp", WAYFARE_SPEED="?")
    assert [sentence.partition("=")[0] for sentence in found] == [
        "WAYFARE_HTTP_HOST",
        "WAYFARE_SMTP_PORT",
        "WAYFARE_SPEED",
    ]


def test_a_bad_secret_is_not_shown() -> None:
    found = problems(
        WAYFARE_DATABASE_URL="mysql://me:hush@h/d", WAYFARE_SMTP_URL="http://me:hush@h", WAYFARE_API_KEY="h u"
    )
    assert len(found) == 3
    assert not any("hush" in sentence or "h u" in sentence for sentence in found)


def test_two_servers_cannot_have_one_port() -> None:
    assert problems(WAYFARE_SMTP_PORT="8080") == [
        "port 8080 is asked for twice, by WAYFARE_HTTP_PORT and by WAYFARE_SMTP_PORT: change one of them"
    ]
    assert "WAYFARE_TEMPORAL_PORT (Temporal's own pages" in problems(WAYFARE_HTTP_PORT="8233")[0]
    Settings.from_environment({"WAYFARE_HTTP_PORT": "8233", "TEMPORAL_ADDRESS": "t:7233"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:////srv/w.db", "sqlite+aiosqlite:////srv/w.db"),
        ("sqlite+aiosqlite:///w.db", "sqlite+aiosqlite:///w.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d", "postgresql+psycopg://u:p@h:5433/d"),
        ("postgresql+psycopg://postgres:@/d?host=/run/pg", "postgresql+psycopg://postgres:@/d?host=/run/pg"),
    ],
)
def test_the_store_may_be_named_in_the_usual_ways(written: str, meant: str) -> None:
    assert Settings.from_environment({"WAYFARE_DATABASE_URL": written}).database_url == meant


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail:2525", SmtpServer("mail", 2525, None, None, "auto")),
        ("smtp://mail", SmtpServer("mail", 25, None, None, "auto")),
        ("smtp://mail:2525?tls=none", SmtpServer("mail", 2525, None, None, "none")),
        ("smtp://mail:2525/?tls=starttls", SmtpServer("mail", 2525, None, None, "starttls")),
        ("smtp://me:p%40ss@mail", SmtpServer("mail", 587, "me", "p@ss", "starttls")),
        ("smtps://me:pass@mail", SmtpServer("mail", 465, "me", "pass", "implicit")),
    ],
)
def test_a_mail_server_gets_no_password_without_tls_unless_told_so(url: str, server: SmtpServer) -> None:
    settings = Settings.from_environment({"WAYFARE_SMTP_URL": url})
    assert settings.smtp == server and not settings.starts_mailbox


def test_an_unknown_variable_is_named_with_the_one_that_was_meant() -> None:
    env = {"WAYFARE_HTPP_PORT": "1", "WAYFARE_QUUX": "1", "WAYFARE_HTTP_PORT": "1", "PATH": "/bin"}
    assert unknown_settings(env) == [
        "WAYFARE_HTPP_PORT is not a setting and has no effect. Did you mean WAYFARE_HTTP_PORT?",
        "WAYFARE_QUUX is not a setting and has no effect. `wayfare settings` lists those there are.",
    ]


def test_every_setting_has_a_sentence_and_secrets_are_masked() -> None:
    env = {"WAYFARE_API_KEY": "hush", "WAYFARE_DATABASE_URL": "postgres://u:hush@h/d", "WAYFARE_HTTP_PORT": "81"}
    rows = {row.name: row for row in Settings.from_environment(env).rows()}
    assert all(row.sentence.endswith(".") and row.default for row in rows.values())
    assert "hush" not in repr(rows)
    assert rows["WAYFARE_DATABASE_URL"].value == "postgresql+psycopg://u:***@h/d"
    assert (rows["WAYFARE_HTTP_PORT"].value, rows["WAYFARE_HTTP_PORT"].given) == ("81", True)
    assert "hush" not in repr(Settings.from_environment(env))


def test_settings_survive_the_way_through_an_environment() -> None:
    env = {"WAYFARE_SPEED": "1d=10s", "WAYFARE_DEMO": "no", "WAYFARE_DATA": "/srv/w", "WAYFARE_SMTP_URL": "smtps://m"}
    settings = Settings.from_environment(env)
    assert Settings.from_environment(settings.environment()) == settings
    assert set(settings.environment()) == set(env)


def test_a_demonstration_is_fast_unless_told_and_everything_else_is_real_time() -> None:
    def speed(env: dict[str, str], option: str = "", no_demo: bool = False) -> float:
        return for_a_start(Settings.from_environment(env), option, no_demo).speed

    assert speed({}) == DEMO_SPEED
    assert speed({}, no_demo=True) == speed({"WAYFARE_DEMO": "0"}) == 1
    assert speed({"WAYFARE_SPEED": "off"}) == 1
    assert speed({"WAYFARE_SPEED": "7"}) == 7 and speed({"WAYFARE_SPEED": "7"}, "9x") == 9
    assert speed({"WAYFARE_DEMO": "0"}, "1d=10s") == DEMO_SPEED
    with pytest.raises(UserMistake, match="--speed fast: a speed is"):
        speed({}, "fast")


def test_secrets_of_upstream_systems_are_read_by_the_names_that_sources_give_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two with a space between them are both in force; their names are no unknown settings."""
    monkeypatch.setenv("WAYFARE_SECRET_SHOPIFY", "old new")
    monkeypatch.setenv("WAYFARE_SECRET_EMPTY", "")
    assert secrets_in_force()["WAYFARE_SECRET_SHOPIFY"] == ("old", "new")
    assert secrets_in_force()["WAYFARE_SECRET_EMPTY"] == ()
    assert unknown_settings({"WAYFARE_SECRET_SHOPIFY": "x"}) == []
    assert len(unknown_settings({"WAYFARE_SECRETS": "x"})) == 1
