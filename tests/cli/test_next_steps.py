"""`tmuxorch` alone: where things stand, and what is useful next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import recorded
from tests.cli.cards import Json, child, point, status, worker
from tests.cli.conftest import Run
from tmuxorch.cli.next_steps import first_steps, next_steps

IDLE = {"running": 0, "waiting": 0, "queued": 0, "failed": 0}
ENDED = status()["run"] | {"outcome": "succeeded", "phase": "ended"}


def project(**changes: object) -> Json:
    of: Json = status()["project"] | changes
    return of


@pytest.mark.parametrize(
    ("of", "reported", "steps"),
    [
        (status(), False, ["tmuxorch attach"]),
        (status(point()), False, ["tmuxorch show C1", "tmuxorch attach"]),
        (status(project=project(controller=None)), False, ["tmuxorch up"]),
        (
            status(run=None, counts=IDLE, workers=[worker("W4", "scout", outcome="failed")]),
            False,
            ["tmuxorch logs W4", 'tmuxorch run "what is to be done"'],
        ),
        (
            status(run=None, counts=IDLE, children=[child("backend", "failed")], workers=[]),
            False,
            ["tmuxorch logs backend", 'tmuxorch run "what is to be done"'],
        ),
        (
            status(run=ENDED, counts=IDLE),
            True,
            ["tmuxorch report", 'tmuxorch run "what is to be done"'],
        ),
    ],
)
def test_what_is_useful_comes_first(of: Json, reported: bool, steps: list[str]) -> None:
    assert [command for command, _ in next_steps(of, reported=reported)] == steps


def test_repos_are_proposed_as_children(tmp_path: Path) -> None:
    assert first_steps(tmp_path)[0][0] == "tmuxorch init backend=../backend"
    for name in ("api", "app", "$(touch x)"):
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / "lead").mkdir()
    assert first_steps(tmp_path)[0][0] == "tmuxorch init api=api app=app"
    assert first_steps(tmp_path / "lead")[0][0] == "tmuxorch init api=../api app=../app"
    assert first_steps(tmp_path / "api")[0][0] == "tmuxorch init backend=../backend"


def test_programs_are_told_the_same_and_nothing_is_made(run: Run, tmp_path: Path, home: Path) -> None:
    before = sorted(home.rglob("*"))
    assert run("--json").json == {
        "project": None,
        "next": ["tmuxorch init backend=../backend", "tmuxorch demo"],
    }
    assert sorted(home.rglob("*")) == before
    place = recorded.project(tmp_path / "it is").project
    found = run("-C", place, "--json").json
    assert found["project"]["dir"] == str(place)
    assert found["next"] == ["tmuxorch up", "tmuxorch show C2", "tmuxorch logs W3"]
    assert found["counts"]["waiting"] == 2
    assert f"tmuxorch -C '{place}' show C2" in run("-C", place).out
