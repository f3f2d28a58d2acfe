"""Workers with a git worktree of their own: where they work, how that comes into the repo, and what is left of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.controller.conftest import Make
from tests.controller.gitrepos import git, head, make, status, write
from tests.controller.holding import Gate, editing, ended, events, line, now, start
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.errors import Refused, TmuxorchError, UsageError

CONFIG = "limits: {exec_workers: 6, retries: 0}\n"

FILES = {"a.txt": "a\n", "src/c.txt": "c\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repo with a commit, and with a change of its user's; its name is one to be quoted."""
    path = make(tmp_path / "it's a repo", FILES)
    write(path, {"mine.txt": "the user's\n"})
    return path


def in_tree(lab: Project, place: Path, command: str, *paths: str) -> Json:
    """A new worker that edits in a worktree."""
    return editing(lab, place, f"sh: {command}", *paths, worktree=True)


def typed(worker: Json, elsewhere: Path) -> None:
    """Types the commands that merge what the worker did, as a person does, from anywhere."""
    for command in worker["merge"]:
        subprocess.run(["sh", "-c", command], cwd=elsewhere, check=True, capture_output=True)


def trees(repo: Path) -> list[str]:
    """The worktrees that git knows of, the repo itself apart."""
    listed = git(repo, "worktree", "list", "--porcelain").splitlines()
    return [row.removeprefix("worktree ") for row in listed if row.startswith("worktree ")][1:]


def test_two_at_once_in_one_repo_and_their_work_is_merged(lab: Project, repo: Path, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    first = in_tree(lab, repo, f"echo one >> a.txt; {gate.wait}")
    second = in_tree(lab, repo, f"echo two >> src/c.txt; echo new > new.txt; pwd; {gate.wait}")
    third = editing(lab, repo, "greet")
    assert {one["state"] for one in (first, second, third)} <= {"starting", "running"}, "nobody waits"
    assert ended(lab, third)["outcome"] == "succeeded"
    place = Path(now(lab, first)["worktree"])
    until(lambda: "one" in (place / "a.txt").read_text(), what="the work of the first")
    assert not now(lab, first)["merge"]
    gate.open()
    first, second = ended(lab, first), ended(lab, second)
    assert status(repo) == ["?? mine.txt"], "the repo is as it was"
    name = first["id"]
    assert (first["branch"], first["worktree"]) == (
        f"tmuxorch/{name}",
        str(lab.paths.worktrees / name / repo.name),
    )
    assert (first["changed"], second["changed"]) == (["a.txt"], ["new.txt", "src/c.txt"])
    assert first["violations"] == second["violations"] == []
    assert second["worktree"] in lab.run("result", second["id"])
    said = lab.start("result", name).communicate(timeout=60)[1]
    assert said == "".join(
        f"{row}\n" for row in (f"to merge what {name} did, type:", *(f"  {one}" for one in first["merge"]))
    )
    typed(first, tmp_path)
    typed(second, tmp_path)
    assert (repo / "a.txt").read_text() == "a\none\n"
    assert ((repo / "src/c.txt").read_text(), (repo / "new.txt").read_text()) == ("c\ntwo\n", "new\n")
    assert (status(repo), trees(repo)) == (["?? mine.txt"], [])
    subjects = git(repo, "log", "--no-merges", "--format=%s", "-2").splitlines()
    assert [said[: said.index(">>")] for said in subjects] == [
        f"{second['id']}: sh: echo two ",
        f"{name}: sh: echo one ",
    ]


def test_of_a_branch_that_somebody_has_the_next_name_is_taken(lab: Project, repo: Path) -> None:
    number = 1 + max((int(one["id"][1:]) for one in lab.call("status")["workers"]), default=0)
    git(repo, "branch", f"tmuxorch/W{number}")
    worker = ended(lab, in_tree(lab, repo, "true"))
    assert (worker["id"], worker["branch"]) == (f"W{number}", f"tmuxorch/W{number}-2")
    assert (worker["changed"], len(worker["merge"])) == ([], 2)
    typed(worker, repo)
    assert trees(repo) == []
    assert git(repo, "branch", "--format=%(refname:short)").split() == ["main", f"tmuxorch/W{number}"]


def test_below_the_top_of_a_repo_it_works_below_the_top_of_the_worktree(lab: Project, repo: Path) -> None:
    worker = ended(
        lab, in_tree(lab, repo / "src", "echo x >> c.txt; echo x > 'odd[1].txt'", "c.txt", "odd[1].txt")
    )
    tree = Path(worker["worktree"])
    assert worker["cwd"] == str(tree / "src")
    assert worker["paths"] == [str(tree / "src/c.txt"), str(tree / "src/odd[1].txt")]
    assert (worker["changed"], worker["violations"]) == (["src/c.txt", "src/odd[1].txt"], [])
    assert (repo / "src/c.txt").read_text() == "c\n"


def test_a_directory_that_is_in_no_commit_is_a_clear_failure(lab: Project, repo: Path) -> None:
    write(repo, {"fresh/x.txt": "x\n"})
    worker = ended(lab, in_tree(lab, repo / "fresh", "true"))
    assert (worker["outcome"], worker["reason"]) == (
        "spawn_failed",
        f"{repo / 'fresh'} is not in the commit at which its worktree begins",
    )
    typed(worker, repo)
    assert trees(repo) == []


@pytest.mark.parametrize(
    ("kind", "error", "says", "hint"),
    [
        ("plain", UsageError, "is in no git repo", "git init"),
        ("empty", Refused, "has no commit yet, and a worktree begins at one", "commit --allow-empty"),
        ("read-only", UsageError, "--worktree is for workers that edit", "--scope edit --worktree"),
    ],
)
def test_where_there_can_be_no_worktree_that_is_said_and_nothing_is_left(
    lab: Project, tmp_path: Path, kind: str, error: type[TmuxorchError], says: str, hint: str
) -> None:
    place = tmp_path / kind
    place.mkdir()
    if kind != "plain":
        git(place, "init", "-q")
    before = sorted(path for root in (lab.paths.workers, lab.paths.worktrees) for path in root.iterdir())
    with pytest.raises(error, match=says) as told:
        start(lab, place, "greet", scope="read-only" if kind == "read-only" else "edit", worktree=True)
    assert hint in str(told.value.hint)
    after = sorted(path for root in (lab.paths.workers, lab.paths.worktrees) for path in root.iterdir())
    assert after == before
    assert not [path for path in place.iterdir() if path.name != ".git"]
    assert kind == "plain" or trees(place) == []


def test_rerun_begins_anew_and_resume_goes_on_where_it_was(lab: Project, repo: Path, tmp_path: Path) -> None:
    """Who goes on waits for who works there."""
    first = ended(lab, in_tree(lab, repo, "echo one >> a.txt"))
    new = ended(lab, lab.call("rerun", id=first["id"]))
    assert (new["parent"], new["branch"]) == (first["id"], f"tmuxorch/{new['id']}")
    assert (Path(new["worktree"]) / "a.txt").read_text() == "a\none\n", "once, not twice"
    gate = Gate(tmp_path)
    more = lab.call("resume", id=first["id"], text=f"sh: echo more >> a.txt; {gate.wait}")
    third = lab.call("resume", id=first["id"], text="sh: true")
    assert third["waits_for"] == [more["id"]]
    assert line(lab, third).endswith(f"writes . · waits for {more['id']}")
    gate.open()
    more = ended(lab, more)
    assert ended(lab, third)["outcome"] == "succeeded"
    assert [more[key] for key in ("worktree", "branch", "paths")] == [
        first[key] for key in ("worktree", "branch", "paths")
    ]
    assert (Path(first["worktree"]) / "a.txt").read_text() == "a\none\nmore\n"
    assert more["changed"] == ["a.txt"]
    typed(more, repo)
    assert (repo / "a.txt").read_text() == "a\none\nmore\n"
    with pytest.raises(Refused, match="is gone, where") as told:
        lab.call("resume", id=first["id"], text="greet")
    assert told.value.hint == f"tmuxorch rerun {first['id']}"


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


@pytest.fixture
def slow(tmp_path: Path, gate: Gate) -> Path:
    """A repo whose worktrees are made only when the gate is opened."""
    path = make(
        tmp_path / "slow", {"a.txt": "a\n", "z.slow": "z\n", ".gitattributes": "*.slow filter=slow\n"}
    )
    git(path, "config", "filter.slow.smudge", f"{gate.wait} >&2; cat")
    return path


def being_made(lab: Project, repo: Path) -> tuple[str, Path]:
    """A worker whose worktree is being made, and where. Who asked for it has hung up."""
    asked = {"cd": str(repo), "scope": "edit", "worktree": True, "task": "sh: echo x >> a.txt"}
    with connect(lab.paths) as client:
        client.send("exec", asked)
        (name,) = until(
            lambda: [one["id"] for one in lab.call("status")["workers"] if one["cwd"] == str(repo)],
            what="the worker",
        )
    place = lab.paths.worktree(name, repo.name)
    until((place / "a.txt").exists, what="the beginning of the worktree")
    return name, place


def test_the_worktree_of_a_worker_that_is_stopped_meanwhile_is_told(
    lab: Project, slow: Path, gate: Gate
) -> None:
    name, place = being_made(lab, slow)
    stopped = lab.call("stop", id=name)
    assert (stopped["outcome"], stopped["worktree"]) == ("cancelled", None)
    gate.open()
    found = until(lambda: (one := now(lab, {"id": name}))["worktree"] and one, what="the worktree")
    assert (found["worktree"], found["outcome"], found["started"]) == (str(place), "cancelled", None)
    typed(found, slow)
    assert trees(slow) == []
    assert git(slow, "branch", "--format=%(refname:short)") == "main"
    assert list(place.parent.iterdir()) == []


def test_a_git_that_outlives_its_controller_finishes_the_worktree(
    lab: Project, slow: Path, gate: Gate
) -> None:
    name, place = being_made(lab, slow)
    lab.kill_controller()
    lab.run("up")
    gate.open()
    worker = ended(lab, {"id": name})
    assert (worker["outcome"], worker["changed"]) == ("succeeded", ["a.txt"])
    assert worker["worktree"] == str(place)
    assert list(place.parent.iterdir()) == [place]
    assert trees(slow) == [str(place)]


@pytest.fixture
def linked(make_lab: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose state is behind a link, with room for one worker."""
    (tmp_path / "real").mkdir()
    (tmp_path / "state").symlink_to("real")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    lab = make_lab("limits: {exec_workers: 1}\n")
    lab.run("up")
    return lab


def test_a_controller_that_dies_between_worktree_and_start_makes_no_second_one(
    linked: Project, repo: Path, tmp_path: Path
) -> None:
    """What git had made by then, whole or by half, is made here as the controller would have."""
    lab, gate, began = linked, Gate(tmp_path), head(repo)
    holder = start(lab, repo, f"sh: {gate.wait}")
    whole, half = (in_tree(lab, repo, "echo x >> a.txt") for _ in range(2))
    assert (whole["state"], whole["worktree"]) == ("queued", None)
    assert str(tmp_path / "real") in line(lab, whole), "a lease has no links"
    lab.kill_controller()
    for worker, lock in ((whole, ()), (half, ("--lock", "--reason", "initializing"))):
        place = lab.paths.worktree(worker["id"], repo.name)
        place.parent.mkdir(mode=0o700)
        git(repo, "worktree", "add", "-q", *lock, "-b", f"tmuxorch/{worker['id']}", str(place))
    (place / "a.txt").unlink()
    git(repo, "commit", "-q", "--allow-empty", "-m", "later")
    gate.open()
    lab.run("up")
    ended(lab, holder)
    for worker in (ended(lab, one) for one in (whole, half)):
        assert (worker["outcome"], worker["branch"]) == ("succeeded", f"tmuxorch/{worker['id']}")
        assert (worker["changed"], worker["violations"]) == (["a.txt"], [])
        assert [event["place"]["base"] for event in events(lab, worker, "worker_placed")] == [began]
        typed(worker, tmp_path)
