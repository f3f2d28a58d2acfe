"""The controller at rest, at its end and at its next beginning."""

from __future__ import annotations

import os
import time

import pytest

from tests.controller.conftest import Begin, Make
from tests.controller.test_checkpoints import asked
from tests.e2e.project import Project
from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.cli.start import ensure_session
from tmuxorch.store import config as configuration

REST = 2.0
"""Seconds of idleness that are looked at."""


def commands(lab: Project) -> list[str]:
    """What tmux has carried out, but for our own asking; it keeps no such list unless it is told to."""
    told = lab.tmux("show-messages", ";", "set-option", "-s", "message-limit", "10000").splitlines()
    return [line for line in told if "command: " in line and "message" not in line]


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("waiting", [False, True])
def test_at_rest_the_controller_asks_tmux_nothing(lab: Project, begin: Begin, waiting: bool) -> None:
    """Nor while a checkpoint is open, once people were called for it."""
    commands(lab)
    run = begin("command-rest")
    card = asked(lab, "approval")
    if not waiting:
        lab.call("answer", id=card["id"], choice="decline")
        lab.call("wait_run", id=run, timeout=30)
    pid = lab.controller_pid()

    def rests() -> bool:
        before, used = commands(lab), cpu(pid)
        time.sleep(REST)  # nothing is to happen in this time, so there is nothing to wait for
        return bool(before) and commands(lab) == before and cpu(pid) - used < 0.1 * REST

    until(rests, timeout=8, what="two seconds without a command to tmux")
    assert "list-clients" in commands(lab)[0]


def test_up_starts_what_down_has_ended_and_not_what_a_person_stopped(make_lab: Make) -> None:
    lab = make_lab(children=("app", "other"))
    lab.run("up")
    lab.run("child", "stop", "other")
    lab.run("down", "--kill-agents")
    lab.run("up")
    assert {one["name"]: one["state"] for one in lab.call("status")["children"]} == {
        "app": "idle",
        "other": "stopped",
    }
    assert "orchestrator" in lab.windows()


def test_agents_go_on_while_no_controller_is_there(make_lab: Make) -> None:
    lab = make_lab()
    lab.run("up")
    asking = lab.start("ask", "app", "run touch /tmp/nowhere/x; while [ ! -e go ]; do sleep 0.05; done")
    until(lambda: lab.events("turn_started"), what="the begin of the turn")
    lab.kill_controller()
    asking.communicate(timeout=30)
    (lab.repos["app"] / "go").touch()
    lab.run("up")
    ended = until(lambda: lab.events("turn_ended"), what="the end of the turn")
    assert ended[0]["outcome"] == "completed"
    assert ended[0]["message"].startswith("told: ")
    assert len(lab.events("turn_sending")) == 1


def test_several_who_bring_tmux_back_at_once_attach_once(make_lab: Make) -> None:
    lab = make_lab()
    lab.run("up")
    lab.tmux("kill-server")
    with connect(lab.paths) as client:
        ensure_session(lab.paths, configuration.load(lab.paths.config))
        numbers = [client.send("up", {}) for _ in range(3)]
        while not all(map(client.answered, numbers)):
            client.pump()
    assert lab.tmux("list-clients", "-F", "#{client_control_mode}").split() == ["1"]
    names = lab.windows()
    assert len(names) == len(set(names)), names
    assert {"controller", "orchestrator", "app-app"} <= set(names)


def test_the_log_of_a_whole_life_has_no_traceback(make_lab: Make) -> None:
    lab = make_lab()
    lab.run("up")
    lab.run("ask", "app", "say hello")
    lab.run("down")
    lab.run("up")
    lab.run("down", "--kill-agents")
    log = lab.paths.controller_log.read_text()
    assert "Traceback" not in log
    assert " E " not in log
