"""The page behind a score in a letter: it shows the score that was clicked, takes a few words, and has one button.

Only the button answers. Scanners open every link of a letter, with programs that cannot be told from a browser; none of
them presses the buttons of a form. So a customer answers by one click in the letter and one on the page, and a machine
never does.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway import customer_pages, wordings
from gateway.wordings import Words
from journey.texts import scales
from store import surveys
from store.database import Database, Tx
from store.seal import Seal
from store.surveys import Question


def routes(db: Database, seal: Seal, on_accepted: customer_pages.Bell = lambda: None) -> list[BaseRoute]:
    """The page at ``/a/<token>``. ``on_accepted`` is the router's doorbell."""
    door = _Door(db, seal, on_accepted)
    return customer_pages.page("/a/{token}", door.look, door.say)


class _Door:
    def __init__(self, db: Database, seal: Seal, on_accepted: customer_pages.Bell) -> None:
        self._db = db
        self._seal = seal
        self._on_accepted = on_accepted

    async def look(self, request: Request) -> Response:
        """The question, with the score that was clicked; of one that is answered, the answer."""
        async with self._db.read() as tx:
            asked, clicked = await self._asked(tx, request)
            if asked is None:
                return await customer_pages.gone(tx, request)
            return await _page(tx, asked, asked.score if asked.answered_at and clicked is None else clicked)

    async def say(self, request: Request) -> Response:
        """An answer, or another word on it."""
        form = await customer_pages.form(request)
        async with self._db.write() as tx:
            asked, clicked = await self._asked(tx, request)
            if asked is None:
                return await customer_pages.gone(tx, request)
            words = wordings.of(asked.locale)
            comment = form.get("comment", [""])[0].replace("\r\n", "\n").replace("\0", "")
            score = _whole(form.get("score", [""])[0])
            unsaid = asked.scale == scales.WORDS_ONLY and not comment.strip()
            if unsaid or not surveys.fits(asked.scale, score):
                return await _page(tx, asked, clicked, status=422, comment=comment, hint=_missing(words, asked))
            first = asked.answered_at is None
            told = await surveys.answer(tx, asked, score, comment)
            after = await surveys.find(tx, asked.send_key)
            assert after is not None
            response = await _page(tx, after, after.score, done=words.thanks if first else words.changed)
        if told:
            self._on_accepted()
        return response

    async def _asked(self, tx: Tx, request: Request) -> tuple[Question | None, int | None]:
        opened = self._seal.opened("answer", request.path_params["token"])
        return (await surveys.find(tx, opened[0]), opened[1]) if opened else (None, None)


async def _page(
    tx: Tx, asked: Question, score: int | None, *, status: int = 200, done: str = "", hint: str = "", comment: str = ""
) -> Response:
    ends = scales.words(asked.scale, asked.locale)
    scores = list(scales.SCALES[asked.scale].scores) if asked.scale in scales.SCALES else []
    return await customer_pages.shown(
        tx,
        "survey.html",
        asked.locale,
        status,
        question=asked.question,
        scores=scores,
        highest=scores[-1] if scores else None,
        score=score,
        kept=asked.score,
        low=ends.low,
        high=ends.high,
        comment=comment or asked.comment,
        answered=asked.answered_at is not None,
        closed=asked.closed,
        done=done,
        hint=hint,
    )


def _missing(words: Words, asked: Question) -> str:
    return words.write if asked.scale == scales.WORDS_ONLY else words.choose


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
