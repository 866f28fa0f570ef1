"""Which names say that their value is a secret: `api_key`, `dbPassword`, `--hf-token`, not `max_tokens`."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import Literal

Secrecy = Literal["no", "weak", "strong"]
"""`strong`: whatever the value. `weak`: unless the value is plainly none (a number, a flag, prose)."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 200
_STRONG = frozenset(
    {
        *("password", "passwd", "passphrase", "passcode", "secret", "secrets", "apikey", "apisecret"),
        *("accesskey", "secretkey", "privatekey", "authkey", "authtoken", "accesstoken", "clientsecret"),
        *("accountkey", "sshpass", "kennwort", "authorization"),
    }
)
_WEAK = frozenset({"token", "auth", "credential", "credentials", "cookie", "jwt", "creds"})
_ENDINGS = ("password", "passwd", "passphrase")  # PGPASSWORD
_KEYS = frozenset(  # what stands before `key` in the name of a secret one
    {
        *("api", "access", "secret", "private", "auth", "account", "encryption", "signing", "master"),
        *("storage", "service", "shared", "ssh", "session", "deploy", "license", "subscription", "wandb"),
        *("openai", "anthropic", "kaggle", "comet", "neptune", "hmac", "fernet"),
    }
)
_PASS = frozenset({"db", "smtp", "user", "mysql", "pg", "ftp", "mail", "admin", "root", "redis", "ssh"})
_TEXT_TOKENS = frozenset(  # a token of text, not of access
    {
        *("pad", "eos", "bos", "unk", "mask", "sep", "cls", "special", "per", "next", "image", "start"),
        *("end", "stop", "num", "max", "min", "class", "prompt", "first", "last", "new", "prev", "previous"),
        *("each", "audio", "video", "decoder", "register", "distillation", "dist", "blank", "a", "the"),
    }
)
_NOT_THE_VALUE = frozenset(  # `token_count`, `password_file`, `secret_name`: about the secret, not it
    {
        *("file", "path", "dir", "length", "len", "size", "count", "type", "name", "field", "id", "ids"),
        *("url", "uri", "env", "ttl", "expiry", "expires", "dim", "dropout", "embedding", "embeddings"),
        *("budget", "limit", "index", "position", "mode", "method", "provider", "enabled", "loss", "rate"),
        *("accuracy", "ratio", "mixing", "level", "server", "host", "port", "policy", "merging", "var"),
    }
)


@lru_cache(maxsize=4096)
def secrecy(name: str) -> Secrecy:
    """How surely the value under a name is a secret.

    Args:
        name: in any spelling: `api_key`, `apiKey`, `API-KEY`, `--api-key`, `model.api_key`.
    """
    words = [word.lower() for word in _WORD.findall(name[:_LONGEST])]
    if not words:
        return "no"
    if words[-3:] == ["access", "key", "id"]:
        return "strong"
    if words[-1] in _NOT_THE_VALUE:
        return "no"
    found = {_one(words, position) for position in range(len(words))}
    return "strong" if "strong" in found else "weak" if "weak" in found else "no"


def _one(words: list[str], position: int) -> Secrecy:
    word, last = words[position], position == len(words) - 1
    before = words[position - 1] if position else ""
    if word in _STRONG or word.endswith(_ENDINGS) or (word == "key" and before in _KEYS):
        return "strong"
    if (word == "pwd" and before) or (word == "pass" and last and before in _PASS):
        return "strong"
    if word == "token":
        return "weak" if last and before not in _TEXT_TOKENS else "no"
    return "weak" if word in _WEAK and (last or words[position + 1] in {"header", "key", "string"}) else "no"


class Names:
    """The names whose values are secrets: the well-known ones and the user's.

    Args:
        globs: further names; case does not matter.
    """

    def __init__(self, globs: tuple[str, ...] = ()) -> None:
        # a glob is translated by fnmatch: its `*` cannot backtrack more than the bounded name allows
        self._own = re.compile("|".join(map(fnmatch.translate, globs)), re.IGNORECASE) if globs else None

    def secrecy(self, name: str) -> Secrecy:
        """How surely the value under a name is a secret."""
        if self._own and self._own.match(name[:_LONGEST].lstrip("-+")):
            return "strong"
        return secrecy(name)
