"""Requirements files as pip and uv read them, flattened, without becoming options of any program.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. What is kept is written to a
requirements file again; only what stands in `_FLAGS` is translated, into flags that are ours.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.launch.environments.failures import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTION = re.compile(r"(?P<name>-[A-Za-z]|--[a-z][a-z-]*)(?:[=\s]\s*|(?<=-[a-z])(?=\S)|$)(?P<value>.*)")
_NAMES = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "-f": "--find-links",
}
_KEPT = {"--index-url", "--extra-index-url", "--no-index", "--find-links", "--no-binary", "--only-binary"}
_FLAGS = {"--pre": "--prerelease=allow", "--require-hashes": "--require-hashes"}
_IGNORED = {"--trusted-host", "--prefer-binary", "--use-feature", "--use-pep517", "--pypi-url"}
_PATH = re.compile(
    r"(?:(?P<name>[A-Za-z0-9][\w.-]*(?:\[[\w\s,.-]*\])?)\s*@\s*)?"
    r"(?P<path>file:[^\s\[]*|\.{1,2}(?:/[^\s\[;]*)?(?=[\s\[;]|$)|\.?\.?/[^\s\[;]*|[A-Za-z]:[\\/][^\s\[;]*"
    r"|[^\s\[;@:]+\.(?:whl|zip|tar\.gz|tar\.bz2|tgz))(?P<rest>.*)"
)
_DEEPEST = 20


class Local(NamedTuple):
    """A requirement that is a file or directory of this machine.

    Attributes:
        path: absolute.
        editable: whether its code is used in place.
    """

    path: Path
    editable: bool


@dataclass(frozen=True)
class Requirements:
    """What one or more requirements files ask for.

    Attributes:
        lines: requirements as they can be written to a requirements file, paths as `file:` URLs.
        options: lines with indexes and kinds of archives.
        constraints: versions that hold for what is installed.
        flags: options for uv, all of them ours.
        locals: what of this machine is named.
        files: the files that were read, relative to the project.
        notes: what was left out.
    """

    lines: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    locals: tuple[Local, ...] = ()
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """The requirements file."""
        return "".join(f"{line}\n" for line in (*self.options, *self.lines))

    def public(self) -> dict[str, list[str]]:
        """What is recorded of it, without credentials."""
        parts = {"dependencies": self.lines, "constraints": self.constraints, "indexes": self.options}
        return {name: [without_credentials(line) for line in value] for name, value in parts.items() if value}


def flatten(lines: Sequence[str], *, directory: Path, root: Path | None = None, where: str) -> Requirements:
    """Requirement lines with the files that they name.

    Args:
        lines: as in a requirements file, or the `dependencies` of python_env.yaml.
        directory: of the project; paths of packages are relative to it, as for pip that runs there.
        root: what `-r` and `-c` may not leave; `directory` when None.
        where: the file the lines are from, relative to `directory`.

    Raises:
        MalformedFile: an option that such files do not have, or a file that is missing or no text.
        InvalidValue: a file outside of the project.
    """
    reader = _Reader(directory.resolve(), (root or directory).resolve())
    reader.take(lines, where, directory.resolve() / where, 0)
    return reader.result()


def read(name: str, *, directory: Path, root: Path | None = None) -> Requirements:
    """A requirements file of a project; as :func:`flatten`."""
    reader = _Reader(directory.resolve(), (root or directory).resolve())
    reader.file(name, directory.resolve() / name, "", 0, constraint=False)
    return reader.result()


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of the lines that say something: comments gone, continued lines joined."""
    held: list[str] = []
    start = 0
    for number, raw in enumerate([*text.splitlines(), ""], start=1):
        start = start if held else number
        body = raw.rstrip()
        continued = body.endswith("\\")
        held.append(_COMMENT.sub("", body[:-1] if continued else raw).strip())
        if not continued:
            line = " ".join(part for part in held if part)
            held = []
            if line:
                yield start, line


class _Reader:
    """Gathers what the lines of files say."""

    def __init__(self, directory: Path, root: Path) -> None:
        self._directory = directory
        self._root = root
        self._found: dict[str, list[str]] = {
            key: [] for key in ("lines", "options", "constraints", "flags", "files", "notes")
        }
        self._locals: list[Local] = []

    def result(self) -> Requirements:
        unique = {key: tuple(dict.fromkeys(values)) for key, values in self._found.items()}
        return Requirements(**unique, locals=tuple(dict.fromkeys(self._locals)))

    def file(self, name: str, path: Path, where: str, depth: int, *, constraint: bool) -> None:
        """Take the lines of a file that another names."""
        shown = f"{where}: " if where else ""
        resolved = path.resolve()
        if "://" in name or not resolved.is_relative_to(self._root):
            msg = f"{shown}{without_credentials(name)} is outside of the project"
            raise InvalidValue(msg, hint="copy the file into the project")
        if depth > _DEEPEST:
            raise MalformedFile(where, "files that include each other", hint="take one of the -r lines out")
        try:
            text = resolved.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise MalformedFile(name, "no such file", hint=f"{where} names it" if where else None) from error
        except (OSError, UnicodeDecodeError) as error:
            raise MalformedFile(name, "not a text file") from error
        relative = resolved.relative_to(self._root) if self._root != self._directory else None
        inside = resolved.is_relative_to(self._directory)
        shown = (resolved.relative_to(self._directory) if inside else relative or resolved).as_posix()
        self._found["files"].append(shown)
        self.take(list(logical_lines(text)), shown, resolved, depth, constraint=constraint)

    def take(
        self,
        lines: Sequence[str] | Sequence[tuple[int, str]],
        where: str,
        path: Path,
        depth: int,
        *,
        constraint: bool = False,
    ) -> None:
        """Take lines of the file at a path."""
        for item in lines:
            number, line = (None, item.strip()) if isinstance(item, str) else item
            place = where if number is None else f"{where} line {number}"
            if "\n" in line or "\r" in line or "\0" in line:
                raise MalformedFile(place, "a requirement of several lines")
            if line.startswith("-"):
                self._option(line, place, path, depth, constraint=constraint)
            elif line:
                self._found["constraints" if constraint else "lines"].append(self._requirement(line))

    def _option(self, line: str, place: str, path: Path, depth: int, *, constraint: bool) -> None:
        match = _OPTION.fullmatch(line)
        name = _NAMES.get(match["name"], match["name"]) if match else line
        value = match["value"].strip() if match else ""
        if name in {"--requirement", "--constraint"}:
            target = path.parent / _unquoted(value)
            self.file(
                _unquoted(value), target, place, depth + 1, constraint=constraint or name == "--constraint"
            )
        elif name == "--editable" and value:
            self._found["lines"].append(f"-e {self._requirement(value, editable=True)}")
        elif name in _KEPT:
            self._found["options"].append(f"{name} {self._link(name, value)}".rstrip())
        elif name in _FLAGS:
            self._found["flags"].append(_FLAGS[name])
        elif name in _IGNORED:
            self._found["notes"].append(f"{place}: {name} means nothing to uv and is left out")
        else:
            hint = "requirements files may hold -r, -c, -e, -i, -f, --extra-index-url, --no-index, --pre"
            raise MalformedFile(place, f"an option that is not taken from files: {name[:60]}", hint=hint)

    def _requirement(self, line: str, *, editable: bool = False) -> str:
        """A requirement, its path made absolute."""
        match = _PATH.fullmatch(line)
        if editable and match is None and ":" not in line:  # `-e package`, a folder
            match = _PATH.fullmatch(f"./{line}")
        if match is None:
            return line
        path = self._path(match["path"])
        self._locals.append(Local(path, editable))
        name = f"{match['name']} @ " if match["name"] else ""
        return f"{name}{path.as_uri()}{match['rest']}"

    def _path(self, text: str) -> Path:
        from urllib.parse import unquote, urlsplit

        if text.startswith("file:"):
            text = unquote(urlsplit(text).path)
        return (self._directory / text).resolve()

    def _link(self, name: str, value: str) -> str:
        if name == "--find-links" and "://" not in value:
            return self._path(_unquoted(value)).as_uri()
        return value


def _unquoted(value: str) -> str:
    try:
        words = shlex.split(value)
    except ValueError:
        return value
    return words[0] if len(words) == 1 else value
