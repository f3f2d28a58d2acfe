"""The controller at rest, at its end and at its next beginning."""

from __future__ import annotations

import os
import time

from tests.controller.conftest import Make
from tests.controller.test_checkpoints import answered, asked
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


def test_a_whole_life_has_no_traceback_in_its_log(make_lab: Make) -> None:
    lab = make_lab(children=("app", "other"))
    lab.run("up")
    _at_rest_the_controller_asks_tmux_nothing(lab)
    _agents_go_on_while_no_controller_is_there(lab)
    _several_who_bring_tmux_back_at_once_attach_once(lab)
    lab.run("child", "stop", "other")
    lab.run("down")
    lab.run("up")
    _up_starts_what_down_has_ended_and_not_what_a_person_stopped(lab)
    lab.run("down", "--kill-agents")
    log = lab.paths.controller_log.read_text()
    assert "Traceback" not in log
    assert " E " not in log


def _at_rest_the_controller_asks_tmux_nothing(lab: Project) -> None:
    """Nor while a checkpoint is open, once people were called for it."""
    commands(lab)
    run = lab.call("run", problem="lab: command-rest", yes=True, children=["app"])["id"]
    card = asked(lab, "approval")
    pid = lab.controller_pid()

    def rests() -> bool:
        before, used = commands(lab), cpu(pid)
        time.sleep(REST)  # nothing is to happen in this time, so there is nothing to wait for
        return bool(before) and commands(lab) == before and cpu(pid) - used < 0.1 * REST

    until(rests, what="two seconds without a command to tmux")
    assert "list-clients" in commands(lab)[0]
    answered(lab, card, "decline")
    lab.call("wait_run", id=run, timeout=30)
    until(rests, what="two seconds without a command to tmux")


def _agents_go_on_while_no_controller_is_there(lab: Project) -> None:
    before = [len(lab.events(kind)) for kind in ("turn_sending", "turn_started", "turn_ended")]
    asking = lab.start("ask", "app", "run touch /tmp/nowhere/x; while [ ! -e go ]; do sleep 0.05; done")
    until(lambda: lab.events("turn_started")[before[1] :], what="the begin of the turn")
    lab.kill_controller()
    asking.communicate(timeout=30)
    (lab.repos["app"] / "go").touch()
    lab.run("up")
    ended = until(lambda: lab.events("turn_ended")[before[2] :], what="the end of the turn")
    assert ended[0]["outcome"] == "completed"
    assert ended[0]["message"].startswith("told: ")
    assert len(lab.events("turn_sending")) == before[0] + 1


def _several_who_bring_tmux_back_at_once_attach_once(lab: Project) -> None:
    lab.tmux("kill-server")
    with connect(lab.paths) as client:
        ensure_session(lab.paths, configuration.load(lab.paths.config))
        numbers = [client.send("up", {}) for _ in range(3)]
        while not all(map(client.answered, numbers)):
            client.pump()
    assert lab.tmux("list-clients", "-F", "#{client_control_mode}").split() == ["1"]
    until(lambda: {"controller", "orchestrator", "app-app"} <= set(lab.windows()), what="all windows")
    names = lab.windows()
    assert len(names) == len(set(names)), names


def _up_starts_what_down_has_ended_and_not_what_a_person_stopped(lab: Project) -> None:
    lab.run("down", "--kill-agents")
    lab.run("up")
    assert {one["name"]: one["state"] for one in lab.call("status")["children"]} == {
        "app": "idle",
        "other": "stopped",
    }
    assert "orchestrator" in lab.windows()
