"""`wayfare explain`: what a rule means."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    rule: Annotated[str, typer.Argument(help="The code of a rule, as it stands in brackets behind a mistake.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All pages in one, as in docs/rules.md.")] = False,
) -> int:
    """Show what a rule of `wayfare check` means, with a wrong and a right example; without a rule, list them all."""
    from cli.rule_pages import book, pages, text
    from journey.problems import did_you_mean
    from workers.mistakes import UserMistake

    known = pages()
    code = rule.strip("[]")
    if every:
        print(book(), end="")
    elif not code:
        width = max(len(name) for name in known)
        for name, page in known.items():
            print(f"{name:<{width}}  {page.title}")
    elif code in known:
        print(text(code), end="")
    else:
        raise UserMistake(f'There is no rule "{code}". {did_you_mean(code, known)}'.strip())
    return 0
