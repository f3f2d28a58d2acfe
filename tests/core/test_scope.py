"""Which paths a scope names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.core import scope

PATHS = st.lists(st.sampled_from(("src", "a", "b.py", "[x]", "*", ".git", "é ü", "\n")), min_size=1).map(
    "/".join
)


@pytest.mark.parametrize(
    ("entry", "within", "without"),
    [
        ("src", ("src", "src/a.py", "src/a/b.py"), ("srcs", "lib/src", "src.py")),
        ("src/", ("src/a.py", "src/a/b"), ("srcs/a", "a/src/b")),
        ("./src", ("src/a.py",), ("a",)),
        (".", ("a", "a/b", ".hidden"), ()),
        ("./", ("a",), ()),
        ("a/b.py", ("a/b.py",), ("a/bXpy", "a/b.pyc", "b.py")),
        ("src/*.py", ("src/a.py",), ("src/a/b.py", "src/a.pyc", "a.py")),
        ("src/*", ("src/a",), ("src/a/b",)),
        ("src/**", ("src/a", "src/a/b/c"), ("srcs/a", "a/src/b")),
        ("**", ("a", "a/b"), ()),
        ("**/*.md", ("a.md", "a/b/c.md"), ("a.mdx",)),
        ("**/test_?.py", ("test_a.py", "x/test_b.py"), ("test_ab.py", "x/test_/.py")),
        ("src/**/x.py", ("src/x.py", "src/a/b/x.py"), ("x.py", "src/ax.py")),
        ("*/docs/", ("a/docs/x",), ("docs/x", "a/b/docs/x")),
        ("pages/[id].*", ("pages/[id].tsx",), ("pages/i.tsx",)),
        ("a+b (1).py", ("a+b (1).py",), ("aab (1).py",)),
    ],
)
def test_what_an_entry_names(entry: str, within: tuple[str, ...], without: tuple[str, ...]) -> None:
    assert [path for path in within if not scope.in_scope(path, (entry,))] == []
    assert [path for path in without if scope.in_scope(path, (entry,))] == []


def test_a_scope_is_all_that_its_entries_name() -> None:
    assert scope.in_scope("b/x", ("a", "b"))
    assert not scope.in_scope("b/x", ())


@given(PATHS, PATHS)
def test_a_path_without_a_pattern_names_itself_and_what_is_below(path: str, below: str) -> None:
    if "*" not in path:
        assert scope.in_scope(path, (path,))
        assert scope.in_scope(f"{path}/{below}", (path,))


@given(st.text("a*?[]!^-/\\.\n", max_size=12), st.text("a-/\\]", max_size=6))
def test_any_entry_can_be_asked(entry: str, path: str) -> None:
    assert scope.in_scope(path, (entry,)) in (True, False)
    assert isinstance(scope.problem(entry), str)


def test_no_entry_takes_long() -> None:
    assert not scope.in_scope("/".join("a" * 200), ("**/a/" * 30 + "b", "*a" * 100 + "b"))
    assert not scope.in_scope("a" * 2000, ("*a" * 100 + "b",))


@pytest.mark.parametrize("entry", [".", "./", "src/", "src/**", "a b/*.py", "..a", ".gitignore", "./a"])
def test_sane_entries(entry: str) -> None:
    assert scope.problem(entry) == ""


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("/etc", "not relative"),
        ("~/x", "not relative"),
        ("C:\\x", "not relative"),
        ("../other", "leads out"),
        ("a/../../b", "leads out"),
        (".git/hooks", "git's own"),
        ("a//b", "an empty part"),
        ("", "an empty part"),
    ],
)
def test_what_is_wrong_with_an_entry(entry: str, says: str) -> None:
    assert says in scope.problem(entry)
