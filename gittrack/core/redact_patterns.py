"""What secrets look like: the shapes of well-known tokens.

Each shape comes with texts of which one must occur before its expression is tried: looking for them
is what clean text costs. Expressions start at the edge of a word and have no nested repetition, so
that hostile text costs time in proportion to its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "[redacted]"


class Shape(NamedTuple):
    """How one kind of token looks.

    Attributes:
        needles: one of them is in every such token.
        text: regular expression of the token; what a group `keep` matches stays.
    """

    needles: tuple[str, ...]
    text: str

    @property
    def expression(self) -> re.Pattern[str]:
        """Compiled when it is first needed: most programs never see such a token."""
        return re.compile(self.text, re.ASCII)


def _shape(needles: str, expression: str, before: str = r"(?<![A-Za-z0-9_-])") -> Shape:
    return Shape(tuple(needles.split()), before + expression)


_MIXED = r"(?=[\w-]{0,80}\d)(?=[\w-]{0,80}[A-Z])"  # a name written with hyphens is neither

SHAPES: tuple[Shape, ...] = (
    _shape("AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"),
    _shape("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,}"),
    _shape("github_pat_", r"github_pat_\w{20,}"),
    _shape(
        "glpat- glptt- gldt- glrt- glcbt- glsoat- glft- glagent- gloas- glimt-",
        r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|agent|oas|imt)-[\w-]{16,}",
    ),
    _shape("xox xapp-", r"(?:xox[abceoprs]|xapp)-[\w-]{10,}"),
    _shape("hooks.slack.com", r"(?P<keep>hooks\.slack\.com/(?:services|workflows)/)[\w/]{20,}", ""),
    _shape("sk-", rf"sk-{_MIXED}[\w-]{{20,}}"),
    _shape("hf_", r"hf_[A-Za-z0-9]{30,}"),
    _shape("api_org_", r"api_org_[A-Za-z0-9]{30,}"),
    _shape("AIza", r"AIza[\w-]{35}(?![\w-])"),
    _shape("ya29.", r"ya29\.[\w-]{20,}"),
    _shape("GOCSPX-", r"GOCSPX-[\w-]{20,}"),
    _shape("_live_ _test_", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _shape("whsec_", r"whsec_[A-Za-z0-9+/=]{20,}"),
    _shape("npm_", r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    _shape("pypi-AgE", r"pypi-AgE[\w-]{40,}"),
    _shape("eyJ", r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    _shape("SG.", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _shape("dapi", r"dapi[0-9a-f]{32}(?:-\d)?(?![0-9a-f])"),
    _shape("_v1_", r"(?:do[por]_v1_[0-9a-f]{64}|wandb_v1_\w{30,})"),
    _shape("dckr_", r"dckr_(?:pat|oat)_[\w-]{20,}"),
    _shape("r8_", r"r8_[A-Za-z0-9]{37,}"),
    _shape("gsk_", r"gsk_[A-Za-z0-9]{40,}"),
    _shape("pplx-", r"pplx-[A-Za-z0-9]{40,}"),
    _shape("hvs. hvb.", r"hv[sb]\.[\w-]{24,}"),
    _shape("shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _shape("AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    _shape("sbp_", r"sbp_[0-9a-f]{40}"),
    _shape("lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _shape("key-", r"key-[0-9a-f]{32}(?![0-9a-f])"),
    _shape(":AA", r"\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _shape(
        "ig= ignature=",
        r"(?P<keep>[?&](?:sig|signature|x-amz-signature|x-goog-signature)=)[^&\s\"'<>#]+",
        "(?i)",
    ),
)

_NEEDLES = [(needle, position) for position, shape in enumerate(SHAPES) for needle in shape.needles]

# The user and password of a URL, also where the password holds an unescaped slash.
_SCHEME = r"(?P<keep>(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}://)"
URL_PASSWORD = re.compile(
    _SCHEME + r"""[^\s/:@"'<>]{0,256}:(?!\d{1,5}(?:[/?#\s]|$))[^\s@"'<>]{1,512}@(?:[^\s/@"'<>?#]{1,256}@)?"""
)
URL_USER = re.compile(
    r"""(?P<keep>(?<![A-Za-z0-9+.-])(?:git\+)?https?://)(?!\[redacted\]@)[^\s/:@"'<>?#]{1,512}(?=@)""",
    re.IGNORECASE,
)

BEARER = re.compile(r"(?P<keep>\b(?:bearer|basic)[ \t]{1,4})([A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])(?![0-9a-f]{40})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_NEARBY = 256  # characters between an access key id and its secret
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES = re.compile(r"(?:(?:\s|\\[rn]){0,4}[A-Za-z0-9+/=]{16,200})*")
LONGEST_KEY = 20_000
_SEPARATE = 16  # nothing below is a secret without a name or a separator
_LONG_WORD = re.compile(rf"[=:@ \t\n]|[\w+/.-]{{{_SEPARATE}}}")


def harmless(text: str) -> bool:
    """A quick look: short, or one short word without separators. Says nothing when False."""
    return len(text) < 6 or (len(text) < 10_000 and not _LONG_WORD.search(text))  # noqa: PLR2004  `auth=x`


def looks_random(text: str) -> bool:
    """Whether it is rather a token than a word: long, or letters and digits mixed."""
    if len(text) < 8:  # noqa: PLR2004  no token is shorter
        return False
    return len(text) >= 24 or (any(map(str.isdigit, text)) and any(map(str.isalpha, text)))  # noqa: PLR2004


def redact_shapes(text: str) -> str:
    """The text without tokens of a known shape, private keys and credentials in URLs."""
    if "PRIVATE KEY" in text:
        text = "".join(_without_keys(text))
    for position in sorted({position for needle, position in _NEEDLES if needle in text}):
        if position == 0:
            text = _without_aws_secrets(text, SHAPES[0])
        text = SHAPES[position].expression.sub(_replacement, text)
    if "://" in text and "@" in text:
        text = URL_USER.sub(_replacement, URL_PASSWORD.sub(_user, text))
    return BEARER.sub(_bearer, text) if "earer " in text or "asic " in text or "EARER " in text else text


def open_key(text: str) -> int | None:
    """Where a private key begins that does not end in the text."""
    begin = text.rfind("-----BEGIN ")
    if begin < 0 or not _KEY_BEGIN.match(text, begin) or _KEY_END.search(text, begin):
        return None
    return begin


def _replacement(match: re.Match[str]) -> str:
    return (match.groupdict().get("keep") or "") + REDACTED


def _user(match: re.Match[str]) -> str:
    return f"{match['keep']}{REDACTED}@"


def _bearer(match: re.Match[str]) -> str:
    return match["keep"] + REDACTED if looks_random(match[2]) else match[0]


def _without_keys(text: str) -> Iterator[str]:
    position = 0
    while begin := _KEY_BEGIN.search(text, position):
        end = _KEY_END.search(text, begin.end(), begin.end() + LONGEST_KEY)
        lines = _KEY_LINES.match(text, begin.end())
        yield text[position : begin.start()] + REDACTED
        position = end.end() if end else lines.end() if lines else begin.end()
    yield text[position:]


def _without_aws_secrets(text: str, ids: Shape) -> str:
    """Redact what may be the secret that belongs to an access key id beside it."""
    pieces, position = [], 0
    for match in ids.expression.finditer(text):
        start, end = max(position, match.start() - _NEARBY), match.end() + _NEARBY
        if end <= position:
            continue
        pieces += [text[position:start], _AWS_SECRET.sub(REDACTED, text[start:end])]
        position = min(end, len(text))
    return "".join([*pieces, text[position:]])
