"""What several tests of the checkout story do and look at: the user's own work, checkpoints, places, commits."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from msgspec.structs import replace

from tests.e2e.project import TEST, Json, Project
from tmuxorch.demo import scenario
from tmuxorch.demo.stories import CHECKOUT

BRANCH = "tmuxorch/R1"
INSTRUCTION = CHECKOUT.extras.answers["failure"].text
SEEN = "each message at its field: yes"

COMMITTED = {"backend": ["2"], "edge": ["1", "4", "5"], "frontend": ["3", "7"]}
"""The items of each child, in the order in which they are done."""

PAIR = re.compile("item (3 · frontend|4 · edge)")
"""In the matches of rules for the items that are worked on side by side."""

BOTH_HAVE_STARTED = """\
d=$PWD; until test -d "$d/journal"; do d=$(dirname "$d"); done
started() {
  turn=$(grep -h '"turn_queued"' "$d"/journal/*.jsonl | grep '"item":"'$1'"' | grep -o '"id":"T[0-9]*"' | head -n 1)
  test "$turn" && grep -h '"turn_started"' "$d"/journal/*.jsonl | grep -q "$turn"
}
until started 3 && started 4; do sleep 0.1; done"""
"""A command that ends once the journal has the start of both."""


def side_by_side() -> scenario.Scenario:
    """The story's answers; of two items that are worked on side by side, none is done before both have begun."""
    wait = [scenario.Command(cmd=BOTH_HAVE_STARTED, yield_ms=30_000, until="exited with code 0")]
    rules = scenario.load(CHECKOUT.scripts).rules
    return scenario.Scenario(
        rules=[replace(one, steps=[wait, *one.steps]) if PAIR.search(one.match) else one for one in rules]
    )


def somebody_is_at_work(project: Project) -> dict[str, list[str]]:
    """Work of the user's own in the frontend: staged, changed, new. The state of all repos."""
    repo = project.repos["frontend"]
    (repo / "README.md").write_text("# frontend, half rewritten\n")
    git(repo, "add", "README.md")
    (repo / "shop" / "page.py").write_text("half a change\n")
    (repo / "notes.txt").write_text("mine\n")
    return state_of_repos(project)


def state_of_repos(project: Project) -> dict[str, list[str]]:
    """Of every repo: branch, HEAD, what is staged, what is changed, what is new and its content."""
    return {
        name: [
            git(repo, "status", "--porcelain=v2", "--branch", "-uall"),
            git(repo, "diff"),
            git(repo, "diff", "--cached"),
            *((repo / path).read_text() for path in git(repo, "ls-files", "-o").split() if "/" not in path),
        ]
        for name, repo in project.repos.items()
    }


def kickoff(project: Project) -> str:
    """The story's kickoff file, with the directories that `pwd` would print."""
    path = project.directory / "kickoff.md"
    path.write_text(CHECKOUT.kickoff.replace("=repos/", f"={project.directory}/repos/"))
    return str(path)


def asked(project: Project, origin: str) -> Json:
    """The next checkpoint, which has to be about that."""
    point = project.next()
    [opened] = [event for event in project.events("checkpoint_opened") if event["id"] == point["id"]]
    assert opened["origin"]["type"] == origin, point
    return point


def work_is_committed_where_it_belongs(project: Project) -> None:
    """A commit for each item on the run's branch, named in it, of nothing but its scope; main is where it was."""
    recorded = {event["item"]: event["commit"] for event in project.events("work_committed")}
    plan = project.events("plan_edited")[-1]["plan"]
    scopes = {item["id"]: item["scope"] for item in plan["items"]}
    titles = {item["id"]: item["title"] for item in plan["items"]}
    for child, items in COMMITTED.items():
        repo, place = project.repos[child], place_of(project, child)
        assert place.is_relative_to(project.paths.state)
        assert git(place, "rev-parse", "--abbrev-ref", "HEAD") == f"{BRANCH}\n"
        assert git(place, "status", "--porcelain") == ""
        commits = git(repo, "rev-list", "--reverse", f"main..{BRANCH}").split()
        assert commits == [recorded[item] for item in items]
        for item, commit in zip(items, commits, strict=True):
            message = git(repo, "log", "-1", "--format=%B", commit)
            assert f"Item {item} of run R1 ({child}): {titles[item]}" in message
            assert f"Tmuxorch-Item: R1/{item}" in message
            paths = git(repo, "show", "--format=", "--name-only", commit).split()
            assert paths
            assert all(any(path.startswith(scope) for scope in scopes[item]) for path in paths), paths
        shell(TEST, place)


def place_of(project: Project, child: str) -> Path:
    """Where the child's items were worked on."""
    places = [event["place"] for event in project.events("place_recorded") if event["child"] == child]
    assert places[-1]["worktree"]
    assert places[-1]["branch"] == BRANCH
    return Path(places[-1]["path"])


def git(repo: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", repo, *words], capture_output=True, text=True, check=True)
    return done.stdout


def shell(command: str, cwd: Path) -> str:
    return subprocess.run(["sh", "-c", command], cwd=cwd, capture_output=True, text=True, check=True).stdout
