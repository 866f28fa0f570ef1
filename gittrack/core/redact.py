"""Secrets never reach Git: everything recorded goes through a :class:`Redactor` before the first write.

Three ways to know a secret: the name beside it (`api_key`), its shape (`ghp_…`), its place in a URL.
What is found becomes `[redacted]`. Redacting twice gives the same as once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.redact_names import Names, Secrecy
from gittrack.core.redact_patterns import (
    LONGEST_KEY,
    REDACTED,
    harmless,
    looks_random,
    open_key,
    redact_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["REDACTED", "OutputRedactor", "Redactor", "default_redactor"]

_NAME = re.compile(
    r"""(?<![\w.-])([\w.-]{3,200})\\?["']?[ \t]{0,4}(=>|:=|==?|:(?!//))[ \t]{0,4}"""
    r"""|(?<![\w.-])(--[\w.-]{3,100})[ \t]+"""
)
_VALUE = re.compile(
    r"""(?:(?:bearer|basic|token|digest)[ \t]{1,4})?"""
    r"""(?:(\\?["'])(?P<quoted>.*?)(?:\1|$)|(?P<bare>\$\{[^}\s]*\}|[^\s,;&"'<>)}]+))""",
    re.IGNORECASE | re.MULTILINE,
)
_STEMS = ("pass", "secret", "token", "key", "cred", "auth", "pwd", "cookie", "jwt", "kennwort")
_NUMBER = re.compile(r"[-+]?\d{0,5}\.?\d*(?:e[-+]?\d+)?", re.IGNORECASE)
_NO_SECRET = re.compile(
    r"|\[redacted\]|true|false|none|null|nil|yes|no|on|off|auto|\*+|\$\{[^}]*\}|\{\{[^}]*\}\}|<[\w -]*>",
    re.IGNORECASE,
)
_PASSES = 8  # a secret may come to light when the one beside it is gone; two are usual
_OPTION = re.compile(r"[-+~]*[\w./@-]{1,200}")
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s/?#]*)@(.*)", re.DOTALL)


class Redactor:
    """Takes secrets out of text, values and command lines.

    Args:
        keys: further names whose values are secrets; globs, case does not matter.
        patterns: further shapes of secrets; regular expressions. They run on whatever is recorded, so
            a slow one makes recording slow.

    Raises:
        InvalidValue: a pattern is no regular expression.
    """

    def __init__(self, keys: Sequence[str] = (), patterns: Sequence[str] = ()) -> None:
        self._names = Names(tuple(keys))
        self._own = [_compiled(pattern) for pattern in patterns]
        self._stems = None if keys else _STEMS

    def names_secret(self, name: str) -> bool:
        """Whether the value under a name is taken for a secret."""
        return self._names.secrecy(name) != "no"

    def text(self, text: str) -> str:
        """Text without the secrets in it; those of one line are replaced within it."""
        for _ in range(_PASSES):
            before, text = text, self._once(text)
            if text == before:
                break
        return text

    def _once(self, text: str) -> str:
        for pattern in self._own:
            pieces = [pattern.sub(_non_empty, piece) for piece in text.split(REDACTED)]
            text = REDACTED.join(pieces)
        if harmless(text):
            return text
        if self._may_assign(text):
            text = self._without_assigned(text)
        return redact_shapes(text)

    def value(self, key: str, value: Any) -> Any:  # noqa: ANN401  any JSON value
        """The value of a param or tag, redacted; lists and mappings down to their leaves."""
        secrecy = self._names.secrecy(key)
        return self._value(secrecy, value)

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Every value under its key; a key that is a token itself goes too."""
        return {self.text(key): self.value(key, value) for key, value in values.items()}

    def argv(self, words: Iterable[str]) -> list[str]:
        """The words of a command line, as many as before."""
        result: list[str] = []
        before: Secrecy = "no"
        script = False  # `sh -c 'TOKEN=abc command'`: more than an assignment
        for word in words:
            if before != "no" and not word.startswith("--"):
                result.append(self._leaf(before, word))
                before = "no"
                continue
            result.append(self.text(word) if script else self._word(word))
            script = word == "-c"
            before = self._names.secrecy(word) if _is_option(word) else "no"
        return result

    def url(self, url: str) -> str:
        """A URL without credentials: those of HTTP are cut out, an SSH user stays without password."""
        match = _USERINFO.fullmatch(url)
        if match:
            scheme, user, rest = match.groups()
            name = user.partition(":")[0]
            keep = "http" not in scheme.lower() and name not in {"", REDACTED}
            url = f"{scheme}{name}@{rest}" if keep else scheme + rest
        return self.text(url)

    def bytes(self, data: bytes) -> bytes:
        """Like :meth:`text`, for bytes in UTF-8; invalid ones stay as they are."""
        text = data.decode(errors="surrogateescape")
        return self.text(text).encode(errors="surrogateescape")

    def _value(self, secrecy: Secrecy, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return self.text(value) if secrecy == "no" else self._leaf(secrecy, value)
        if isinstance(value, dict):
            return {
                self.text(str(name)): self._value(_stronger(secrecy, self._names.secrecy(str(name))), item)
                for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._value(secrecy, item) for item in value]
        if secrecy == "strong" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return REDACTED
        return value

    def _leaf(self, secrecy: Secrecy, text: str) -> str:
        """What becomes of text under a name."""
        if _NO_SECRET.fullmatch(text) or (secrecy == "weak" and _NUMBER.fullmatch(text)):
            return text
        return REDACTED

    def _word(self, word: str) -> str:
        name, equals, value = word.partition("=")
        if equals and _OPTION.fullmatch(name):
            secrecy = self._names.secrecy(name)
            return f"{name}={self._leaf(secrecy, value) if secrecy != 'no' else self.text(value)}"
        return self.text(word)

    def _may_assign(self, text: str) -> bool:
        if self._stems is None:
            return True
        lower = text.lower()
        return any(stem in lower for stem in self._stems)

    def _without_assigned(self, text: str) -> str:
        """Redact what is assigned to a secret name: `password=…`, `"api_key": "…"`, `--token …`."""
        pieces, position = [], 0
        for match in _NAME.finditer(text):
            if match.start() < position:
                continue
            secrecy = self._names.secrecy(match[1] or match[3])
            value = _VALUE.match(text, match.end()) if secrecy != "no" else None
            if value is None or not self._is_secret(secrecy, match, value):
                continue
            span = value.span("quoted") if value["quoted"] is not None else (value.start(), value.end())
            pieces += [text[position : span[0]], REDACTED]
            position = span[1]
        return "".join([*pieces, text[position:]])

    def _is_secret(self, secrecy: Secrecy, name: re.Match[str], value: re.Match[str]) -> bool:
        found = value["quoted"] if value["quoted"] is not None else value["bare"]
        if name[3] and found.startswith("-"):
            return False
        if self._leaf(secrecy, found) == found:
            return False
        prose = secrecy == "weak" and name[2] in {":", "=="} and value["quoted"] is None
        return not prose or looks_random(found)


class OutputRedactor:
    """Redacts output that comes in pieces: a secret is found wherever a piece happens to end.

    Args:
        redactor: what knows the secrets.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take a piece; gives what is safe to write now: whole lines, private keys whole."""
        self._held += data
        cut = max(self._held.rfind(b"\n"), self._held.rfind(b"\r")) + 1
        if len(self._held) - cut > LONGEST_KEY:  # a line without end must not be held for ever
            cut = max(self._held.rfind(b" "), self._held.rfind(b"\t")) + 1 or len(self._held)
        begin = open_key(self._held[:cut].decode("latin-1")) if b"PRIVATE KEY" in self._held else None
        if begin is not None and len(self._held) - begin <= LONGEST_KEY:
            cut = begin
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._redactor.bytes(ready)

    def close(self) -> bytes:
        """What was held back."""
        ready, self._held = self._held, b""
        return self._redactor.bytes(ready)


def _non_empty(match: re.Match[str]) -> str:
    return REDACTED if match[0] else ""


def _stronger(one: Secrecy, other: Secrecy) -> Secrecy:
    return one if one == "strong" or other == "no" else other


def _is_option(word: str) -> bool:
    return word.startswith("-") and "=" not in word and _OPTION.fullmatch(word) is not None and len(word) > 2  # noqa: PLR2004  `-p`


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        msg = f"redact.patterns: not a regular expression: {pattern}"
        raise InvalidValue(msg, hint=str(error)) from error


default_redactor = Redactor()
"""Knows the well-known names and shapes only."""
