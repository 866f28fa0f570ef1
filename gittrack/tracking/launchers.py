"""Where the arguments of the program itself begin in a command line; pure.

`srun -n 4 torchrun --nproc_per_node 2 -m pkg.train --lr 0.1`: the options of `srun`, `torchrun` and
Python are none of the program's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?", re.ASCII)


class Launcher(NamedTuple):
    """A program that starts another one.

    Attributes:
        then: what follows its options: another `command`, or a `script` with its arguments.
        valued: options that take the next word.
        flags: options that take none; only used with `mostly_valued`.
        mostly_valued: whether an option that is in neither takes the next word.
        final: options whose value takes the place of the script (`python -m`).
        words: subcommands that come first (`uv run`), one of them.
        positionals: words of its own before the command (`timeout 10`).
        pairs: options that take two words.
    """

    then: Literal["command", "script"] = "command"
    valued: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    mostly_valued: bool = False
    final: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    positionals: int = 0
    pairs: frozenset[str] = frozenset()


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MPI = Launcher(
    mostly_valued=True,
    flags=_set(
        "--oversubscribe --allow-run-as-root --display-map --tag-output -v -q --verbose -oversubscribe"
        " -l --bind-to-core -bycore --report-bindings --use-hwthread-cpus"
    ),
    pairs=_set("--mca -mca --gmca -genv -env"),
)
_TORCH = Launcher(
    "script",
    mostly_valued=True,
    flags=_set(
        "--standalone --no-python --no_python --use-env --use_env --run-path --run_path -m --module"
        " --multi_gpu --multi-gpu --cpu --tpu --debug --quiet -q --use_fsdp --use_deepspeed --same_network"
        " --force_multi --autotuning --save_pid"
    ),
)
_SHELL = Launcher("script", valued=_set("-o -O --rcfile --init-file"), final=_set("-c"))
_PROGRAMS: dict[str, Launcher] = {
    "env": Launcher(valued=_set("-u --unset -C --chdir")),
    "nohup": Launcher(),
    "nice": Launcher(valued=_set("-n --adjustment")),
    "ionice": Launcher(valued=_set("-c -n --class --classdata")),
    "time": Launcher(valued=_set("-f -o --format --output")),
    "timeout": Launcher(valued=_set("-k -s --kill-after --signal"), positionals=1),
    "stdbuf": Launcher(valued=_set("-i -o -e")),
    "taskset": Launcher(positionals=1),
    "numactl": Launcher(valued=_set("-N -m -C -i -p")),
    "setsid": Launcher(),
    "sudo": Launcher(valued=_set("-u -g -C -D -h -p -U")),
    "xvfb-run": Launcher(valued=_set("-n -s -e -f -p -w")),
    "srun": Launcher(
        mostly_valued=True,
        flags=_set(
            "-l -u -v -vv -Q -O -X -H -k -s -E -Z --label --unbuffered --verbose --quiet --pty --overlap"
            " --exclusive --exact --overcommit --preserve-env --no-kill --kill-on-bad-exit --spread-job"
        ),
    ),
    "mpirun": _MPI,
    "mpiexec": _MPI,
    "horovodrun": _MPI,
    "torchrun": _TORCH,
    "deepspeed": _TORCH,
    "accelerate": Launcher("script", words=_set("launch"), mostly_valued=True, flags=_TORCH.flags),
    "uv": Launcher(
        words=_set("run"),
        valued=_set(
            "--with --with-editable --with-requirements --extra --group --only-group --no-group --python -p"
            " --project --directory --package --env-file --index-url -i --extra-index-url --cache-dir"
        ),
        final=_set("-m --module"),
    ),
    "poetry": Launcher(words=_set("run")),
    "pipenv": Launcher(words=_set("run")),
    "pdm": Launcher(words=_set("run")),
    "rye": Launcher(words=_set("run")),
    "pixi": Launcher(words=_set("run"), valued=_set("-e --environment --manifest-path")),
    "hatch": Launcher(words=_set("run")),
    "conda": Launcher(words=_set("run"), valued=_set("-n --name -p --prefix --cwd")),
    "mamba": Launcher(words=_set("run"), valued=_set("-n --name -p --prefix --cwd")),
    "micromamba": Launcher(words=_set("run"), valued=_set("-n --name -p --prefix --cwd")),
    "bash": _SHELL,
    "sh": _SHELL,
    "zsh": _SHELL,
    "dash": _SHELL,
    "Rscript": Launcher("script", final=_set("-e")),
    "julia": Launcher("script", valued=_set("-C -J -t -p -L -H"), final=_set("-e -E")),
    "node": Launcher("script", valued=_set("-r --require --import"), final=_set("-e --eval -p")),
    "ruby": Launcher("script", valued=_set("-I -r"), final=_set("-e")),
    "perl": Launcher("script", valued=_set("-I"), final=_set("-e -E")),
    "php": Launcher("script", valued=_set("-c -d"), final=_set("-r")),
    "java": Launcher(
        "script", valued=_set("-cp -classpath --class-path -p --module-path"), final=_set("-jar -m")
    ),
    "ipython": Launcher("script", final=_set("-m -c")),
    "coverage": Launcher("script", words=_set("run"), valued=_set("--source --rcfile"), final=_set("-m")),
}
_INTERPRETER = Launcher("script", valued=_set("-W -X --check-hash-based-pycs"), final=_set("-m -c"))
_MODULES = {"torch.distributed.run": _TORCH, "torch.distributed.launch": _TORCH}


def program_arguments(command: Sequence[str]) -> list[str]:
    """The arguments of the program that a command line starts in the end.

    Args:
        command: its words.
    """
    words = list(command)
    while words:
        while words and _ASSIGNMENT.match(words[0]):  # `env A=1 python …`
            words.pop(0)
        if not words:
            break
        name = words.pop(0)
        launcher = _launcher(name)
        if launcher is None or (launcher.words and (not words or words[0] not in launcher.words)):
            return words
        if launcher.words:
            words.pop(0)
        words, done = _after_options(launcher, words)
        if done:
            return words
    return words


def _launcher(name: str) -> Launcher | None:
    base = re.split(r"[/\\]", name)[-1].removesuffix(".exe")
    if _PYTHON.fullmatch(base):
        return _INTERPRETER
    return _PROGRAMS.get(base)


def _after_options(launcher: Launcher, words: list[str]) -> tuple[list[str], bool]:
    """What follows the options, and whether that is the program's arguments already."""
    at, skipped = 0, 0
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
            break
        if not word.startswith("-") or word == "-":
            if skipped == launcher.positionals:
                break
            skipped += 1
            at += 1
        elif word in launcher.final:
            return _after_final(words[at + 1 :])
        else:
            at += _width(launcher, word)
    if launcher.then == "script":
        return words[at + 1 :], True
    return words[at:], False


def _after_final(rest: list[str]) -> tuple[list[str], bool]:
    module = _MODULES.get(rest[0]) if rest else None
    return _after_options(module, rest[1:]) if module else (rest[1:], True)


def _width(launcher: Launcher, option: str) -> int:
    if option in launcher.pairs:
        return 3
    if option in launcher.valued:
        return 2
    glued = "=" in option or (not option.startswith("--") and option[1:2].isalpha() and option[2:].isdigit())
    return 2 if launcher.mostly_valued and option not in launcher.flags and not glued else 1
