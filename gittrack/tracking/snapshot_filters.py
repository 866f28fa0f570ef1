"""Clean filters (`git lfs` and the like) that fail: without them the files go in as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git
    from gittrack.tracking.snapshot_files import Choice

_FAILED = re.compile(r"fatal: .*: clean filter '([^'\n]+)' failed")


class Filters:
    """The filters that have failed so far; Git is told that it can do without them."""

    def __init__(self) -> None:
        self._names: list[str] = []

    @property
    def options(self) -> tuple[str, ...]:
        """Options for `git`."""
        return tuple(word for name in self._names for word in ("-c", f"filter.{name}.required=false"))

    def excuse(self, stderr: str) -> bool:
        """Whether a command failed for a filter that was not known to fail: worth another try."""
        failed = _FAILED.search(stderr)
        if failed is None or failed[1] in self._names:
            return False
        self._names.append(failed[1])
        return True

    def tell(self, git: Git, choice: Choice) -> None:
        """Name the files that went in without their filter."""
        if not (self._names and choice.add):
            return
        paths = b"".join(path + b"\0" for path in choice.add)
        out = git.run("check-attr", "-z", "--stdin", "filter", stdin=paths).out.split(b"\0")
        for path, value in zip(out[::3], out[2::3], strict=False):
            name = value.decode(errors="replace")
            if name in self._names:
                choice.leave_out(path, f"its filter {name} failed: stored as it is in the work tree")
