from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.store.sync.merge import File, accept, foreign, hazard, parse_raw, shown_path, union

_PATHS = st.sampled_from(["a", "a/b", "a/b/c", "d", "d/e", "f"])
_FILES = st.builds(File, st.just("100644"), st.sampled_from(["1" * 40, "2" * 40, "3" * 40]))
_TREES = st.dictionaries(_PATHS, _FILES, max_size=4)
PLAIN = File("100644", "1" * 40)


def _valid(tree: dict[str, File]) -> dict[str, File]:
    return {p: f for p, f in tree.items() if not any(q.startswith(f"{p}/") for q in tree)}


def _difference(base: dict[str, File], tree: dict[str, File]) -> dict[str, File | None]:
    return {path: tree.get(path) for path in {*base, *tree} if base.get(path) != tree.get(path)}


def _merged(base: dict[str, File], ours: dict[str, File], theirs: dict[str, File]) -> dict[str, File]:
    edits = union(_difference(base, ours), _difference(base, theirs)).edits
    found = {**ours, **edits}
    return {path: file for path, file in found.items() if file is not None}


@given(_TREES, st.lists(_TREES, min_size=2, max_size=4))
def test_any_order_gives_one_tree(base: dict[str, File], trees: list[dict[str, File]]) -> None:
    """Branches forked from one commit merge to the same tree, whichever comes first."""
    base = _valid(base)
    results = []
    for order in itertools.permutations(map(_valid, trees)):
        tree = order[0]
        for other in order[1:]:
            tree = _merged(base, tree, other)
        results.append(tree)
    assert all(result == results[0] for result in results)


@given(_TREES, _TREES, _TREES)
def test_grouping_does_not_matter(base: dict[str, File], one: dict[str, File], two: dict[str, File]) -> None:
    """Merging what was merged already changes nothing."""
    base, one, two = _valid(base), _valid(one), _valid(two)
    merged = _merged(base, one, two)
    assert _merged(base, merged, two) == merged
    assert _merged(base, _merged(base, one, merged), _merged(base, two, one)) == merged


@given(_TREES, _TREES)
def test_a_file_is_never_a_folder_too(one: dict[str, File], two: dict[str, File]) -> None:
    """The union is a tree that Git can write."""
    merged = _merged({}, _valid(one), _valid(two))
    assert merged == _valid(merged)


def test_both_additions_stay() -> None:
    """What either side added is in the union."""
    assert union({"a": PLAIN}, {"b": PLAIN}).edits == {"b": PLAIN}


def test_deletion_of_untouched_file() -> None:
    """A file that one side deleted and the other left alone is gone."""
    assert union({}, {"a": None}).edits == {"a": None}


def test_change_beats_deletion() -> None:
    """A file that one side deleted and the other changed is kept."""
    assert union({"a": None}, {"a": PLAIN}).edits == {"a": PLAIN}
    assert union({"a": PLAIN}, {"a": None}).edits == {}


def test_clash_is_reported() -> None:
    """Of two changes the smaller object id stays, and the path is named."""
    other = File("100644", "2" * 40)
    result = union({"a": other}, {"a": PLAIN})
    assert result.edits == {"a": PLAIN}
    assert result.clashes == ("a: changed on both sides, 111111111111 was kept",)


def test_same_change_is_no_clash() -> None:
    """Both sides adding the same content agree."""
    assert union({"a": PLAIN}, {"a": PLAIN}) == ({}, ())


def test_parse_raw() -> None:
    """The output of diff-tree is read as it is, whatever the paths contain."""
    zero, one = "0" * 40, "1" * 40
    text = f":000000 100644 {zero} {one} A\0a\nb\0:100644 000000 {one} {zero} D\0c\0"
    assert parse_raw(text.encode() + b":000000 120000 " + f"{zero} {one} A".encode() + b"\0\xff\0") == {
        "a\nb": PLAIN,
        "c": None,
        "\udcff": File("120000", one),
    }


def test_parse_raw_of_nothing() -> None:
    """Equal trees have no changes."""
    assert parse_raw(b"") == {}


@pytest.mark.parametrize("mode", ["120000", "160000", "100755"])
def test_only_plain_files(mode: str) -> None:
    """Symbolic links, submodules and executables stay out."""
    assert hazard(".runs/a", File(mode, "1" * 40)) == "not a plain file"


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        ".runs/../x",
        ".runs/.git/hooks/post-checkout",
        ".runs/.GIT/config",
        ".runs/.git /config",
        ".runs/.git::$INDEX_ALLOCATION/config",
        ".runs/.g\u200cit/config",
        ".runs/GIT~1/config",
        ".runs//x",
        ".runs/./x",
        ".runs/a\\b",
        ".runs/a\nb",
        ".runs/a\x1b[2Jb",
        ".runs/a\u2028b",
        ".runs/\udcff",
    ],
)
def test_hostile_names(path: str) -> None:
    """Names that lead elsewhere or that a terminal obeys stay out."""
    assert hazard(path, PLAIN) is not None


@pytest.mark.parametrize(
    "path",
    [
        ".runs/default/2026-11/24/20261124-120000-abcdefgh/artifacts/plot 1.png",
        ".runs/d/2026-11/24/x/artifacts/.gitattributes",
        ".runs/d/2026-11/24/x/artifacts/größe 👨\u200d👩.png",
        ".models/digits/1.yaml",
        ".gitattributes",
        "README.md",
        "LICENSE",
    ],
)
def test_what_belongs_on_the_branch(path: str) -> None:
    """Runs, models and texts at the top come in from anywhere."""
    assert foreign(path, PLAIN) is None


@pytest.mark.parametrize("path", [".github/workflows/x.yml", "setup.py", "docs/x.md", ".runs"])
def test_what_an_inbox_must_not_bring(path: str) -> None:
    """Other paths come in by the branch only."""
    assert foreign(path, PLAIN) == "not a path of gittrack's"
    assert hazard(path, PLAIN) is None


def test_accept_sorts_out() -> None:
    """Refused paths are named on one line each, the rest comes in."""
    accepted = accept({".runs/a": PLAIN, ".runs/b\n": PLAIN, ".runs/c": None}, hazard)
    assert accepted.changes == {".runs/a": PLAIN, ".runs/c": None}
    assert accepted.refused == (".runs/b\\n: control characters in its name",)


def test_shown_path() -> None:
    """A path is shown without what a terminal obeys."""
    assert shown_path("a\x1b") == "a\\x1b"
    assert shown_path("ä b") == "ä b"
