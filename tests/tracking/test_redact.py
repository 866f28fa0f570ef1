from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import InvalidValue
from gittrack.tracking.redact import REDACTED, OutputRedactor, Redactor, default_redactor

# Tokens are put together here, so that no scanner takes this file for a leak.
_A = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zAbCdEfGhIjKlMnOpQrStUv"
_HEX = "0123456789abcdef" * 4
_AWS = "AK" + "IAIOSFODNN7EXAMPLE"
_AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfi" + "CYEXAMPLEKEY"
_JWT = "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
_PEM = "-----BEGIN RSA PRIVATE " + "KEY-----\n" + "MIIEowIBAAKCAQEA" * 4
_PEM += "\n-----END RSA PRIVATE " + "KEY-----"

SECRET_NAMES = [
    *("password", "passwd", "db_password", "dbPassword", "DB-PASSWORD", "PGPASSWORD", "MYSQL_PWD"),
    *("passphrase", "secret", "client_secret", "clientSecret", "AWS_SECRET_ACCESS_KEY", "token"),
    *("AWS_ACCESS_KEY_ID", "access_token", "accessToken", "HF_TOKEN", "--hf-token", "api_key", "apikey"),
    *("apiKey", "APIKey", "X-API-Key", "OPENAI_API_KEY", "WANDB_API_KEY", "private_key", "privateKey"),
    *("auth", "basic_auth", "auth_header", "Authorization", "_authToken", "credentials", "db.credential"),
    *(
        "AccountKey",
        "SharedAccessKey",
        "storage_key",
        "ssh_key",
        "session_token",
        "cookie",
        "jwt",
        "smtp_pass",
    ),
]
PLAIN_NAMES = [
    *("tokenizer", "max_tokens", "num_tokens", "token_count", "author", "secretary", "keyboard", "key"),
    *("keys", "tokens", "pad_token", "eos_token", "bos_token", "unk_token", "mask_token", "next_token"),
    *("loss_per_token", "token_dropout", "token_embedding_dim", "token_type_ids", "password_file"),
    *("secret_name", "auth_type", "auth_url", "primary_key", "sort_key", "key_size", "pass", "passes"),
    *("forward_pass", "passed", "bypass", "PWD", "OLDPWD", "authentic", "monkey", "tokenize", "detoken"),
    *("compass", "lr", "seed", "data", "", "---", "attention_key", "query_key_value", "key_dim", "credit"),
]

SECRET_TEXTS = [
    (f"id {_AWS} used", f"id {REDACTED} used"),
    (f"{_AWS} {_AWS_SECRET}", f"{REDACTED} {REDACTED}"),
    ("AS" + "IAIOSFODNN7EXAMPLE", REDACTED),
    (f"ghp_{_A[:36]}", REDACTED),
    (f"gho_{_A[:36]}", REDACTED),
    (f"ghs_{_A[:36]}", REDACTED),
    (f"(github_pat_{_A[:22]}_{_A})", f"({REDACTED})"),
    (f"glpat-{_A[:20]}", REDACTED),
    (f"glptt-{_A[:40]}", REDACTED),
    (f"xoxb-1234567890-{_A[:24]}", REDACTED),
    (f"xapp-1-{_A[:24]}", REDACTED),
    (f"https://hooks.slack.com/services/T00/B00/{_A[:24]}", f"https://hooks.slack.com/services/{REDACTED}"),
    (f"sk-{_A[:48]}", REDACTED),
    (f"sk-proj-{_A}", REDACTED),
    (f"sk-ant-api03-{_A}", REDACTED),
    (f"hf_{_A[:34]}", REDACTED),
    (f"api_org_{_A[:34]}", REDACTED),
    ("AI" + f"za{_A[:35]}", REDACTED),
    (f"ya29.{_A[:40]}", REDACTED),
    (f"GOCSPX-{_A[:28]}", REDACTED),
    ("sk_li" + f"ve_{_A[:24]}", REDACTED),
    ("rk_te" + f"st_{_A[:24]}", REDACTED),
    (f"whsec_{_A[:32]}", REDACTED),
    (f"npm_{_A[:36]}", REDACTED),
    (f"pypi-AgEIcHlwaS5vcmc{_A}", REDACTED),
    (f"see {_JWT}.", f"see {REDACTED}."),
    ("SG." + f"{_A[:22]}.{_A[:43]}", REDACTED),
    (f"dapi{_HEX[:32]}", REDACTED),
    (f"dop_v1_{_HEX}", REDACTED),
    (f"dckr_pat_{_A[:27]}", REDACTED),
    (f"r8_{_A[:37]}", REDACTED),
    (f"gsk_{_A[:44]}", REDACTED),
    (f"hvs.{_A[:30]}", REDACTED),
    (f"shpat_{_HEX[:32]}", REDACTED),
    (f"key-{_HEX[:32]}", REDACTED),
    (f"12345678:AA{_A[:33]}", REDACTED),
    (_PEM, REDACTED),
    (f"before\n{_PEM}\nafter", f"before\n{REDACTED}\nafter"),
    ("-----BEGIN PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEA\nthen: prose", f"{REDACTED}\nthen: prose"),
    ("Authorization: Bearer abcdefgh12345678", f"Authorization: {REDACTED}"),
    ("curl -H 'Authorization: Basic dXNlcjpwYXNz'", f"curl -H 'Authorization: {REDACTED}'"),
    ("sent bearer abcdefgh12345678 again", f"sent bearer {REDACTED} again"),
    ("https://user:hunter2@host/x", f"https://{REDACTED}@host/x"),
    ("postgres://u:p/w@db:5432/x", f"postgres://{REDACTED}@db:5432/x"),
    ("postgres://u:p@w@db/x", f"postgres://{REDACTED}@db/x"),
    ("redis://:hunter2@host:6379/0", f"redis://{REDACTED}@host:6379/0"),
    ("https://tokentoken@host/x.git", f"https://{REDACTED}@host/x.git"),
    ("https://h/o?sv=1&sig=a%2Bb%3D&x=1", f"https://h/o?sv=1&sig={REDACTED}&x=1"),
    ("https://h/o?X-Amz-Signature=abc123", f"https://h/o?X-Amz-Signature={REDACTED}"),
    ("password=hunter2", f"password={REDACTED}"),
    ("password: hunter2", f"password: {REDACTED}"),
    ("{'password': 'a b c'}", f"{{'password': '{REDACTED}'}}"),
    ('{"api_key": "x1", "lr": 1}', f'{{"api_key": "{REDACTED}", "lr": 1}}'),
    (r"{\"api_key\": \"x1\"}", rf"{{\"api_key\": \"{REDACTED}\"}}"),
    ("TOKEN=abc cmd", f"TOKEN={REDACTED} cmd"),
    ("run --password hunter2 --lr 1", f"run --password {REDACTED} --lr 1"),
    ("run --api-key=X1 --lr 1", f"run --api-key={REDACTED} --lr 1"),
    ("a=b:password=x,c=d", f"a=b:password={REDACTED},c=d"),
    ("?access_token=abc&x=1", f"?access_token={REDACTED}&x=1"),
    (
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v==;EndpointSuffix=x",
        f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={REDACTED};EndpointSuffix=x",
    ),
    (f"WANDB_API_KEY={_HEX[:40]}", f"WANDB_API_KEY={REDACTED}"),
    (f"token: {_A[:20]}", f"token: {REDACTED}"),
    ('password = "unclosed', f'password = "{REDACTED}'),
    ("https://u:p@h https://v:q@i", f"https://{REDACTED}@h https://{REDACTED}@i"),
]
PLAIN_TEXTS = [
    *("", "a", "adam", "0.1", "hello world", "lr=0.1", "epoch 3 loss=0.1 acc: 0.9", "tokens=1000"),
    *("tokens: 512", "token: the unit of text", "the token == other", "next_token=hello", "token: 5"),
    *(
        "pad_token=<pad>",
        "eos_token_id=50256",
        "password=",
        "password: ",
        "password=${PASSWORD}",
        "secret: ***",
    ),
    *("api_key=None", "auth=true", "use_auth_token=False", "token_count=7", "author=Ada", "PWD=/work/x"),
    *("git@github.com:user/repo.git", "ssh://git@host/repo", "https://host/path", "http://host:8080/x@y"),
    *("https://host/@scope/name", "s3://bucket/key=1/part", "file:///home/u/x", "mail ada@example.org"),
    *(
        "sk-learn-contrib-examples-with-a-long-name",
        "sk-",
        "hf_transformers_model_for_causal_lm",
        "ghp_short",
    ),
    *("npm_config_registry_for_the_build", "glpat-", "AKIA", "AKIAshort", "eyJ", "eyJhbGciOiJIUzI1NiJ9"),
    *("bearer of good news", "Bearer token", "basic research", "xoxb-", "-----BEGIN CERTIFICATE-----"),
    *("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "a/b/c.py:12: error", "key: value"),
    *("keyboard: qwerty", "secretary: Bob", "monkey=1", "C:\\Users\\x", "12:30:45", "100%|####| 3/3", "==="),
    _HEX[:40],
    f"commit {_HEX[:40]}",
    f"sha256:{_HEX}",
    f"wandb run {_HEX[:40]}",
    "x" * 500,
    "path/to/" * 40,
    "torch==2.3.0+cu121",
    "{'a': {'b': [1, 2]}}",
    "pass:",
    "forward_pass: 12ms",
    "monkeypatch.setattr(x, 'y', 1)",
    "https://example.org/?q=token&page=2",
    "sort key=lambda x: x[0]",
    "docker run -p 8080:80 image",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg",
    "$1$2",
    "attention key=0.5 value=0.3",
    "compass=north",
]


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
            _AWS,
            _AWS + " ",
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
        (["run", f"--x=ghp_{_A[:36]}"], ["run", f"--x={REDACTED}"]),
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
    given_ = {"lr": 1, "token": "abc", f"ghp_{_A[:36]}": 2}
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
    text = f"start\npassword=hunter2\r50%\r\n{_PEM}\nhttps://u:p@h\nghp_{_A[:36]} end".encode()
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
