"""Children: what can be one, and editing their list while the rest of the file stays byte for byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmuxorch.errors import ConfigError, NotFound, Refused
from tmuxorch.store.children import add_child, check_children, remove_child, set_children
from tmuxorch.store.config import Child, Config, read

COMMENTED = """\
# ours
limits: {turns: 2}   # few
children:
    # the API
    - path: ../backend   # next door
      name: backend
      hints: |
        Two
        lines

    # the app
    - {name: mobile, path: ../mobile}

# the end
notify: {bell: no}
"""


def repo(path: Path) -> Path:
    subprocess.run(["git", "init", "-q", path], check=True)
    return path


def children(*paths: str) -> Config:
    return Config(
        children=tuple(Child(name=name, path=path) for name, path in zip("abc", paths, strict=False))
    )


def test_adding_keeps_everything_else() -> None:
    added = add_child(COMMENTED, Child(name="firmware", path="../fw", tests=("make test",)))
    entry = "    - name: firmware\n      path: ../fw\n      tests:\n      - make test\n"
    at = COMMENTED.index("\n# the end")
    assert added == COMMENTED[:at] + entry + COMMENTED[at:]


def test_removing_keeps_everything_else() -> None:
    lines = COMMENTED.splitlines(keepends=True)
    assert remove_child(COMMENTED, "mobile") == "".join(lines[:11] + lines[12:])
    assert [child.name for child in read(remove_child(COMMENTED, "backend"), "f").children] == ["mobile"]
    assert "# the API" in remove_child(COMMENTED, "backend")


@pytest.mark.parametrize("before", ["", "# c\n", "limits: {turns: 2}\n"])
@pytest.mark.parametrize(
    "empty",
    ["", "# c", "children:\n", "children: [] # c\nlimits: {}", "children:\n\n# c\n", "children:\n  []\n"],
)
def test_the_first_child(before: str, empty: str) -> None:
    text = before + (empty.replace("limits", "gates"))
    added = add_child(text, Child(name="a", path="../a"))
    assert read(added, "f").children == (Child(name="a", path="../a"),)
    assert added.count("# c") == text.count("# c")
    assert read(remove_child(added, "a"), "f") == read(text, "f")


names = st.text("abcXYZ019_-", min_size=1, max_size=8).filter(
    lambda name: name not in ("orchestrator", "human")
)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]) | st.just("\n"), max_size=30
)


any_child = st.builds(
    Child,
    name=names,
    path=texts.filter(bool),
    role=texts,
    hints=texts,
    docs=st.lists(texts, max_size=3).map(tuple),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(any_child, unique_by=lambda child: child.name, max_size=3))
def test_any_text_comes_back(wanted: list[Child]) -> None:
    text = set_children(COMMENTED, wanted)
    assert {child.name: child for child in read(text, "f").children} == {
        child.name: child for child in wanted
    }
    assert text.startswith("# ours\nlimits: {turns: 2}   # few\n")
    assert text.endswith("# the end\nnotify: {bell: no}\n")


def test_setting_leaves_entries_that_are_right() -> None:
    backend = read(COMMENTED, "f").children[0]
    text = set_children(COMMENTED, [backend, Child(name="mobile", path="../elsewhere")])
    assert "- path: ../backend   # next door" in text
    assert "../mobile" not in text
    assert read(text, "f").children[1].path == "../elsewhere"


@pytest.mark.parametrize(
    "text",
    ["children: [{name: a, path: b}]\n", "{children: []}\n", "x-: &c [{name: a, path: b}]\nchildren: *c\n"],
)
def test_a_list_written_otherwise_is_left_as_it_is(text: str) -> None:
    with pytest.raises(Refused, match="so it is left as it is"):
        add_child(text, Child(name="new", path="p"))


def test_a_child_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="there is a child named mobile already"):
        add_child(COMMENTED, Child(name="mobile", path="p"))
    with pytest.raises(ConfigError, match="cannot be a child's name"):
        add_child(COMMENTED, Child(name="a b", path="p"))
    with pytest.raises(NotFound, match="there is no child named web"):
        remove_child(COMMENTED, "web")


def test_repos_are_good_children(tmp_path: Path, home: Path) -> None:
    repo(tmp_path / "a")
    repo(home / "b")
    repo(tmp_path / "ab")
    (tmp_path / "project").mkdir()
    check_children(children("../a", "~/b", str(tmp_path / "ab")), tmp_path / "project")


def test_what_is_no_repo_is_no_child(tmp_path: Path) -> None:
    repo(tmp_path / "r" / "in").rename(tmp_path / "moved")
    (tmp_path / "file").touch()
    (tmp_path / "plain").mkdir()
    (tmp_path / "moved" / "src").mkdir()
    (tmp_path / "plain" / ".git").mkdir()
    for path, problem, hint in [
        ("none", "is not there: ", "give the path of a git repo, or take the child out: tmuxorch child rm a"),
        (
            "file",
            "is not a directory: ",
            "give the path of a git repo, or take the child out: tmuxorch child rm a",
        ),
        ("plain", "is not a git repo: ", f"git init {tmp_path}/plain"),
        (
            "moved/src",
            "is inside a git repo and not its top: ",
            f"a child is a whole repo: give {tmp_path}/moved",
        ),
    ]:
        with pytest.raises(ConfigError) as caught:
            check_children(children(path), tmp_path)
        assert caught.value.message == f"the path of child a {problem}{tmp_path}/{path}"
        assert caught.value.hint == hint


def test_two_children_are_two_repos(tmp_path: Path) -> None:
    repo(tmp_path / "r")
    repo(tmp_path / "r" / "in")
    (tmp_path / "link").symlink_to("r")
    with pytest.raises(ConfigError, match="the children a and b are the same repo"):
        check_children(children("r", "link"), tmp_path)
    for both in (("r", "r/in"), ("r/in", "r")):
        with pytest.raises(
            ConfigError, match=r"of the children a and b, one lies inside the other: .*/r/in in .*/r$"
        ):
            check_children(children(*both), tmp_path)


def test_the_repo_of_a_server_that_is_not_ours_may_be_on_another_machine(tmp_path: Path) -> None:
    repo(tmp_path / "r")
    (tmp_path / "plain").mkdir()

    def check(path: str) -> None:
        far = Child(name="far", path=path, endpoint="ws://127.0.0.1:4500")
        check_children(Config(children=(Child(name="a", path="r"), far)), tmp_path)

    check("/srv/nowhere/repo")
    with pytest.raises(ConfigError, match="the path of child far is not there: ") as caught:
        check("nowhere/repo")
    assert caught.value.hint == "give the path of its git repo; if that is on another machine, the whole path"
    with pytest.raises(ConfigError, match="the path of child far is not a git repo: "):
        check(str(tmp_path / "plain"))
    with pytest.raises(ConfigError, match="the children a and far are the same repo"):
        check("r")
