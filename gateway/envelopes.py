"""From a request to an event: CloudEvents 1.0 in structured, binary and batched mode, and plain JSON of the same keys.

However it came, an event is kept as one structured CloudEvent: sorted keys, no spaces, nothing added but
`specversion` and, where the sender named none, the `source`. The hash of that text tells a repeated event from a
different one with the same id. Ids are compared byte by byte; nothing is normalised. What the data's media type was
called (`datacontenttype`) is dropped, since it is always JSON.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers

from gateway import quarantine, refusals, strict_json
from gateway.customer_form import check_customer
from gateway.fields import line_fault, moment
from gateway.refusals import Fault, Malformed, NotJson
from journey import reserved
from store.inbox import NewEvent

Form = Literal["structured", "binary", "batched", "plain"]

ID_MOST = 255
"""Characters that an id, a source or a type may have."""

MOST_IN_BATCH = 2_500
MOST_MADE_IN_BATCH = 200_000
"""Objects and whole numbers in all events of a batch together."""

_STRUCTURED = "application/cloudevents+json"
_BATCHED = "application/cloudevents-batch+json"
_ACCEPTED = f"application/json, {_STRUCTURED} or {_BATCHED}"


def form_of(headers: Headers) -> Form:
    """How the event is written, told from the headers alone; `NotJson` for a body that we do not read."""
    binary = any(name.startswith("ce-") for name in headers)
    written = headers.getlist("content-type")
    if not written and binary:
        return "binary"  # The CloudEvents SDK names no media type when the event does not.
    if len(written) != 1:
        raise _not_json("It is there more than once." if written else "It is missing.")
    media, charset = _media_type(written[0])
    if charset not in ("", "utf-8", "utf8"):
        raise _not_json("The character set is not UTF-8.")
    return _form_by_media(media, binary)


def _form_by_media(media: str, binary: bool) -> Form:
    if media == _STRUCTURED:
        return "structured"
    if media == _BATCHED:
        return "batched"
    if media == "application/json" or (binary and _is_json(media)):
        return "binary" if binary else "plain"
    raise _not_json(f'"{strict_json.shown(media)}" is not read here.')


def read(form: Form, headers: Headers, body: bytes, default_source: str) -> NewEvent:
    """The event in a request, or `Malformed` or `UnclearCustomer`. Plain JSON may leave the source to the default."""
    if form == "binary":
        attributes: dict[str, Any] = _ce_headers(headers)
        data: Any = strict_json.parse(body)
    else:
        attributes = strict_json.parse(body)
        data = _take_data(attributes)
    if form == "plain":
        attributes = {"specversion": "1.0", "source": default_source} | _given(attributes)
    return checked(attributes, data, "header ce-" if form == "binary" else "/")


def read_batch(body: bytes, source: str, fitting: Callable[[NewEvent], NewEvent]) -> list[NewEvent]:
    """The events of a batch, in their order, each as `fitting` makes it. What is no event (or does not fit) is there as
    well, in quarantine and as coming from `source`; `Malformed` or `TooLarge` if the batch itself cannot be read."""
    document = strict_json.Document(body, most_made=MOST_MADE_IN_BATCH)
    if not isinstance(document.top, list):
        raise Malformed("body", "A batch is a list of events.", "Send [{...}, {...}].")
    return each_of(document, document.top, source, lambda part: fitting(structured(part)))


def each_of(
    document: strict_json.Document, parts: list[Any], source: str, read_one: Callable[[dict[str, Any]], NewEvent | None]
) -> list[NewEvent]:
    """Every part as an event; those that are refused are put into quarantine. None stands for nothing to keep."""
    if len(parts) > MOST_IN_BATCH:
        raise refusals.TooLarge("body", f"It has more than {MOST_IN_BATCH:,} events.", "Send several batches.")
    events = []
    for part in parts:
        try:
            document.check(part)
            if not isinstance(part, dict):
                raise Malformed("event", "It is not an object.", 'Send each event as {"id": ..., ...}.')
            if (event := read_one(part)) is not None:
                events.append(event)
        except refusals.Refused as refusal:
            events.append(quarantine.unreadable(part, source, refusal))
    return events


def structured(whole: dict[str, Any], *, ours: bool = False) -> NewEvent:
    """One structured event, refused like ``checked``."""
    attributes = dict(whole)
    return checked(attributes, _take_data(attributes), "/", ours=ours)


def checked(attributes: dict[str, Any], data: dict[str, Any], place: str, *, ours: bool = False) -> NewEvent:
    """The event of these attributes and data, or `Malformed`, `Reserved` or `UnclearCustomer`; `place` goes before a
    name. `ours`: it may be one that Wayfare makes itself."""
    attributes = _given(attributes)
    occurred_at = _check_attributes(attributes, place)
    if not ours:
        _check_reserved(attributes, place)
    check_customer(data)
    return _event(attributes, data, occurred_at)


def _given(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _media_type(written: str) -> tuple[str, str]:
    media, *parameters = (part.strip() for part in written.split(";"))
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return media.lower(), charset


def _is_json(media: str) -> bool:
    return media in ("application/json", "text/json") or (media.startswith("application/") and media.endswith("+json"))


def _not_json(message: str) -> NotJson:
    return NotJson("header Content-Type", message, f"Send {_ACCEPTED}, in UTF-8.")


def _ce_headers(headers: Headers) -> dict[str, Any]:
    """The attributes in the `ce-` headers: quotes undone, then percent signs, then UTF-8, as the binding says."""
    attributes: dict[str, Any] = {}
    for header, value in headers.items():
        if not header.startswith("ce-"):
            continue
        name = header.removeprefix("ce-")
        if name in attributes:
            raise Malformed(f"header {header}", "It is there more than once.", "Send it once.")
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        try:
            attributes[name] = unquote_to_bytes(value.encode("latin-1")).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed(f"header {header}", "It is not UTF-8.", "Percent-encode its UTF-8 bytes.") from None
    return attributes


def _take_data(attributes: dict[str, Any]) -> dict[str, Any]:
    """Remove and return the data of a structured event; it must be an object."""
    packed = attributes.pop("data_base64", None)
    if packed is not None and attributes.get("data") is not None:
        raise Malformed("/data_base64", "It stands beside `data`.", "Send one of the two.")
    if packed is not None:
        return _from_base64(packed)
    if "data" not in attributes:
        raise Malformed("/data", "It is missing.", 'Send {"customer": {"id": ...}, ...} there.')
    data = attributes.pop("data")
    if not isinstance(data, dict):
        raise Malformed("/data", "It is not an object.", 'Send {"customer": {"id": ...}, ...} there.')
    return data


def _from_base64(packed: object) -> dict[str, Any]:
    """Data as bytes: senders that do not look into what they carry write JSON in this way, too."""
    try:
        return strict_json.parse(base64.b64decode(str(packed).encode("ascii"), validate=True))
    except ValueError:
        raise Malformed("/data_base64", "It is not base64.", "Send the data as a JSON object in `data`.") from None
    except Malformed as inside:
        place, message, remedy = inside.problem
        raise Malformed(f"/data_base64 ({place})", message, remedy) from None


def _check_attributes(attributes: dict[str, Any], place: str) -> datetime | None:
    """Refuse attributes that are missing or unfit; return when the event happened, if it says so."""
    if attributes.get("specversion") != "1.0":
        raise Malformed(f"{place}specversion", 'It is not "1.0".', "Send CloudEvents 1.0, or plain JSON without it.")
    for name in ("id", "source", "type"):
        if name not in attributes:
            raise Malformed(f"{place}{name}", "It is missing.", "Every event needs one, as a text.")
        if fault := line_fault(attributes[name], characters=ID_MOST):
            raise Malformed(f"{place}{name}", *fault)
    for name, value in attributes.items():
        if isinstance(value, (dict, list)):
            where = place + strict_json.shown(name)
            raise Malformed(where, "Only plain values may stand beside `data`.", "Put it inside `data`.")
    _drop_media_type(attributes, place)
    return _occurred_at(attributes, place)


def _check_reserved(attributes: dict[str, Any], place: str) -> None:
    if why_not := reserved.why_not(attributes["type"]):
        raise refusals.Reserved(f"{place}type", why_not, "Send what has happened on your side, under another type.")
    if attributes["source"] == reserved.SOURCE:
        raise refusals.Reserved(f"{place}source", "That is Wayfare itself.", "Send the name of your own system.")


def _drop_media_type(attributes: dict[str, Any], place: str) -> None:
    media = attributes.pop("datacontenttype", "application/json")
    if not isinstance(media, str) or not _is_json(_media_type(media)[0]):
        raise Malformed(f"{place}datacontenttype", "The data is not said to be JSON.", "Send application/json.")


def _occurred_at(attributes: dict[str, Any], place: str) -> datetime | None:
    if "time" not in attributes:
        return None
    found = moment(attributes["time"])
    if isinstance(found, Fault):
        raise Malformed(f"{place}time", *found)
    return found


def _event(attributes: dict[str, Any], data: dict[str, Any], occurred_at: datetime | None) -> NewEvent:
    whole = attributes | {"data": data}
    envelope = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return NewEvent(
        source=attributes["source"],
        event_id=attributes["id"],
        type=attributes["type"],
        occurred_at=occurred_at,
        data=data,
        envelope=envelope,
        body_hash=hashlib.sha256(envelope.encode("utf-8")).hexdigest(),
    )
