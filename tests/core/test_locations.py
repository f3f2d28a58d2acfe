"""Paths as agents write them, and which of them are one file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.core import text
from tmuxorch.core.locations import Files, location, shown, without_sides


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("src/a.py", 3, ("src/a.py", 3)),
        (" ./src//a.py ", 3, ("src/a.py", 3)),
        ("src\\lib\\a.py", None, ("src/lib/a.py", None)),
        ("`src/a.py`", None, ("src/a.py", None)),
        ("src/x/../a.py", None, ("src/a.py", None)),
        ("src/a.py:12", None, ("src/a.py", 12)),
        ("src/a.py:12-20", None, ("src/a.py", 12)),
        ("src/a.py:12:5", 7, ("src/a.py", 7)),
        ("src/a.py#L12-L20", None, ("src/a.py", 12)),
        ("/repos/src/a.py", 1, ("src/a.py", 1)),
        ("file:///repos/src/a.py", 1, ("src/a.py", 1)),
        ("/reposter/a.py", 1, ("/reposter/a.py", 1)),
        ("../a.py", 1, ("../a.py", 1)),
        ("a\x1b[0m.py\n", 1, ("a.py", 1)),
        ("src/a.py", 0, ("src/a.py", None)),
        ("src/a.py", -4, ("src/a.py", None)),
        ("src/a.py", 10**30, ("src/a.py", None)),
        ("", 4, (None, None)),
        (None, 4, (None, None)),
        (".", 4, (None, None)),
        ("/repos", 4, (None, None)),
        ("/", 4, (None, None)),
    ],
)
def test_a_place_has_one_form(
    file: str | None, line: int | None, found: tuple[str | None, int | None]
) -> None:
    assert location(file, line, "/repos") == found
    assert location(*found, "/repos") == found


@given(st.text(), st.none() | st.integers())
def test_whatever_comes_is_a_place_or_none(file: str, line: int | None) -> None:
    path, found = location(file, line, "/repos/")
    assert path is None or (text.is_line(path) and path and len(path) <= 500)
    assert found is None or (path is not None and found > 0)


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["b/src/a.py"], ["src/a.py"]),
        (["a/src/a.py", "src/a.py"], ["src/a.py", "src/a.py"]),
        (["a/src/a.py", "b/src/a.py"], ["a/src/a.py", "b/src/a.py"]),
        (["a/src/a.py", "b/src/a.py", "src/a.py"], ["src/a.py"] * 3),
        (["b/a.py"], ["b/a.py"]),
        (["b/a.py", "a.py"], ["a.py", "a.py"]),
        (["c/src/a.py"], ["c/src/a.py"]),
    ],
)
def test_sides_of_a_diff_are_no_directories(paths: list[str], found: list[str]) -> None:
    bare = without_sides(paths)
    assert [bare[path] for path in paths] == found


@pytest.mark.parametrize(
    ("paths", "same"),
    [
        (["a.py", "a.py"], True),
        (["a.py", "src/a.py"], True),
        (["src/a.py", "lib/src/a.py", "a.py"], True),
        (["a.py", "src/a.py", "lib/a.py"], False),
        (["a.py", "src/a.py", "lib/src/a.py"], True),
        (["a.py", "src/aa.py"], False),
        (["src/a.py", "lib/a.py"], False),
    ],
)
def test_the_end_of_a_path_names_the_file_if_there_is_only_one(paths: list[str], same: bool) -> None:
    assert Files(paths).same(paths[0], paths[1]) is same
    assert Files(paths).same(paths[1], paths[0]) is same


def test_a_place_as_people_write_it() -> None:
    assert [shown("a.py", 3), shown("a.py", None), shown(None, None)] == ["a.py:3", "a.py", ""]
