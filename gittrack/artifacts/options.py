"""Options of a store (`artifacts.options`): which there are, and which must not be in a shared file; pure.

`gittrack.yaml` comes with a clone, so it may have been written by anybody: only options that are listed
here are taken, none of them leads credentials elsewhere, and none is a secret.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.redact_names import secrecy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.artifacts.urls import StoreUrl

    Check = Callable[[object], bool]


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[\w.@:/+= ,-]{1,200}", value)) and value[0] != "-"


def _name(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9_$][\w.@+$-]{0,199}", value, re.ASCII))


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536  # noqa: PLR2004  a port


def _address(value: object) -> bool:
    return isinstance(value, str) and bool(
        re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[\w./-]*)?", value, re.ASCII)
    )


def _azure_host(value: object) -> bool:
    """A host of Microsoft's: a bearer token would go to any other as well."""
    return isinstance(value, str) and bool(
        re.fullmatch(
            r"[a-z0-9-]+(\.[a-z0-9-]+)?\.(blob|dfs)\.(core\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)"
            r"|storage\.azure\.net|fabric\.microsoft\.com)",
            value,
            re.ASCII,
        )
    )


_LOGIN: Mapping[str, Check] = {"port": _number, "user": _name}
ALLOWED: Mapping[str, Mapping[str, Check]] = {
    "s3": {
        "endpoint_url": _address,
        "region": _text,
        "profile": _text,
        "anon": _flag,
        "storage_class": _text,
        "encryption": _text,
        "kms_key_id": _text,
        "addressing_style": _text,
        "requester_pays": _flag,
        "checksums": _text,
    },
    "gcs": {"project": _text, "endpoint_url": _address, "anon": _flag, "requester_pays": _flag},
    "azure": {"account_name": _text, "account_host": _azure_host, "anon": _flag},
    "hdfs": {**_LOGIN},
    "webhdfs": {**_LOGIN, "kerberos": _flag, "tls": _flag},
    "ftp": {**_LOGIN, "tls": _flag},
    "sftp": {**_LOGIN},
    "webdav": {**_LOGIN, "tls": _flag},
    "local": {},
    "memory": {},
    "other": {},
}
"""Family of drivers to the names of its options, each with what its value must be."""


def check(url: StoreUrl, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options for the store of a URL.

    Options of other families are passed over: `artifacts.url` may differ from one clone to another.

    Raises:
        InvalidValue: an option is a secret, is none, or has a value that cannot be.
    """
    for name in options:
        _refuse_secret(name)
    allowed = ALLOWED[url.family]
    everywhere = {name for family in ALLOWED.values() for name in family}
    for name in options.keys() - everywhere:
        raise _unknown(str(name), allowed)
    taken = {name: value for name, value in options.items() if name in allowed}
    for name, value in taken.items():
        if not allowed[name](value):
            msg = f"artifacts.options.{name} cannot be {str(value)[:80]!r}"
            raise InvalidValue(msg, hint=_HINTS.get(allowed[name], "see docs/artifacts.md"))
    return taken


_HINTS: Mapping[Check, str] = {
    _name: "write the name of a user",
    _text: "write one line of text",
    _flag: "write true or false",
    _number: "write a port number",
    _address: "write http:// or https://, a host, and a port where needed",
    _azure_host: "write ACCOUNT.blob.core.windows.net",
}


def _refuse_secret(name: object) -> None:
    if not isinstance(name, str) or (name != "kms_key_id" and _secret_looking(name)):
        msg = f"artifacts.options must not hold credentials: {str(name)[:80]!r}"
        hint = "take it out of gittrack.yaml: credentials come from where the store's own tools look"
        raise InvalidValue(msg, hint=hint)


def _secret_looking(name: str) -> bool:
    return secrecy(name) != "no" or name.lower() in {
        "key",
        "pass",
        "pw",
        "sas",
        "connection_string",
        "pkey",
        "passphrase",
    }


def _unknown(name: str, allowed: Mapping[str, Check]) -> InvalidValue:
    msg = f"no such option of a store: artifacts.options.{name[:80]}"
    near = difflib.get_close_matches(name, allowed, n=1)
    known = ", ".join(sorted(allowed)) or "none"
    return InvalidValue(msg, hint=f"did you mean {near[0]}?" if near else f"this store knows: {known}")
