"""The repository as data: where it is, its rooms, and what their syntax trees say."""

from __future__ import annotations

import ast
import builtins
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def pyproject() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def rooms() -> tuple[str, ...]:
    """The top-level packages: every folder that a program could import by its name, tests apart."""
    return tuple(sorted(init.parent.name for init in ROOT.glob("*/__init__.py") if init.parent.name != "tests"))


def files(*folders: str) -> Iterator[Path]:
    """Every Python file in these top-level folders, as a path from the root of the repository."""
    for folder in folders:
        yield from (path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """One file's syntax tree."""
    return ast.parse((ROOT / path).read_text(), filename=str(path))


def functions(path: Path) -> Iterator[tuple[Function, int]]:
    """Every function of a file with its length in lines, its docstring not counted."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            first = node.body[0]
            has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = first.end_lineno if has_docstring else node.lineno
            yield node, (node.end_lineno or 0) - (start or 0)


def names_used(path: Path) -> Iterator[tuple[str, int]]:
    """Every name a file reaches for outside itself, in full ("os.environ", "builtins.open"), with its line.

    A name brought in by an import is given under the name it has where it comes from.
    """
    meaning = dict(_imported(tree(path)))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)
        elif isinstance(node, ast.Name | ast.Attribute):
            head, dot, rest = _dotted(node).partition(".")
            if head in meaning:
                yield meaning[head] + dot + rest, node.lineno
            elif hasattr(builtins, head) and not rest:
                yield f"builtins.{head}", node.lineno


def _imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                top = name.name.partition(".")[0]
                yield (name.asname, name.name) if name.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((name.asname or name.name, f"{node.module}.{name.name}") for name in node.names)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
