"""kill -9 of the controller while it opens many windows: no worker is lost or started twice, and no window is left."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Iterator

from tests.controller.conftest import Make
from tests.e2e.project import Project
from tests.waiting import until
from tmuxorch.cli.client import connect

CONFIG = "limits: {exec_workers: 8}\nwindows: {keep_finished: 3}\n"


def ask_for(lab: Project, count: int) -> None:
    """Asks for quick workers, all at once, and waits for none."""
    with connect(lab.paths) as client:
        for _ in range(count):
            client.send("exec", {"task": "greet", "cd": str(lab.repos["app"])})
        until(lambda: len(lab.events("worker_queued")) == count, what=f"{count} workers in the journal")


@contextlib.contextmanager
def tmux_stopped(lab: Project) -> Iterator[None]:
    """The tmux server takes what it is sent and does nothing meanwhile."""
    server = int(lab.tmux("display-message", "-p", "#{pid}"))
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def assert_all_ran_once(lab: Project, count: int) -> None:
    """Each worker was started once and has succeeded; windows of the newest alone are left, and one control client."""
    workers = [f"W{number}" for number in range(1, count + 1)]
    until(lambda: len(lab.events("job_exited")) >= count, 60, "the end of all workers")
    assert Counter(event["id"] for event in lab.events("job_started")) == Counter(workers)
    ends = {event["id"]: (event["outcome"], event["reason"]) for event in lab.events("job_exited")}
    assert ends == dict.fromkeys(workers, ("succeeded", ""))
    assert len(lab.events("job_exited")) == count

    def windows() -> list[str]:
        return lab.tmux("list-windows", "-F", "#{window_name} #{@tmuxorch-key}").splitlines()

    def settled() -> bool:
        return sum(window.startswith("W") for window in windows()) == 3

    until(settled, 20, f"three windows of workers, not {windows()}")
    keys = Counter(window.partition(" ")[2] for window in windows())
    assert set(keys.values()) == {1}, keys
    assert {"overview", "checkpoints", "controller", "app", "orchestrator"} <= set(keys)
    assert lab.tmux("list-clients", "-F", "#{client_control_mode}").split() == ["1"]


def test_windows_that_tmux_opens_only_after_the_kill_are_taken_up(make_lab: Make) -> None:
    lab = make_lab(CONFIG)
    lab.run("up")
    pid = lab.controller_pid()
    with tmux_stopped(lab):
        ask_for(lab, 6)
        until(lambda: len(list(lab.paths.workers.glob("*/spec.json"))) == 6, what="six windows asked for")
        os.kill(pid, signal.SIGKILL)
    lab.run("up")
    assert_all_ran_once(lab, 6)


def test_the_controller_is_killed_while_it_opens_windows(make_lab: Make) -> None:
    lab = make_lab(CONFIG)
    lab.run("up")
    ask_for(lab, 20)
    for kind, count in (("job_started", 1), ("job_started", 11), ("job_exited", 14)):
        pid = lab.controller_pid()
        until(lambda kind=kind, count=count: len(lab.events(kind)) >= count, 60, f"{count} {kind}")  # type: ignore[misc]
        os.kill(pid, signal.SIGKILL)
        lab.run("up")
    assert_all_ran_once(lab, 20)
