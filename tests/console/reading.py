"""Reading pages as a person does: the words, row by row, and where the links lead."""

from __future__ import annotations

import re
from html import unescape

import httpx2

HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])|\b[a-z2-7]{52}\b|=_[a-z2-7]{30,40}")


def words_of(html: str) -> str:
    """The words of a piece of a page, as they would be read out."""
    visible = re.sub(r"<(style|script|title)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", visible)).split())


def rows(html: str) -> list[str]:
    """The words of every row of the page's table."""
    body = html.partition("<tbody")[2].partition("</tbody>")[0]
    return [words_of(row) for row in re.findall(r"<tr\b.*?</tr>", body, re.DOTALL)]


def link(html: str, words: str) -> str | None:
    """Where the first link with these words leads."""
    for attributes, inside in re.findall(r"<a\b([^>]*)>(.*?)</a>", html, re.DOTALL):
        if words_of(inside) == words:
            found = re.search(r'href="([^"]*)"', attributes)
            return unescape(found.group(1)) if found else None
    return None


def section(html: str, identity: str) -> str:
    """The part of a page from an id to the end of its element's section."""
    return html.partition(f'id="{identity}"')[2].partition("</section>")[0]


async def page(reader: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    """A page's HTML; redirects are followed."""
    answer = await reader.get(path, follow_redirects=True, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    return answer.text


async def pages(reader: httpx2.AsyncClient, path: str) -> list[str]:
    """A list from its first page to its last, following Older."""
    found: list[str] = []
    following = path
    while following:
        assert len(found) < 50, "the list has no end"
        found.append(await page(reader, following))
        following = link(found[-1], "Older") or ""
    return found


def without_ids(html: str) -> list[str]:
    """The lines of a page, chance taken out of them (ids, and the order of what is ordered by ids): to compare what two
    stores say."""
    return sorted(" ".join(sorted(HEX.sub("x", line).split())) for line in html.splitlines())
