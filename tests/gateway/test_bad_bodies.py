"""The bodies of the reliability study (section 1.2), each against a real server: refused with a place, and no row.

The same at every other door: `test_bodies_at_every_door.py`.
"""

import codecs
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bodies import Limits
from tests.gateway.fakes import body, body_with_customer
from tests.gateway.server import Answer, Server, head

MIB = 1024 * 1024
GOOD = body("never-accepted")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all bodies: after the worst of them it must still serve."""
    with Server(tmp_path_factory.mktemp("bodies"), Limits(body_seconds=1.5)) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_row_and_still_serving(server: Server) -> Iterator[None]:
    before = server.ids()
    yield
    assert server.ids() == before
    assert server.ask("GET", "/v1/receipts/none").status == 404


def valued(value: str) -> bytes:
    """A good event with one more value, written in JSON, in its data."""
    return b'{"id":"e","type":"t","data":{"customer":{"id":"c"},"x":' + value.encode() + b"}}"


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nesting of 65": (valued("[" * 63 + "]" * 63), "/data/x" + "/0" * 62),
    "nesting of 1,000": (valued("[" * 1_000 + "]" * 1_000), "body"),
    "nesting of 100,000": (valued("[" * 100_000 + "]" * 100_000), "body"),
    "objects nested 1,000 deep": (valued('{"a":' * 1_000 + "1" + "}" * 1_000), "body"),
    "80,000 keys": (json.dumps({str(n): "" for n in range(80_000)}).encode(), "body"),
    "a list of 500,000 numbers": (valued("[" + "1," * 500_000 + "1]"), "body"),
    "a list of 200,000 fractions": (valued("[" + "1.5," * 200_000 + "1]"), "body"),
    "a text of 200 KB": (valued('"' + "x" * 200_000 + '"'), "/data/x"),
    "a key twice at the top": (b'{"id":"e","id":"e","type":"t","data":{}}', "/id"),
    "a key twice further in": (valued('[{"a":1,"b":2,"a":1}]'), "/data/x/0/a"),
    "a key twice, once escaped": (valued('{"ab":1,"\\u0061b":1}'), "/data/x/ab"),
    "NaN": (valued("NaN"), "/data/x"),
    "Infinity": (valued("Infinity"), "/data/x"),
    "-Infinity": (valued("-Infinity"), "/data/x"),
    "1e999": (valued("1e999"), "/data/x"),
    "an integer of 5,000 digits": (valued("9" * 5_000), "/data/x"),
    "2^63": (valued(str(2**63)), "/data/x"),
    "-2^63-1": (valued(str(-(2**63) - 1)), "/data/x"),
    "2^53+1": (valued(str(2**53 + 1)), "/data/x"),
    "half a surrogate pair": (valued(r'"\ud800"'), "/data/x"),
    "a surrogate pair the wrong way round": (valued(r'"\udc00\ud800"'), "/data/x"),
    "half a surrogate pair in a key": (valued(r'{"\ud800":1}'), r"/data/x/\ud800"),
    "NUL in a text": (valued(r'"a\u0000b"'), "/data/x"),
    "Latin-1": (valued('"ä"').decode().encode("latin-1"), "byte 57"),
    "UTF-8 cut off": (valued('"ä"')[:57], "byte 57"),
    "overlong UTF-8": (valued('"_"').replace(b"_", b"\xc0\xaf"), "byte 57"),
    "a surrogate in raw UTF-8": (valued('"_"').replace(b"_", b"\xed\xa0\x80"), "byte 57"),
    "UTF-16 with mark": (GOOD.decode().encode("utf-16"), "byte 1"),
    "UTF-16 without mark": (GOOD.decode().encode("utf-16-be"), "byte 1"),
    "UTF-32": (GOOD.decode().encode("utf-32"), "byte 1"),
    "UTF-8 with a byte order mark": (codecs.BOM_UTF8 + GOOD, "byte 1"),
    "nothing": (b"", "body"),
    "blanks": (b" \r\n\t ", "body"),
    "null": (b"null", "body"),
    "a list": (b"[]", "body"),
    "a text": (b'"x"', "body"),
    "an empty object": (b"{}", "/data"),
    "two documents": (GOOD + b"\n" + GOOD, "line 2, column 1"),
    "a comma too many": (b'{"id": "e",}', "line 1, column 12"),
    "a comment": (b'{\n  // the id\n  "id": "e"}', "line 2, column 3"),
    "single quotes": (b"{'id': 'e'}", "line 1, column 2"),
    "an id that is empty": (body(""), "/id"),
    "an id of blanks": (body("  "), "/id"),
    "an id of 256 characters": (body("i" * 256), "/id"),
    "an id of 256 characters beyond ASCII": (body("ü" * 256), "/id"),
    "an id with a control character": (body("a\tb"), "/id"),
    "an id with a line break": (body("a\nb"), "/id"),
    "an id with a direction override": (body("a\u202eb"), "/id"),
    "an id that is a number": (body(id=42), "/id"),
    "an id that is null": (body(id=None), "/id"),
    "no type": (b'{"id":"e","data":{"customer":{"id":"c"}}}', "/type"),
    "a source with a line break": (body(source="shop\r\nX: 1"), "/source"),
    "data missing": (b'{"id":"e","type":"t","customer":{"id":"c"}}', "/data"),
    "data as a text": (body(data="{}"), "/data"),
    "an object beside data": (body(customer={"id": "c"}), "/customer"),
    "year 0001": (body(time="0001-01-01T00:00:00Z"), "/time"),
    "year 9999": (body(time="9999-12-31T23:59:59Z"), "/time"),
    "a leap second": (body(time="2016-12-31T23:59:60Z"), "/time"),
    "a time without offset": (body(time="2026-11-24T09:30:00"), "/time"),
    "a time in milliseconds": (body(time=1_795_512_600_000), "/time"),
    "a date alone": (body(time="2026-11-24"), "/time"),
    "30 February": (body(time="2026-02-30T00:00:00Z"), "/time"),
    "an offset of 99 hours": (body(time="2026-11-24T09:30:00+99:00"), "/time"),
}

CUSTOMERS: dict[str, tuple[bytes, str]] = {
    "no customer": (body(data={}), "/data/customer"),
    "a customer that is a text": (body(data={"customer": "c-1"}), "/data/customer"),
    "neither id nor email": (body_with_customer(name="Grete"), "/data/customer"),
    "an id that is a number": (body_with_customer(id=42), "/data/customer/id"),
    "an id that is empty": (body_with_customer(id=""), "/data/customer/id"),
    "an email with a line break": (
        body_with_customer(email="a@example.org\r\nBcc: b@example.org"),
        "/data/customer/email",
    ),
    "an email of 321 characters": (body_with_customer(email="a" * 309 + "@example.org"), "/data/customer/email"),
    "an email with a quoted name": (body_with_customer(email='"a b"@example.org'), "/data/customer/email"),
    "an international name before the @": (body_with_customer(email="größe@example.org"), "/data/customer/email"),
    "two addresses": (body_with_customer(email="a@example.org, b@example.org"), "/data/customer/email"),
    "an address with a name": (body_with_customer(email="Grete <a@example.org>"), "/data/customer/email"),
    "a domain without a dot": (body_with_customer(email="grete@example"), "/data/customer/email"),
    "a name with a line break": (body_with_customer(id="c", name="Grete\nBcc: x"), "/data/customer/name"),
    "a name of 201 characters": (body_with_customer(id="c", name="x" * 201), "/data/customer/name"),
    "a phone with a control character": (body_with_customer(id="c", phone="1\x7f"), "/data/customer/phone"),
    "a locale that is a list": (body_with_customer(id="c", locale=["de"]), "/data/customer/locale"),
    "a locale of 36 characters": (body_with_customer(id="c", locale="d" * 36), "/data/customer/locale"),
    "an unknown time zone": (body_with_customer(id="c", time_zone="Europe/Berlim"), "/data/customer/time_zone"),
    "attributes that are a list": (body_with_customer(id="c", attributes=[]), "/data/customer/attributes"),
}

UNREADABLE: dict[str, tuple[dict[str, str | None], str]] = {
    "no content type": ({"Content-Type": None}, "header Content-Type"),
    "plain text": ({"Content-Type": "text/plain"}, "header Content-Type"),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, "header Content-Type"),
    "parts": ({"Content-Type": "multipart/form-data; boundary=x"}, "header Content-Type"),
    "another character set": ({"Content-Type": "application/json; charset=latin-1"}, "header Content-Type"),
    "gzip twice": ({"Content-Encoding": "gzip, gzip"}, "header Content-Encoding"),
    "an unknown packing": ({"Content-Encoding": "zopfli"}, "header Content-Encoding"),
}

INERT = [
    "__proto__",
    "constructor",
    "{{7*7}}",
    "=cmd()",
    "<script>alert(1)</script>",
    "'; drop table inbox; --",
    "%s%n",
]


def check(answer: Answer, status: int, place: str) -> None:
    """The answer says no as it should: status, place, what is wrong and what to do."""
    assert (answer.status, answer.place) == (status, place), answer.json
    error = answer.json["error"]
    assert error["message"].endswith(".") and error["remedy"].endswith((".", "?"))
    assert answer.json["message"] == f"{error['place']}: {error['message']} {error['remedy']}"
    assert answer.json["code"] == error["code"]


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_event_is_refused_with_its_place(server: Server, name: str) -> None:
    """400, and nothing kept."""
    sent, place = MALFORMED[name]
    check(server.post(sent), 400, place)


@pytest.mark.parametrize("name", CUSTOMERS)
def test_an_unclear_customer_is_refused_with_the_pointer(server: Server, name: str) -> None:
    """422, and nothing kept: a wrong address found while sending would be late."""
    sent, place = CUSTOMERS[name]
    check(server.post(sent), 422, place)


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_we_do_not_read_is_refused_unread(server: Server, name: str) -> None:
    """415, whatever is in it."""
    headers, place = UNREADABLE[name]
    check(server.post(gzip.compress(bytes(10 * MIB)), headers), 415, place)


def test_one_byte_too_many_is_refused_and_the_limit_itself_is_not(server: Server) -> None:
    """413 counts bytes; a body of exactly the limit is read (and then refused for its long text)."""
    padding = MIB - len(valued('""'))
    check(server.post(valued('"' + "x" * (padding + 1) + '"')), 413, "body")
    check(server.post(valued('"' + "x" * padding + '"')), 400, "/data/x")


@pytest.mark.parametrize("extra", [1_000_000, 5 * MIB])
def test_a_client_that_sends_everything_first_still_reads_why(server: Server, extra: int) -> None:
    """The connection is not reset under it: large bodies, wrong keys and wrong types get their answer."""
    large = b" " * (MIB + extra)
    check(server.post(large), 413, "body")
    check(server.post(large, {"Authorization": "Bearer wrong"}), 401, "header Authorization")
    check(server.post(large, {"Content-Type": "text/plain"}), 415, "header Content-Type")


def test_a_chunked_gigabyte_is_cut_off_early(server: Server) -> None:
    """413 long before its end, although no header told its size."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer, sent = server.raw([head(Transfer_Encoding="chunked"), *[chunk] * 16_384])
    check(answer, 413, "body")
    assert sent < 64 * MIB


def test_a_million_keys_or_items_are_too_large(server: Server) -> None:
    """They cannot fit into the limit on bytes."""
    check(server.post(json.dumps(dict.fromkeys(map(str, range(1_000_000)))).encode()), 413, "body")
    check(server.post(b"[" + b"1," * 1_000_000 + b"1]"), 413, "body")


def test_a_length_that_says_too_little_gives_a_broken_event(server: Server) -> None:
    """400 for the part that counts as the body; what follows is no request."""
    answer, _ = server.raw([head(Content_Length="40"), GOOD])
    assert answer.status == 400


def test_a_length_that_says_too_much_ends_in_408(server: Server) -> None:
    """The rest never comes, and waiting ends."""
    answer, _ = server.raw([head(Content_Length=str(len(GOOD) + 1)), GOOD])
    check(answer, 408, "body")


def test_a_body_that_breaks_off_leaves_nothing(server: Server) -> None:
    """Whoever hangs up in the middle has sent no event, even if what came would do as one."""
    with server.connect() as line:
        line.sendall(head(Content_Length=str(len(GOOD) + 1)) + GOOD)
    time.sleep(0.2)


def test_a_body_of_a_byte_a_second_ends_in_408(server: Server) -> None:
    """However steadily it drips: the time is for the whole body."""
    with server.connect() as line:
        line.sendall(head(Content_Length=str(len(GOOD))))
        for byte in GOOD[:8]:
            line.sendall(bytes([byte]))
            time.sleep(0.2)
        answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408")


def test_what_is_dangerous_elsewhere_is_only_text_here(tmp_path: Path) -> None:
    """202: such values are kept as they are, as keys and as values."""
    with Server(tmp_path) as server:
        for number, text in enumerate(INERT):
            sent = body_with_customer(f"e-{number}", id=text, name=text, attributes={text: text})
            assert server.post(sent).status == 202
        assert len(server.ids()) == len(INERT)


def test_ids_are_compared_byte_by_byte(tmp_path: Path) -> None:
    """The same letter in two ways of writing (NFC, NFD) makes two ids, as does a capital."""
    with Server(tmp_path) as server:
        states = [server.post(body(name)).json["state"] for name in ("\u00fc", "u\u0308", "\u00dc")]
        assert states == ["accepted"] * 3


def test_times_at_the_edge_of_sense_are_accepted(tmp_path: Path) -> None:
    """+14:00 exists, and a sender's clock may be a day ahead; when an event came is our own clock's matter."""
    times = ["2026-11-24T09:30:00+14:00", "2099-01-01T00:00:00Z", "1970-01-01t00:00:00.123456789z"]
    with Server(tmp_path) as server:
        assert [server.post(body(f"e-{n}", time=time)).status for n, time in enumerate(times)] == [202] * 3
