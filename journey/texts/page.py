"""The HTML page of a message: ours, or a layout of the company's own, made sound, filled, and its style put in place.

Mail programs drop style sheets, so each rule of the page's ``<style>`` is written into the elements it is meant for
(css-inline); rules for dark mode and narrow screens stay. That is done for each message and not once at publication:
only the finished page has its paragraphs, and a ``{% for %}`` between the rows of a table would be moved out of it.
"""

import re
from functools import cache
from html.parser import HTMLParser

from css_inline import CSSInliner

from journey.text_errors import TextProblem
from journey.texts.plain import CONTENT

PLACE = f"<{CONTENT}></{CONTENT}>"
ALLOWED = ("http:", "https:", "mailto:", "tel:", "cid:")
_ADDRESSES = frozenset({"href", "src", "background", "poster", "action", "formaction", "cite", "longdesc", "srcset"})
_CHARSET = re.compile(r"<meta charset=[^>]*>\n?", re.IGNORECASE)
"""It is written anew at the very beginning, before the style: browsers look no further than 1,024 bytes."""
_SCHEME = re.compile(r"[\s\x00-\x20]*([^/?#&]*?):")

PLAIN = """<!doctype html>
<html lang="{{ language }}" dir="{{ direction }}">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ subject }}</title>
<style>
body { margin: 0; padding: 24px 12px; background: #f6f5f2; color: #22262b;
  font: 16px/1.55 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; }
.letter { max-width: 560px; margin: 0 auto; padding: 28px 32px; background: #ffffff; border-radius: 8px; }
.small { max-width: 560px; margin: 16px auto 0; padding: 0 32px; font-size: 13px; color: #5c6269; }
a { color: #0b5cad; }
blockquote { margin: 0 0 16px; padding: 2px 16px; border-left: 3px solid #c9c5bb; }
table { border-collapse: collapse; }
th, td { padding: 6px 12px 6px 0; text-align: left; border-bottom: 1px solid #d9d6cf; }
[dir=rtl] blockquote { border-left: 0; border-right: 3px solid #c9c5bb; }
[dir=rtl] th, [dir=rtl] td { padding: 6px 0 6px 12px; text-align: right; }
img { max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  body { background: #15171a !important; color: #e8e6e1 !important; }
  .letter { background: #1f2226 !important; }
  .small { color: #a9adb2 !important; }
  a { color: #8ec1ff !important; }
  th, td { border-color: #3b4046 !important; }
}
</style>
</head>
<body>
<div class="letter" role="article">
{{ content }}
</div>
{% if unsubscribe_url %}
<p class="small"><a href="{{ unsubscribe_url }}">{{ company.name }}: no more of these mails</a></p>
{% endif %}
</body>
</html>
"""
"""The page of companies that have no layout of their own."""

_HIDDEN = (
    '<div style="display:none;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all;font-size:1px;'
    'line-height:1px">{{ preheader }}</div>'
)
_HEAD = (
    ("viewport", '<meta name="viewport" content="width=device-width, initial-scale=1">'),
    ("color-scheme", '<meta name="color-scheme" content="light dark">'),
    ("<title", "<title>{{ subject }}</title>"),
)


@cache
def sound(layout: str) -> str:
    """The layout with whatever a page needs and its author may have forgotten: language and direction, the subject as
    its title, that it is fit for dark mode, and the words that lists show beside the subject."""
    page = layout if re.search(r"<html\b", layout, re.IGNORECASE) else f"<!doctype html>\n<html>\n{layout}\n</html>\n"
    page = page if re.search(r"<!doctype\b", page, re.IGNORECASE) else f"<!doctype html>\n{page}"
    page = re.sub(r"<html\b([^>]*)>", _tongue, page, count=1, flags=re.IGNORECASE)
    if not re.search(r"<head\b", page, re.IGNORECASE):
        page = re.sub(r"(<html\b[^>]*>)", r"\1\n<head>\n</head>", page, count=1, flags=re.IGNORECASE)
    if not re.search(r"<body\b", page, re.IGNORECASE):
        page = page.replace("</head>", "</head>\n<body>", 1)
        page = page.replace("</html>", "</body>\n</html>", 1) if "</body>" not in page else page
    page = page.replace("<title></title>", "", 1)  # MJML without <mj-title>
    head = "".join(f"\n{line}" for sign, line in _HEAD if sign not in page.lower())
    page = re.sub(r"(<head\b[^>]*>)", lambda found: f"{found.group(1)}{head}", page, count=1, flags=re.IGNORECASE)
    if "preheader" not in page:
        page = re.sub(r"(<body\b[^>]*>)", lambda f: f"{f.group(1)}\n{_HIDDEN}", page, count=1, flags=re.IGNORECASE)
    return page


def _tongue(tag: re.Match[str]) -> str:
    said = re.sub(r'\s(lang="und"|dir="auto")', "", tag.group(1))  # so MJML says that nobody has said
    lang = "" if re.search(r"\slang\s*=", said, re.IGNORECASE) else ' lang="{{ language }}"'
    turn = "" if re.search(r"\sdir\s*=", said, re.IGNORECASE) else ' dir="{{ direction }}"'
    return f"<html{lang}{turn}{said}>"


def finished(page: str, content: str) -> str:
    """The page with its text in place and each style where mail programs look for it. Raises TextProblem for a link
    that leads to anything but a web page, a mail address or a telephone number."""
    whole = page.replace(PLACE, content)
    _refuse_other_links(whole)
    styled = _CHARSET.sub("", str(_inliner().inline(whole)))
    return styled.replace("<head>", '<head><meta charset="utf-8">', 1)


def checked(content: str) -> str:
    """Paragraphs that stand alone. Raises TextProblem as ``finished`` does."""
    _refuse_other_links(content)
    return content


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)


def _refuse_other_links(page: str) -> None:
    links = _Links()
    links.feed(page)
    links.close()
    for address in links.found:
        scheme = _SCHEME.match(address)
        if scheme and f"{scheme.group(1).strip().lower()}:" not in ALLOWED:
            shown = " ".join(address.split())[:60]
            raise TextProblem(f'A link to "{shown}" is not sent: a link is http, https, mailto or tel.')


class _Links(HTMLParser):
    """Every address of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in _ADDRESSES and value]
