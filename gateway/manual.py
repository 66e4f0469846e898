"""The description of the doors for programs (GET /openapi.json) and for people (GET /api). Neither needs a key."""

import html
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from gateway.answers import Json
from gateway.desk import Desk
from gateway.openapi import document

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f2;padding:.75rem;overflow:auto}"
    "h3 code{font-size:1rem}table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}"
    "@media(prefers-color-scheme:dark){body{background:#191918;color:#eee}pre{background:#262624}a{color:#9cf}}"
)


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of the manual."""
    whole = document(desk.public_url)
    page = _page(whole)

    async def described(request: Request) -> Response:
        return Json(whole)

    async def shown(request: Request) -> Response:
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(page, headers={"Content-Security-Policy": policy})

    return [
        *desk.routes("/openapi.json", described, "GET", name="openapi"),
        *desk.routes("/api", shown, "GET", name="api"),
    ]


def _page(whole: dict[str, Any]) -> str:
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Wayfare: the doors for events</title>",
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>",
        f"<h1>The doors for events</h1><p>{html.escape(whole['info']['description'])}</p>",
        "<p>For programs: <a href='/openapi.json'>openapi.json</a>.</p>",
    ]
    for tag in whole["tags"]:
        parts.append(f"<h2>{html.escape(tag['description'])}</h2>")
        for path, methods in whole["paths"].items():
            parts += [
                _operation(whole, path, name, what) for name, what in methods.items() if tag["name"] in what["tags"]
            ]
    return "".join([*parts, "</body></html>"])


def _operation(whole: dict[str, Any], path: str, method: str, what: dict[str, Any]) -> str:
    said = [f"<h3><code>{method.upper()} {html.escape(path)}</code></h3><p>{html.escape(what['summary'])}</p>"]
    if "description" in what:
        said.append(f"<p>{html.escape(what['description'])}</p>")
    for media, content in what.get("requestBody", {}).get("content", {}).items():
        example = _example(whole, content)
        if example is not None:
            shown = json.dumps(example, indent=2, ensure_ascii=False)
            said.append(f"<p><code>{html.escape(media)}</code></p><pre>{html.escape(shown)}</pre>")
    answers = [
        f"<tr><td>{status}</td><td>{html.escape(_resolved(whole, one)['description'])}</td></tr>"
        for status, one in what["responses"].items()
    ]
    return "".join([*said, f"<table>{''.join(answers)}</table>"])


def _example(whole: dict[str, Any], content: dict[str, Any]) -> Any:
    if "example" in content:
        return content["example"]
    return next(iter(_resolved(whole, content["schema"]).get("examples", ())), None)


def _resolved(whole: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What a reference inside the document means."""
    if "$ref" not in value:
        return value
    found: Any = whole
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
