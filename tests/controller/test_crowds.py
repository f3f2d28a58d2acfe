"""Many workers: a hundred through a limit, whenever the controller is killed, also while it opens their windows; three
hundred asked for in one breath.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Iterator

from tests.controller.conftest import Make
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.cli.client import Client, connect

LIMIT, KEPT = 8, 5

CONFIG = f"""\
limits: {{exec_workers: {LIMIT}}}
windows: {{keep_finished: {KEPT}}}
"""


def ask_for(lab: Project, number: int, task: str, wait: bool = True) -> list[str]:
    """The ids of so many new workers, all asked for at once; without `wait` each may have no window yet."""
    before = len(lab.events("worker_queued"))
    with connect(lab.paths) as client:
        params = {"task": task, "cd": str(lab.repos["app"]), "label": "one"}
        sent = [client.send("exec", params) for _ in range(number)]
        if wait:
            return [found["id"] for found in answers(client, sent)]
        until(lambda: len(lab.events("worker_queued")) == before + number, what="workers in the journal")
        return [event["id"] for event in lab.events("worker_queued")[before:]]


def answers(client: Client, sent: list[int]) -> list[Json]:
    """What the controller says to all these requests."""
    while not all(map(client.answered, sent)):
        client.pump()
    return [client.taken(one) for one in sent]


def ended(lab: Project) -> list[Json]:
    """The ends of workers so far."""
    return lab.events("job_exited")


@contextlib.contextmanager
def tmux_stopped(lab: Project) -> Iterator[None]:
    """The tmux server takes what it is sent and does nothing meanwhile."""
    server = int(lab.tmux("display-message", "-p", "#{pid}"))
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def test_a_hundred_workers_go_through_a_limit_of_eight_and_four_dead_controllers(make_lab: Make) -> None:
    lab = make_lab(CONFIG)
    lab.run("up")
    pid = lab.controller_pid()
    with tmux_stopped(lab):  # which opens its windows only after the kill
        workers = ask_for(lab, 60, "greet", wait=False)
        until(lambda: len(list(lab.paths.workers.glob("*/spec.json"))) == LIMIT, what="windows asked for")
        os.kill(pid, signal.SIGKILL)
    lab.run("up")
    for kind, count in (("job_started", 1), ("job_exited", 10)):
        until(lambda kind=kind, count=count: len(lab.events(kind)) >= count, 60, f"{count} {kind}")  # type: ignore[misc]
        lab.kill_controller()
        lab.run("up")
    workers += ask_for(lab, 40, "greet")
    until(lambda: len(ended(lab)) >= 50, 60, "the first fifty")
    lab.kill_controller()
    lab.run("up")
    found = lab.call("wait", ids=workers, timeout=120)
    assert Counter((one["outcome"], one["reason"], one["attempts"]) for one in found) == {
        ("succeeded", None, 1): 100
    }
    for kind in ("worker_queued", "job_starting", "job_started", "job_exited"):
        assert [event["id"] for event in sorted(lab.events(kind), key=number)] == workers, "once each"
    assert [event["id"] for event in lab.events("job_starting")] == workers, "in the order in which they came"
    assert most_at_once(lab) == LIMIT
    until(
        lambda: sum(name.startswith("W") for name, _ in windows(lab)) == KEPT, what="the newest windows alone"
    )
    keys = Counter(key for _, key in windows(lab))
    assert set(keys.values()) == {1}, keys
    assert {"overview", "checkpoints", "controller", "app", "orchestrator"} <= set(keys)
    assert lab.tmux("list-clients", "-F", "#{client_control_mode}").split() == ["1"]


def number(event: Json) -> int:
    """The number of the worker that an event is about."""
    return int(event["id"][1:])


def most_at_once(lab: Project) -> int:
    """How many workers were at work at the same time."""
    live, most = 0, 0
    for event in lab.events():
        live += (event["type"] == "job_starting") - (event["type"] == "job_exited")
        most = max(most, live)
    return most


def windows(lab: Project) -> list[tuple[str, str]]:
    """Names of the windows, and what each is filed under."""
    rows = lab.tmux("list-windows", "-F", "#{window_name} #{@tmuxorch-key}").splitlines()
    return [(name, key) for name, _, key in (row.partition(" ") for row in rows)]


def test_three_hundred_are_taken_at_once_and_can_all_be_taken_back(make_lab: Make) -> None:
    lab = make_lab("limits: {exec_workers: 1}\n")
    lab.run("up")
    workers = ask_for(lab, 300, "sh: sleep 54321")
    counts = lab.call("status")["counts"]
    assert (counts["running"], counts["queued"]) == (1, 299)
    with connect(lab.paths) as client:
        sent = [client.send("stop", {"id": worker}) for worker in reversed(workers)]
        assert {found["outcome"] for found in answers(client, sent)} == {"cancelled"}
    assert [event["id"] for event in lab.events("job_starting")] == workers[:1]
