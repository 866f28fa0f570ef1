"""The one door to Git.

Every call scrubs `GIT_*` from the environment (gittrack itself may run inside `git commit`, where
they point at somebody else's index), runs without the user's hooks, and never refreshes the user's
index. What works here works for SHA-1 and SHA-256 repositories, linked worktrees, submodules, bare,
shallow and partial clones: Git itself answers, nothing is parsed behind its back.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import re
import subprocess
import threading
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import GitFailed, GitMissing
from gittrack.store.plumbing.batch import Batch, feed
from gittrack.store.plumbing.place import Place, check_version, clean_environment, executable, find_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import IO

RUNS = "refs/heads/gittrack/runs"
CODE = "refs/gittrack/code"
HEADS = "refs/heads/gittrack/"
INBOX = "refs/gittrack/inbox/"
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_UNSAFE = re.compile(r"[<>\x00-\x1f]")  # what would break the header of a commit
_OPTIONS = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.quotePath=false", "-c", "gc.auto=0")
_NOT_SHARED = {None, "umask", "false", "0"}


class Result(NamedTuple):
    """What a Git command gave: standard output, standard error, exit status."""

    out: bytes
    err: str
    status: int

    @property
    def text(self) -> str:
        """Standard output as text, without the last newline."""
        return self.out.decode(errors="replace").rstrip("\n")


class Entry(NamedTuple):
    """One file of a tree."""

    mode: str
    oid: str
    path: str


def is_oid(text: str) -> bool:
    """Whether the text is a whole object id."""
    return _OID.fullmatch(text) is not None


class Git:
    """Git in one repository.

    Args:
        place: from :func:`discover`.
        runs: see below.

    Attributes:
        runs: the ref that runs are committed to: the runs branch, or a topic forked from it.
    """

    def __init__(self, place: Place, runs: str = RUNS) -> None:
        self.place = place
        self.runs = runs
        self._base = [executable(), *_OPTIONS, f"--git-dir={place.git_dir}"]
        if place.work_tree is not None:
            self._base.append(f"--work-tree={place.work_tree}")
        self._cwd = place.work_tree or place.git_dir
        self._config: dict[str, list[str]] | None = None
        self._config_lock = threading.Lock()

    def on(self, runs: str) -> Git:
        """The same repository with another ref for runs."""
        return self if runs == self.runs else Git(self.place, runs)

    @property
    def directory(self) -> Path:
        """`gittrack/` in the common Git directory: what stands beside the branch."""
        return self.place.common_dir / "gittrack"

    def run(
        self,
        *words: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        cwd: Path | None = None,
    ) -> Result:
        """Run a Git command to its end.

        Args:
            words: the command and its arguments; put `--` or `--end-of-options` before untrusted ones.
            stdin: what it reads, nothing when None.
            env: variables to add.
            check: whether a non-zero exit status is an error.
            cwd: where, the top of the work tree when None.

        Raises:
            GitFailed: `check` is set and the command failed.
        """
        done = subprocess.run(
            [*self._base, *words],
            input=stdin if stdin is not None else b"",
            capture_output=True,
            check=False,
            env=clean_environment(dict(env or {})),
            cwd=cwd or self._cwd,
        )
        result = Result(done.stdout, done.stderr.decode(errors="replace"), done.returncode)
        if check and result.status:
            raise _failure(words, result)
        return result

    @contextlib.contextmanager
    def open(
        self, *words: str, env: Mapping[str, str] | None = None
    ) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Run a Git command beside us; gives its standard input and output.

        Raises:
            GitFailed: it ended with a non-zero exit status.
        """
        process = self.popen(*words, env=env)
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
        if stdin is None or stdout is None or stderr is None:
            msg = "unreachable: all three are pipes"
            raise AssertionError(msg)
        errors: list[bytes] = []
        reader = threading.Thread(target=lambda: errors.append(stderr.read()))
        reader.start()
        try:
            yield stdin, stdout
        except BaseException:
            process.kill()
            raise
        finally:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()
            stdout.close()
            process.wait()
            reader.join()
            stderr.close()
        if process.returncode:
            raise _failure(words, Result(b"", b"".join(errors).decode(errors="replace"), process.returncode))

    def popen(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a Git command with all three streams as pipes; the caller ends it."""
        return subprocess.Popen(
            [*self._base, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(dict(env or {})),
            cwd=self._cwd,
        )

    def resolve(self, name: str) -> str | None:
        """The object id a full ref name (`refs/…`) or any other revision stands for, None without one."""
        if name.startswith("refs/") and (oid := self._loose(name)):
            return oid
        result = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
        return result.text if result.status == 0 and is_oid(result.text) else None

    def _loose(self, ref: str) -> str | None:
        """Read a ref from its own file: saves a process. Packed and reftable refs have none."""
        try:
            text = (self.place.common_dir / ref).read_text().strip()
        except (OSError, ValueError):
            return None
        return text if is_oid(text) else None

    def refs(self, *patterns: str) -> dict[str, str]:
        """Ref name to object id, of refs that match the patterns (`refs/gittrack/`)."""
        out = self.run("for-each-ref", "--format=%(refname) %(objectname)", *patterns).text
        return dict(line.split(" ", 1) for line in out.splitlines())

    def tree(self, treeish: str, *paths: str) -> list[Entry]:
        """All files of a tree, or of some folders of it, recursively."""
        out = self.run("ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths).out
        entries = []
        for line in out.decode(errors="surrogateescape").split("\0")[:-1]:
            head, _, path = line.partition("\t")
            mode, _, oid = head.split(" ")
            entries.append(Entry(mode, oid, path))
        return entries

    def read_many(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """The contents of many objects in one process, in order; None for one that is missing.

        Args:
            names: object ids, or `<rev>:<path>` without newlines. Consumed in a thread, so it may be
                long.
        """
        todo = list(names)
        if not todo:
            return
        with self.open("cat-file", "--batch", "--buffer") as (stdin, stdout):
            feeder = threading.Thread(target=feed, args=(stdin, todo))
            feeder.start()
            for name in todo:
                header = stdout.readline().rstrip(b"\n")
                if header.endswith((b" missing", b" ambiguous")) or not header:
                    yield name, None
                    continue
                size = int(header.rsplit(b" ", 1)[1])
                yield name, stdout.read(size)
                stdout.read(1)
            feeder.join()

    def read(self, name: str) -> bytes | None:
        """The content of one object (an id or `<rev>:<path>`), None when it is missing."""
        result = self.run("cat-file", "blob", "--end-of-options", name, check=False)
        return None if result.status else result.out

    def batch(self) -> Batch:
        """Reads single objects through one process, which starts at the first."""
        return Batch(lambda: self.popen("cat-file", "--batch"))

    def has_plain_refs(self) -> bool:
        """Whether refs may be files with the user's permissions: not reftable, not shared by a group."""
        return self.config("extensions.refstorage") in {None, "", "files"} and not self.is_shared()

    def is_shared(self) -> bool:
        """Whether objects get other permissions than the user's files have."""
        return self.config("core.sharedrepository") not in _NOT_SHARED

    def identity(self) -> tuple[str, str]:
        """Name and mail address of who commits; where Git knows none, the user of the machine."""
        name = os.environ.get("GIT_COMMITTER_NAME") or self.config("user.name")
        mail = os.environ.get("GIT_COMMITTER_EMAIL") or self.config("user.email")
        if not name or not mail:
            user = getpass.getuser()
            name, mail = name or user, mail or f"{user}@{platform.node() or 'localhost'}"
        return _UNSAFE.sub("", name), _UNSAFE.sub("", mail)

    def config(self, key: str) -> str | None:
        """A value of Git's configuration, None when unset; read once."""
        values = self.config_all().get(key.lower())
        return values[-1] if values else None

    def config_all(self) -> dict[str, list[str]]:
        """All of Git's configuration: key (section and variable in lower case) to values."""
        with self._config_lock:
            if self._config is None:
                self._config = {}
                for item in self.run("config", "--list", "-z").out.decode(errors="replace").split("\0")[:-1]:
                    key, _, value = item.partition("\n")
                    self._config.setdefault(key, []).append(value)
            return self._config


def discover(start: Path) -> Git:
    """Git in the repository that holds `start`.

    Raises:
        NotARepository: there is none, or Git refuses it.
        GitMissing: there is no usable `git` command.
    """
    return Git(find_place(start))


def create_bare(path: Path, object_format: str) -> Git:
    """Git in a new bare repository.

    Args:
        path: where; made with its parents.
        object_format: `sha1` or `sha256`.

    Raises:
        GitFailed: it cannot be made.
        GitMissing: there is no `git` command.
    """
    words = ("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", "--", str(path))
    done = subprocess.run([executable(), *words], capture_output=True, check=False, env=clean_environment())
    if done.returncode:
        raise GitFailed(words, done.returncode, done.stderr.decode(errors="replace"))
    return discover(path)


def _failure(words: tuple[str, ...], result: Result) -> GitFailed | GitMissing:
    if result.status == 129:  # noqa: PLR2004  Git's status for an option it does not know
        try:
            check_version()
        except GitMissing as error:
            return error
    return GitFailed(words, result.status, result.err)
