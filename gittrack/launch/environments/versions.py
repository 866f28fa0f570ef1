"""Versions of Python: what may be asked for, and whether one meets it.

The grammar is the part of PEP 440 (https://peps.python.org/pep-0440/#version-specifiers) that Python's
own releases need, and a bare `3.11`, which means any patch of it.
"""

from __future__ import annotations

import re

from gittrack.core.errors import InvalidValue

_CLAUSE = re.compile(
    r"(?P<operator>~=|===|==|!=|<=|>=|<|>|=)?\s*(?P<version>\d+(?:\.\d+)*)(?P<any>\.\*)?", re.ASCII
)
_LONGEST = 100


def normal(asked: object, *, where: str) -> str | None:
    """A wish for a Python version in one spelling, None for no wish.

    Args:
        asked: text (`3.11`, `3.11.7`, `>=3.9,<3.12`, `==3.11.*`), or the number that YAML makes of it.
        where: what it stands in, for messages.

    Raises:
        InvalidValue: it is no such wish; the name or path of a program is none.
    """
    if asked is None or asked == "":
        return None
    if isinstance(asked, bool) or not isinstance(asked, (str, int, float)):
        msg = f"{where}: {asked!r} is no Python version"
        raise InvalidValue(msg, hint=_HINT)
    text = "3.10" if asked == 3.1 else str(asked).strip()  # noqa: PLR2004  YAML reads `3.10` as a number
    clauses = [clause.strip() for clause in text.split(",") if clause.strip()]
    if len(text) > _LONGEST or not clauses or not all(map(_CLAUSE.fullmatch, clauses)):
        msg = f"{where}: {text[:_LONGEST]!r} is no Python version"
        raise InvalidValue(msg, hint=_HINT)
    return ",".join(clause.replace(" ", "") for clause in clauses)


_HINT = "write it like 3.11, 3.11.7 or >=3.9,<3.12, in quotes in YAML"


def meets(version: str, asked: str | None) -> bool:
    """Whether a version (`3.11.7`) is what :func:`normal` gave."""
    release = parts(version)
    return asked is None or all(_holds(release, clause) for clause in asked.split(","))


def parts(version: str) -> tuple[int, ...]:
    """`3.11.7` → `(3, 11, 7)`; what follows the numbers (`rc1`, `+`) is left out."""
    match = re.match(r"\d+(?:\.\d+)*", version, re.ASCII)
    return tuple(map(int, match.group().split("."))) if match else ()


def exact(asked: str | None) -> str | None:
    """The one version that is asked for (`3.11`, `3.11.7`, `==3.11.7`), None when a range is."""
    match = _CLAUSE.fullmatch(asked or "")
    return match["version"] if match and match["operator"] in {None, "=", "==", "==="} else None


def _holds(release: tuple[int, ...], clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        return False
    operator, wanted = match["operator"], parts(match["version"])
    if operator in {None, "=", "==", "==="}:
        return _starts(release, wanted) if operator in {None, "="} or match["any"] else _same(release, wanted)
    if operator == "!=":
        return not (_starts(release, wanted) if match["any"] else _same(release, wanted))
    if operator == "~=":
        return _order(release, wanted) >= 0 and _starts(release, wanted[:-1])
    order = _order(release, wanted)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def _starts(release: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return release[: len(wanted)] == wanted


def _same(release: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return _order(release, wanted) == 0


def _order(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    size = max(len(left), len(right))
    one, other = (version + (0,) * (size - len(version)) for version in (left, right))
    return (one > other) - (one < other)
