"""The company: its name, the sender of its mail, its time zone and its teams (``definitions/company.yaml``)."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from journey.declared.source import SECRET
from journey.model import Frozen
from journey.time import zones

ADDRESS = r"^[^@\s<>,;]+@[^@\s<>,;]+$"
SENDER = r"^[^<>\r\n]*<[^@\s<>]+@[^@\s<>]+>$|^[^@\s<>]+@[^@\s<>]+$"
WEBSITE = r"^https?://\S+$"
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

Address = Annotated[str, Field(min_length=3, max_length=320, pattern=ADDRESS)]


NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
HOUR = r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"

Skill = Annotated[str, Field(min_length=1, max_length=80, pattern=NAME)]


def address_of(sender: str) -> str:
    """The bare address of ``Name <address>``."""
    return sender.rpartition("<")[2].removesuffix(">") if "<" in sender else sender


class Team(Frozen):
    """People who can be told something."""

    title: Annotated[str, Field(min_length=1, max_length=100, description="the team's name for people")]
    email: Annotated[Address, Field(description="where its mail goes")]
    alert: Annotated[
        str | None,
        Field(
            pattern=SECRET,
            description="where it is alerted besides (chat, pager): the environment variable that holds the address",
            examples=["WAYFARE_SECRET_CARE_ALERTS"],
        ),
    ] = None
    assign: Annotated[
        Literal["by hand", "round robin", "least loaded"],
        Field(description="who gets its tasks: by hand (whoever claims one), round robin or least loaded"),
    ] = "by hand"
    digest: Annotated[
        str | None, Field(pattern=HOUR, description="when its daily list of what is due is mailed: 8:30")
    ] = None
    calendar: Annotated[
        str | None, Field(description="whose days and clock the digest keeps; without it the company's calendar")
    ] = None


class Person(Frozen):
    """A member of the staff: somebody who gets tasks."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="the name for people")]
    email: Annotated[Address, Field(description="where this person's mail goes")]
    teams: Annotated[tuple[str, ...], Field(min_length=1, description="the teams this person works for")]
    skills: Annotated[tuple[Skill, ...], Field(description="what this person can do, each in one word")] = ()
    away: Annotated[bool, Field(description="true: gets no new tasks by rule")] = False


class Company(Frozen):
    """Who sends, and who can be told."""

    company: Annotated[str, Field(min_length=1, max_length=100, description="the company's name")]
    mail_from: Annotated[
        str, Field(alias="mail from", max_length=400, pattern=SENDER, description="the sender: Name <address>")
    ]
    reply_to: Annotated[Address | None, Field(alias="reply to", description="where answers go")] = None
    returns: Annotated[
        Address | None,
        Field(
            description="where letters come back to (bounces, and replies if it is the same as reply to): an address"
            " whose mail your mail server hands to Wayfare's door; each letter gets its own form, name+token@domain"
        ),
    ] = None
    track: Annotated[
        tuple[Literal["clicks", "opens"], ...],
        Field(description="what is noted of letters: clicks (followed links), opens; nothing if it is left out"),
    ] = ()
    website: Annotated[str, Field(max_length=300, pattern=WEBSITE, description="the web address")] = (
        "https://www.example.org"
    )
    time_zone: Annotated[str, Field(alias="time zone", description="an IANA zone, for example Europe/Berlin")] = "UTC"
    language: Annotated[str, Field(pattern=LANGUAGE, description="the language of the texts, for example en")] = "en"
    calendar: Annotated[
        str | None, Field(description="what business time is counted in: the name of a file in definitions/calendars")
    ] = None
    teams: Annotated[
        dict[str, Team], Field(description="the teams that journeys can tell something, each by its name")
    ] = Field(default_factory=dict)

    staff: Annotated[
        dict[Annotated[str, Field(pattern=NAME, max_length=80)], Person],
        Field(description="the people who get tasks, each by a short name"),
    ] = Field(default_factory=dict)

    def members(self, team: str, skill: str = "") -> list[str]:
        """The people of a team who can do something, in the order in which they are written."""
        return [
            name
            for name, person in self.staff.items()
            if team in person.teams and (not skill or skill in person.skills)
        ]

    @property
    def facts(self) -> dict[str, Any]:
        """What texts can name of it."""
        said = {"website": self.website, "reply_to": self.reply_to, "language": self.language}
        return {"name": self.company, "time_zone": self.time_zone, **said}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        zones.zone(value)
        return value
