"""Runs as files, and back."""

from __future__ import annotations

import contextlib
import itertools
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gittrack.core.errors import MalformedFile
from gittrack.core.events import Deleted, Noted, Renamed, Restored, TagsSet
from gittrack.core.records import Artifact, Input, Run
from gittrack.core.series import Series, decode, summarise
from gittrack.store.format import layout
from gittrack.store.format.assemble import Assembled, Attempt, assemble, next_stamp
from gittrack.store.format.layout import Edited, Stamp
from tests.support.runs import DIGEST, START, any_run, any_series, run, series

AUTHOR = "Ada <ada@example.org>"


def within(files: dict[str, bytes], directory: str) -> dict[str, bytes]:
    """Paths relative to the directory of the run."""
    return {path.removeprefix(f"{directory}/"): content for path, content in files.items()}


def stored(one: Run, *later: Edited | Attempt) -> Assembled:
    """A run written and read with later attempts and edits."""
    directory = layout.run_directory(one)
    files = layout.run_files(one, [], None)
    for item in later:
        if isinstance(item, Edited):
            path, content = layout.edit_file(directory, one.id, item)
            files[path] = content
        else:
            files |= layout.run_files(item.run, [], None, item.stamp, directory)
    return assemble(directory, within(files, directory))


def edited(
    clock: int, *edits: TagsSet | Noted | Renamed | Deleted | Restored, writer: str = "aaaa"
) -> Edited:
    """An edit at a clock."""
    return Edited(Stamp(clock, writer), START, AUTHOR, edits)


def same(one: Run, two: Run) -> bool:
    """Equal, NaN equal to NaN."""
    return repr(one) == repr(two)


@given(any_run())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_run_comes_back(one: Run) -> None:
    """Every field of every run survives."""
    assert same(stored(one).run, one)


@given(any_series())
def test_any_points_come_back(points: list[Series]) -> None:
    """Every point survives, NaN and infinities included."""
    one = run()
    files = layout.run_files(one, points, None)
    found = list(decode(files.get(f"{layout.run_directory(one)}/metrics.jsonl", b"")))
    expected = sorted(points, key=lambda item: (item.key, item.rank))
    assert [repr(item) for item in found] == [repr(item) for item in expected]


def test_where_a_run_is() -> None:
    """The directory says experiment and day."""
    one = run(id="20261124-040313-k3f9a2xq", experiment="digits")
    assert layout.run_directory(one) == ".runs/digits/2026-11/24/20261124-040313-k3f9a2xq"


def test_an_imported_run_is_by_its_start() -> None:
    """An id that says no day goes by the start time."""
    assert layout.run_directory(run(id="0a1b" * 8)).endswith("/2026-11/24/" + "0a1b" * 8)


def test_the_file_reads_well() -> None:
    """What a reviewer sees: one field a line, in reading order, nothing empty."""
    one = run(
        id="20261124-040313-k3f9a2xq",
        name="base",
        command=("python", "train.py"),
        params={"lr": 1e-05, "model.depth": 3},
        metrics=summarise([series("val/acc", 0.5, 0.75)]),
        artifacts=(Artifact("model", DIGEST, 12, "directory"),),
        inputs=(Input("train", "data/train.csv", DIGEST, 100),),
    )
    text = layout.run_files(one, [], None)[f"{layout.run_directory(one)}/run.yaml"].decode()
    assert text.splitlines() == [
        'schema: "gittrack.run/1"',
        'run_id: "20261124-040313-k3f9a2xq"',
        'run_name: "base"',
        'experiment: "default"',
        'status: "finished"',
        'start_time: "2026-11-24T04:03:13.123Z"',
        'end_time: "2026-11-24T04:03:14.123Z"',
        "command:",
        '  - "python"',
        '  - "train.py"',
        "params:",
        '  "lr": 1.0e-05',
        '  "model.depth": 3',
        "metrics:",
        f'  "val/acc": {{"last": 0.75, "step": 1, "time": {START + 1}, "min": 0.5, "max": 0.75, "count": 2}}',
        "inputs:",
        f'  - {{"name": "train", "uri": "data/train.csv", "sha256": "{DIGEST}", "size": 100}}',
        "artifacts:",
        f'  - {{"path": "model", "sha256": "{DIGEST}", "size": 12, "kind": "directory"}}',
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("digits", "digits"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".git", "%2Egit"),
        ("-rf", "%2Drf"),
        ("x.lock", "x.loc%6B"),
        ("a..b", "a.%2Eb"),
        ("ü", "%C3%BC"),
        ("a b", "a b"),
        ("end.", "end%2E"),
        ("a:b*", "a%3Ab%2A"),
    ],
)
def test_experiments_as_directories(name: str, expected: str) -> None:
    """Whatever an experiment is called, its directory is harmless."""
    assert layout.experiment_directory(name) == expected


def test_a_long_experiment_is_cut() -> None:
    """Two long names that differ at the end have different directories."""
    one, two = layout.experiment_directory("x" * 400 + "1"), layout.experiment_directory("x" * 400 + "2")
    assert one != two
    assert len(one) < 150


@given(st.text(min_size=1))
def test_any_experiment_is_one_component(name: str) -> None:
    """No name leaves its directory."""
    directory = layout.experiment_directory(name)
    assert directory not in {"", ".", ".."}
    assert "/" not in directory
    assert ".." not in directory
    assert layout.split_path(f".runs/{directory}/2026-11/24/abc/run.yaml") is not None


def test_edits_apply_in_the_order_of_their_clocks() -> None:
    """The later of two changes of a tag wins, whatever order the files are in."""
    edits = [
        edited(2, TagsSet({"stage": "prod"})),
        edited(1, TagsSet({"stage": "dev", "owner": "ada"})),
        edited(3, Renamed("best"), Noted("see PR")),
        edited(4, TagsSet({"owner": None})),
    ]
    for order in itertools.permutations(edits):
        assembled = stored(run(tags={"a": "b"}), *order)
        assert assembled.run.tags == {"a": "b", "stage": "prod"}
        assert (assembled.run.name, assembled.run.note) == ("best", "see PR")
        assert [item.stamp.clock for item in assembled.edits] == [1, 2, 3, 4]


def test_equal_clocks_are_ordered_by_writer() -> None:
    """Two people at the same millisecond: every clone agrees on who was later."""
    one = run()
    first, second = edited(1, Noted("a"), writer="aaaa"), edited(1, Noted("b"), writer="bbbb")
    assert stored(one, first, second).run.note == stored(one, second, first).run.note == "b"


def test_deleted_and_restored() -> None:
    """Deletion is an edit like any other."""
    assert stored(run(), edited(1, Deleted())).run.deleted
    assert not stored(run(), edited(1, Deleted()), edited(2, Restored())).run.deleted


def test_a_resumed_run() -> None:
    """An attempt adds what it logged and says how the run ended; nothing before is lost."""
    first = run(status="killed", params={"lr": 0.1, "seed": 1}, tags={"a": "1"}, name="base", attempt=1)
    later = run(
        id=first.id,
        start_time=START + 5000,
        end_time=START + 9000,
        params={"lr": 0.2},
        tags={"b": "2"},
        attempt=2,
    )
    found = stored(
        first, Attempt(Stamp(START + 9000, "aaaa"), later), edited(START + 1, TagsSet({"a": "x"}))
    ).run
    assert (found.status, found.start_time, found.end_time) == ("finished", START, START + 9000)
    assert (found.params, found.tags) == ({"lr": 0.2, "seed": 1}, {"a": "x", "b": "2"})
    assert (found.name, found.attempt) == ("base", 2)


def test_two_attempts_apart() -> None:
    """Two clones that resumed the same run: both attempts are kept, the later says the state."""
    first = run(status="killed")
    one = Attempt(Stamp(10, "aaaa"), run(id=first.id, params={"a": 1}, status="failed", attempt=2))
    two = Attempt(Stamp(20, "bbbb"), run(id=first.id, params={"b": 2}, attempt=2))
    found = stored(first, two, one).run
    assert (found.params, found.status, found.attempt) == ({"a": 1, "b": 2}, "finished", 3)


def test_the_next_stamp_is_after_all_known() -> None:
    """A clock that runs behind does not make a change lose against an older one."""
    known = stored(run(), edited(5000, Noted("from the future")))
    assert next_stamp(known, "aaaa", 100) == Stamp(5001, "aaaa")
    assert next_stamp(known, "aaaa", 9000) == Stamp(9000, "aaaa")


def test_stamps_sort_as_their_names() -> None:
    """The order of file names is the order of changes."""
    stamps = [Stamp(9, "zzzz"), Stamp(10, "aaaa"), Stamp(START, "aaaa")]
    assert sorted(stamp.name for stamp in stamps) == [stamp.name for stamp in stamps]
    assert [layout.parse_stamp(stamp.name) for stamp in stamps] == stamps
    assert layout.parse_stamp("1-../x") is None


def test_fields_of_a_newer_version_are_kept() -> None:
    """Unknown fields survive reading and writing."""
    one = run(extra={"carbon": {"grams": 12}})
    assert stored(one).run.extra == {"carbon": {"grams": 12}}


def test_nan_summaries() -> None:
    """A metric that is NaN or infinite reads back as that."""
    one = run(metrics=summarise([series("loss", math.nan, math.inf)]))
    found = stored(one).run.metrics["loss"]
    assert (found.last, found.min, found.max) == (math.inf, math.inf, math.inf)


BROKEN = {
    "not YAML": b"a: [",
    "another schema": b'schema: "other/1"\n',
    "another run": b'schema: "gittrack.run/1"\nrun_id: "20261124-040313-aaaaaaaa"\n',
    "no experiment": b'schema: "gittrack.run/1"\nrun_id: "RUN"\nstatus: "finished"\n',
    "unknown status": b'schema: "gittrack.run/1"\nrun_id: "RUN"\nexperiment: "x"\nstatus: "done"\n',
    "params no mapping": b'schema: "gittrack.run/1"\nrun_id: "RUN"\nexperiment: "x"\nstatus: "lost"\n'
    b'start_time: "2026-11-24T00:00:00Z"\nparams: 3\n',
    "time no time": b'schema: "gittrack.run/1"\nrun_id: "RUN"\nexperiment: "x"\nstatus: "lost"\n'
    b'start_time: "soon"\n',
    "binary": b"\xff\xfe",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_run_file_is_named(content: bytes) -> None:
    """Whatever is wrong with it, the path is in the error."""
    directory = ".runs/x/2026-11/24/20261124-040313-k3f9a2xq"
    data = content.replace(b"RUN", b"20261124-040313-k3f9a2xq")
    with pytest.raises(MalformedFile) as caught:
        assemble(directory, {"run.yaml": data})
    assert caught.value.path == f"{directory}/run.yaml"


def test_a_missing_run_file() -> None:
    """A directory with edits only is malformed."""
    with pytest.raises(MalformedFile, match="missing"):
        assemble(".runs/x/2026-11/24/abc", {"edits/1-aaaa.yaml": b""})


@pytest.mark.parametrize(
    "name", ["edits/1-aaaa.yaml", "edits/nonsense.yaml", "attempts/1-aaaa/run.yaml", "attempts/x/run.yaml"]
)
def test_a_broken_later_file_is_left_out_and_named(name: str) -> None:
    """It does not hide the run."""
    one = run()
    directory = layout.run_directory(one)
    files = within(layout.run_files(one, [], None), directory) | {name: b'run_id: "other"\n'}
    assembled = assemble(directory, files)
    assert same(assembled.run, one)
    assert assembled.problems[0].startswith(f"{directory}/{name}")


def test_an_edit_cannot_do_more_than_edits_do() -> None:
    """An edit file that carries another event, from an attacker or a newer version, does nothing."""
    one = run()
    directory = layout.run_directory(one)
    data = (
        f'schema: "gittrack.edit/1"\nrun_id: "{one.id}"\ntime: "2026-11-24T00:00:00Z"\nauthor: "x"\nedits:\n'
        '  - {"event": "end", "status": "failed", "time": 1}\n  - {"event": "moon", "phase": 2}\n'
    ).encode()
    files = within(layout.run_files(one, [], None), directory) | {"edits/000000000000001-aaaa.yaml": data}
    assert same(assemble(directory, files).run, one)


@given(
    st.binary(max_size=300), st.sampled_from(["run.yaml", "edits/1-aaaa.yaml", "attempts/1-aaaa/run.yaml"])
)
def test_any_bytes_are_read_or_malformed(data: bytes, name: str) -> None:
    """No content of any file raises anything else."""
    one = run()
    directory = layout.run_directory(one)
    with contextlib.suppress(MalformedFile):
        assemble(directory, within(layout.run_files(one, [], None), directory) | {name: data})


def test_paths_of_no_run() -> None:
    """Other files on the branch belong to no run."""
    assert layout.split_path(".gitattributes") is None
    assert layout.split_path(".runs/x/2026-11/24/../run.yaml") is None
    assert layout.split_path(".runs/x/2026-11/24/abc/edits/e.yaml") == (
        ".runs/x/2026-11/24/abc",
        "edits/e.yaml",
    )
    assert not layout.is_listed("metrics.jsonl")
