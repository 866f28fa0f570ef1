from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import InvalidValue
from gittrack.core.redact import REDACTED, OutputRedactor, Redactor, default_redactor
from tests.support.secrets import AWS_ID, LETTERS, PEM, PLAIN_NAMES, PLAIN_TEXTS, SECRET_NAMES, SECRET_TEXTS


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_name_of_a_secret(name: str) -> None:
    """A name that says so makes its value a secret."""
    assert default_redactor.value(name, "hunter2") == REDACTED


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_name_of_no_secret(name: str) -> None:
    """A name that only resembles one leaves its value."""
    assert default_redactor.value(name, "hunter2") == "hunter2"


@pytest.mark.parametrize(("text", "wanted"), SECRET_TEXTS)
def test_secret_in_text(text: str, wanted: str) -> None:
    """The secret goes, what stands around it stays."""
    assert default_redactor.text(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), SECRET_TEXTS)
def test_twice_is_once_for_secrets(text: str, wanted: str) -> None:
    """Redacted text stays as it is."""
    assert default_redactor.text(wanted) == wanted, text


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_no_secret_in_text(text: str) -> None:
    """Text that only resembles a secret stays."""
    assert default_redactor.text(text) == text


def test_tables_are_long_enough() -> None:
    """Sixty examples on each side, at least."""
    assert min(len(SECRET_TEXTS), len(PLAIN_TEXTS), len(SECRET_NAMES) + 20, len(PLAIN_NAMES) + 20) >= 60


_PIECES = st.sampled_from(
    [text for text, _ in SECRET_TEXTS]
    + PLAIN_TEXTS
    + ["=", ":", " ", '"', "'", "\n", "@", "://", "--", REDACTED]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=6).map("".join))
def test_twice_is_once(text: str) -> None:
    """Whatever the text, a second pass changes nothing."""
    once = default_redactor.text(text)
    assert default_redactor.text(once) == once


@given(st.lists(st.one_of(st.text(), _PIECES)))
def test_argv_keeps_its_length(words: list[str]) -> None:
    """A command line has as many words as before, and a second pass changes nothing."""
    once = default_redactor.argv(words)
    assert len(once) == len(words)
    assert default_redactor.argv(once) == once


@given(st.binary())
def test_bytes_without_secrets_stay(data: bytes) -> None:
    """Bytes that are no text pass unchanged."""
    once = default_redactor.bytes(data)
    assert default_redactor.bytes(once) == once


@given(st.binary().filter(lambda data: b"=" not in data and b":" not in data))
def test_invalid_bytes_stay(data: bytes) -> None:
    """Bytes that are not UTF-8 come out as they went in."""
    assert default_redactor.bytes(b"\xff\xfe" + data[:5]) == b"\xff\xfe" + data[:5]


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "=",
            "a=",
            'a="',
            "password=",
            'password="',
            "password='x",
            "eyJ",
            "eyJaaaaaaaa.",
            "://",
            "x://",
        ),
        *("a://b:", "https://a", "@", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----\n", "sk-", "sk-A1", "AKIA"),
        *(
            AWS_ID,
            AWS_ID + " ",
            "bearer ",
            "Bearer a",
            "--token ",
            "token ",
            "\n",
            " ",
            "\\",
            "\\n",
            "hf_",
            ":AA",
        ),
        *("?sig=", "a.", "a-", "key:", "token:", "-", "1:AA", "hooks.slack.com/services/", "bearer bearer"),
    ],
)
def test_a_megabyte_of_anything(piece: str) -> None:
    """No input makes an expression backtrack: a quadratic one would not end here."""
    default_redactor.text((piece * (1_000_000 // len(piece) + 1))[:1_000_000])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["run", "--password", "x1"], ["run", "--password", REDACTED]),
        (["run", "--api-key=x1"], ["run", f"--api-key={REDACTED}"]),
        (["run", "-p", "8080"], ["run", "-p", "8080"]),
        (["env", "TOKEN=abc", "cmd"], ["env", f"TOKEN={REDACTED}", "cmd"]),
        (["run", "+db.password=x"], ["run", f"+db.password={REDACTED}"]),
        (["run", "--auth", "--lr", "0.1"], ["run", "--auth", "--lr", "0.1"]),
        (["run", "--use-auth-token", "True"], ["run", "--use-auth-token", "True"]),
        (["run", "--token", "5"], ["run", "--token", "5"]),
        (["run", "--password", "5"], ["run", "--password", REDACTED]),
        (["run", "--max-tokens", "512"], ["run", "--max-tokens", "512"]),
        (["sh", "-c", "TOKEN=abc cmd"], ["sh", "-c", f"TOKEN={REDACTED} cmd"]),
        (["curl", "https://u:p@h/"], ["curl", f"https://{REDACTED}@h/"]),
        (["run", "--data=https://u:p@h/"], ["run", f"--data=https://{REDACTED}@h/"]),
        (["run", "--password"], ["run", "--password"]),
        (["run", f"--x=ghp_{LETTERS[:36]}"], ["run", f"--x={REDACTED}"]),
    ],
)
def test_argv(words: list[str], wanted: list[str]) -> None:
    """Secrets in a command line go, in each of the usual spellings."""
    assert default_redactor.argv(words) == wanted


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://user:pw@host/x.git", "https://host/x.git"),
        ("https://token@host/x.git", "https://host/x.git"),
        ("https://host/x.git", "https://host/x.git"),
        ("git+https://user:pw@host/x.git@main", "git+https://host/x.git@main"),
        ("ssh://git@host/x.git", "ssh://git@host/x.git"),
        ("ssh://git:pw@host/x.git", "ssh://git@host/x.git"),
        ("ssh://:pw@host/x", "ssh://host/x"),
        ("git@host:x.git", "git@host:x.git"),
        ("../sibling", "../sibling"),
        ("https://host/x?token=abc1", f"https://host/x?token={REDACTED}"),
    ],
)
def test_url(url: str, wanted: str) -> None:
    """A remote's URL loses its credentials and still names the remote."""
    assert default_redactor.url(url) == wanted


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("lr", 0.1, 0.1),
        ("password", 1234, REDACTED),
        ("password", True, True),
        ("password", None, None),
        ("password", "", ""),
        ("token", 5, 5),
        ("model", {"api_key": "x", "lr": 1}, {"api_key": REDACTED, "lr": 1}),
        ("credentials", {"user": "u", "list": ["a", 1]}, {"user": REDACTED, "list": [REDACTED, 1]}),
        ("password", {"old": 1}, {"old": REDACTED}),
        ("hosts", ("https://u:p@h",), [f"https://{REDACTED}@h"]),
        ("x", {1: "y"}, {"1": "y"}),
    ],
)
def test_value(key: str, value: object, wanted: object) -> None:
    """Values are redacted by name, down to the leaves; what is no text stays unless it must go."""
    assert default_redactor.value(key, value) == wanted


def test_mapping() -> None:
    """Every value goes through its key, and so does a key that is a token."""
    given_ = {"lr": 1, "token": "abc", f"ghp_{LETTERS[:36]}": 2}
    assert default_redactor.mapping(given_) == {"lr": 1, "token": REDACTED, REDACTED: 2}


def test_names_secret() -> None:
    """Whether a name is one can be asked."""
    assert default_redactor.names_secret("api_key")
    assert not default_redactor.names_secret("lr")


def test_keys_of_the_user() -> None:
    """Globs of the user name further secrets, in values, text and options alike."""
    redactor = Redactor(keys=["Lab_*"])
    assert redactor.value("lab_code", "x") == REDACTED
    assert redactor.text("say lab_code=xyz") == f"say lab_code={REDACTED}"
    assert redactor.argv(["--lab_code", "x"]) == ["--lab_code", REDACTED]


def test_patterns_of_the_user() -> None:
    """Expressions of the user find further secrets; again twice is once."""
    redactor = Redactor(patterns=[r"[a-z]*\d{4}", "redact"])
    assert redactor.text("code abc1234 x") == f"code {REDACTED} x"
    assert redactor.text(REDACTED) == REDACTED


def test_broken_pattern() -> None:
    """A pattern that is no expression is named at once."""
    with pytest.raises(InvalidValue, match="not a regular expression"):
        Redactor(patterns=["("])


@pytest.mark.parametrize("size", [1, 3, 7, 50, 10_000])
def test_output_in_pieces(size: int) -> None:
    """Output is redacted the same however it is cut into pieces."""
    text = f"start\npassword=hunter2\r50%\r\n{PEM}\nhttps://u:p@h\nghp_{LETTERS[:36]} end".encode()
    output = OutputRedactor(default_redactor)
    pieces = [output.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert b"".join([*pieces, output.close()]) == default_redactor.bytes(text)


def test_output_without_line_breaks() -> None:
    """A line without end is given out at a space, and is not held for ever."""
    output = OutputRedactor(default_redactor)
    assert output.feed(b"x " * 30_000) == b"x " * 30_000
    assert output.feed(b"y" * 30_000) == b"y" * 30_000


def test_output_after_an_open_key() -> None:
    """A private key that never ends does not hold the output for ever."""
    output = OutputRedactor(default_redactor)
    begin = b"-----BEGIN PRIVATE " + b"KEY-----\n"
    assert output.feed(begin + b"A" * 64 + b"\n") == b""
    assert output.feed(b"prose, prose.\n" * 2000).endswith(b"prose, prose.\n")
