"""What a form of ours says, read from the body of a POST."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_BYTES = 256 * 1024
MOST_FIELDS = 4_000
LONGEST = 10_000


class TooMuch(Exception):
    """More than any form of ours sends."""


class Form:
    """The fields of a form; what is not there is ''."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = list(pairs)

    def line(self, name: str, most: int = 300) -> str:
        """A field as one line, without signs that no keyboard has."""
        value = "".join(sign if sign.isprintable() else " " for sign in self.text(name, most * 2))
        return " ".join(value.split())[:most]

    def text(self, name: str, most: int = LONGEST) -> str:
        """A field as it was written, without NUL, which PostgreSQL does not take."""
        value = next((value for key, value in self._pairs if key == name), "")
        return value.replace("\0", "").replace("\r\n", "\n")[:most]

    def every(self, name: str) -> list[str]:
        """All values of a field, each once."""
        return list(dict.fromkeys(value for key, value in self._pairs if key == name))

    def names(self) -> list[str]:
        """The names of its fields."""
        return list(dict.fromkeys(key for key, _ in self._pairs))


async def read(request: Request) -> Form:
    """The form in a request; an empty one for anything that is no form. Raises TooMuch."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return Form()
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooMuch
    try:
        return Form(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise TooMuch from None
