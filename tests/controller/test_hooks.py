"""The command for workers that have ended: once for each, told what it was, in nobody's way, whatever becomes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests import reaping
from tests.controller.holding import Gate, editing, ended, events, now, start
from tests.e2e.project import Json, Project
from tests.tmuxfixture import commands
from tests.waiting import until
from tmuxorch.controller import hooks
from tmuxorch.controller.workers import HOOKS
from tmuxorch.core import model as m
from tmuxorch.ledger import public_workers
from tmuxorch.store.paths import ProjectPaths

CONFIG = """\
limits: {exec_workers: 8, retries: 1}
timeouts: {retry: 1}
workers: {hook: [./hook.sh, it's one]}
"""

SCRIPT = """\
#!/bin/sh
{ printf '{"args": "%s", "label": "%s", "outcome": "%s", "project": "%s", "result": "%s", "worker": ' \
    "$*" "$TMUXORCH_LABEL" "$TMUXORCH_OUTCOME" "$TMUXORCH_PROJECT" "$TMUXORCH_RESULT"
  cat
  echo '}'; } > "told-$TMUXORCH_WORKER-$$" && cat "told-$TMUXORCH_WORKER-$$" >> told
. ./mode
"""


@pytest.fixture
def script(lab: Project) -> Iterator[Path]:
    """The hook, which tells and does what is in the file `mode`."""
    path = lab.directory / "hook.sh"
    path.write_text(SCRIPT)
    path.chmod(0o700)
    mode(lab, "true")
    yield path
    until(lambda: not due(lab), what="the end of all hooks")


def mode(lab: Project, command: str) -> None:
    """What the hook does at its end, from now on."""
    new = lab.directory / "mode.new"
    new.write_text(f"{command}\n")
    new.rename(lab.directory / "mode")


def due(lab: Project) -> set[str]:
    """The workers whose hook has not been recorded as run."""
    wanted, ran = ({one["id"] for one in lab.events(kind)} for kind in ("hook_wanted", "hook_ran"))
    return wanted - ran


def told(lab: Project, worker: Json) -> list[Json]:
    """What the hook was told of a worker, each time."""
    file = lab.directory / "told"
    lines = file.read_text().splitlines() if file.exists() else []
    return [found for found in map(json.loads, lines) if found["worker"]["id"] == worker["id"]]


def ran(lab: Project, worker: Json) -> Json:
    """The record of the worker's hook, which has to be one."""
    until(lambda: events(lab, worker, "hook_ran"), what=f"the hook for {worker['id']}")
    (found,) = events(lab, worker, "hook_ran")
    return found


@pytest.mark.usefixtures("script")
def test_it_is_told_once_of_each_end_and_not_of_each_try(lab: Project, tmp_path: Path) -> None:
    gate, app = Gate(tmp_path), lab.repos["app"]
    succeeds = start(lab, app, "greet", label="quick")
    fails = start(lab, app, "fail")
    tries = start(lab, app, "overloaded")
    holder = editing(lab, app, f"sh: {gate.wait}")
    queued = editing(lab, app, "greet")
    lab.call("stop", id=queued["id"])
    gate.open()
    for worker, outcome in (
        (succeeds, "succeeded"),
        (fails, "failed"),
        (queued, "cancelled"),
        (holder, "succeeded"),
        (tries, "succeeded"),
    ):
        assert ended(lab, worker)["outcome"] == outcome
        assert ran(lab, worker).get("problem", "") == ""
        (found,) = told(lab, worker)
        assert (found["outcome"], found["args"], found["project"]) == (
            outcome,
            "it's one",
            str(lab.directory),
        )
        assert found["worker"] == now(lab, worker)
        msgspec.convert(found["worker"], public_workers.Worker)
    (found,) = told(lab, succeeds)
    assert found["label"] == "quick"
    assert Path(found["result"]).read_text().strip() == "hello"
    (found,) = told(lab, tries)
    assert found["worker"]["attempts"] == 2
    assert Path(found["result"]).read_text().strip() == "at last"


def test_what_goes_wrong_with_it_is_recorded_and_logged(lab: Project, script: Path) -> None:
    for spoil, problem in (
        (lambda: mode(lab, "echo it hurts >&2; exit 3"), "exit status 3"),
        (lambda: mode(lab, "kill -9 $$"), "killed by SIGKILL"),
        (lambda: script.chmod(0o600), "./hook.sh cannot be run: Permission denied"),
        (
            lambda: script.rename(script.with_name("away")),
            "./hook.sh cannot be run: No such file or directory",
        ),
    ):
        spoil()
        worker = start(lab, lab.repos["app"], "greet")
        assert ended(lab, worker)["outcome"] == "succeeded"
        assert ran(lab, worker)["problem"] == problem
        assert f"the hook for {worker['id']}: {problem}\n" in lab.paths.controller_log.read_text()
        log = lab.paths.worker(worker["id"]) / "hook.log"
        assert log.read_text() == ("it hurts\n" if "3" in problem else "")
        assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("script")
def test_one_that_hangs_is_in_nobodys_way_and_runs_again_if_the_controller_dies(
    lab: Project, tmp_path: Path
) -> None:
    """And it runs for what has ended without a controller."""
    gate, unseen = Gate(tmp_path), Gate(tmp_path)
    mode(lab, gate.wait)
    workers = [start(lab, lab.repos["app"], "greet") for _ in range(HOOKS + 1)]
    alone = start(lab, lab.repos["app"], f"sh: {unseen.wait}")
    for worker in workers:
        assert ended(lab, worker)["outcome"] == "succeeded"
    hung = until(lambda: [one for one in workers if told(lab, one)][HOOKS - 1 :], what="hooks")
    assert len(hung) == 1, "no more at once than that"
    assert due(lab) >= {one["id"] for one in workers}
    lab.kill_controller()
    mode(lab, "true")
    unseen.open()
    until((lab.paths.worker(alone["id"]) / "exit.json").exists, what="the end of the worker")
    assert not told(lab, alone)
    lab.run("up")
    for worker in (*workers, alone):
        ran(lab, worker)
    assert sorted(len(told(lab, worker)) for worker in workers) == [1] + [2] * HOOKS
    assert len(told(lab, alone)) == 1
    gate.open()
    left = {int(path.name.rpartition("-")[2]) for path in lab.directory.glob("told-*-*")}
    until(lambda: not left & commands().keys(), what="the end of those that hang")


@pytest.fixture
def world(tmp_path: Path) -> tuple[ProjectPaths, m.State]:
    """A project with a worker that has ended, and changed a thousand files."""
    paths = ProjectPaths(tmp_path)
    paths.ensure()
    paths.worker("W1").mkdir()
    worker = m.Worker(
        id="W1",
        spec=m.WorkerSpec(label="l", cwd="/"),
        life=m.Exited(at=1.0, outcome=m.Outcome.SUCCEEDED, code=0),
        queued=0.0,
        changed=tuple(f"{number:0100}" for number in range(1000)),
    )
    return paths, m.State(workers={"W1": worker})


async def ran_here(world: tuple[ProjectPaths, m.State], *argv: str, timeout: float = 60.0) -> str:
    paths, state = world
    return await hooks.run(argv, os.environ, paths, state, "W1", timeout)


async def test_one_that_takes_too_long_is_killed_with_all_that_it_started(
    world: tuple[ProjectPaths, m.State], home: Path
) -> None:
    problem = await ran_here(world, "sh", "-c", "sleep 54321 & wait", timeout=0.5)
    assert problem == "it took longer than 0.5 s"
    until(lambda: not reaping.processes_of(home), what="the end of what it started")


async def test_one_that_does_not_read_what_it_is_told_is_no_failure(
    world: tuple[ProjectPaths, m.State],
) -> None:
    assert await ran_here(world, "true") == ""
    assert await ran_here(world, "sh", "-c", "exec < /dev/null; true") == ""


async def test_one_whose_worker_has_no_files_any_more_is_a_problem_and_no_bug(
    world: tuple[ProjectPaths, m.State],
) -> None:
    world[0].worker("W1").rmdir()
    assert "hook.log cannot be written: No such file" in await ran_here(world, "true")
