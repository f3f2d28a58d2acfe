"""Stopping a child with its whole tree, whatever its members do against it."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from tests.host.hosting import PYTHON, HostDir, alive
from tests.waiting import until
from tmuxorch.host import records

WRITE_PID = """
import os, signal, sys, time
def tell(name):
    open("new", "w").write(str(os.getpid()))
    os.rename("new", name)
def deafen():
    for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
"""
DEAF = WRITE_PID + "deafen(); tell('pid'); time.sleep(600)"


def python(host: HostDir, code: str, **other: Any) -> None:
    host.spec(*PYTHON, code, stdout="out", **other)


def with_daemon(then: str) -> str:
    """A program that leaves a daemon behind: in another session, ignoring HUP, INT and TERM, its parent gone."""
    return f"""{WRITE_PID}
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: deafen(); tell("daemon"); time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists("daemon"): time.sleep(0.01)
tell("pid")
{then}"""


def test_int_comes_first(host: HostDir) -> None:
    host.shell(
        "trap 'echo int; exit 7' INT; echo $$ > pid; while :; do sleep 0.01; done",
        stdout="out",
        grace=[60, 60],
    )
    host.start()
    host.pid_in("pid")
    host.stop()
    ended = host.end()
    assert (ended.code, ended.stopped_by, host.read("out"), host.code) == (7, "stop", "int\n", 7)


def test_then_term_then_kill(host: HostDir) -> None:
    heard = "\nfor n in (2, 15): signal.signal(n, lambda n, _: print(n, flush=True))\ntell('pid')\n"
    python(host, WRITE_PID + heard + "while True: time.sleep(600)", grace=[0.5, 3])
    host.start()
    host.pid_in("pid")
    begin = time.monotonic()
    host.stop()
    ended = host.end()
    assert (ended.signal, ended.code, ended.stopped_by, host.code) == (9, None, "stop", 128 + 9)
    assert host.read("out") == "2\n15\n"
    assert time.monotonic() - begin >= 3.5  # both graces
    assert host.drawn.splitlines()[-1].startswith("stopped · killed by KILL · ")


def test_a_second_signal_skips_to_kill(host: HostDir) -> None:
    heard = "\nsignal.signal(2, lambda *_: tell('heard'))\ntell('pid')\n"
    python(host, WRITE_PID + heard + "while True: time.sleep(600)", grace=[600, 600])
    host.start()
    host.pid_in("pid")
    host.stop(signal.SIGINT)
    host.pid_in("heard")
    host.stop()
    assert host.end().signal == 9


def test_a_daemon_of_the_tree_is_stopped_too(host: HostDir) -> None:
    python(host, with_daemon("time.sleep(600)"))
    host.start()
    daemon = host.pid_in("daemon")
    host.pid_in("pid")
    host.stop()
    host.end()
    assert not alive(daemon)


def test_what_outlives_the_child_is_stopped_before_the_record(host: HostDir) -> None:
    python(host, with_daemon("sys.exit(5)"))
    host.start()
    daemon = host.pid_in("daemon")
    until(host.ended, what="the record")
    assert not alive(daemon)
    ended = host.end()
    assert (ended.code, ended.stopped_by) == (5, None)


def test_what_is_started_while_stopping_is_stopped_as_well(host: HostDir) -> None:
    again = "\ndef again(*_):\n    if os.fork() == 0: os.setsid(); tell('last')\n"
    loop = "signal.signal(2, again); tell('pid')\nwhile True: time.sleep(600)"
    python(host, WRITE_PID + again + loop, grace=[600, 600])
    host.start()
    host.pid_in("pid")
    host.stop()
    last = host.pid_in("last")
    host.stop()
    host.end()
    assert not alive(last)
    assert not records.tree_of(host.path)


def test_the_lease_is_held_while_anything_of_the_tree_lives(host: HostDir) -> None:
    assert not records.lease_held(host.path)
    python(host, with_daemon("sys.exit(0)"), grace=[600, 600])
    host.start()
    daemon = host.pid_in("daemon")
    started = host.started()
    assert started is not None
    until(lambda: not alive(started.pid), what="the child's end")
    assert records.lease_held(host.path)
    os.kill(daemon, signal.SIGKILL)
    host.end()
    assert not records.lease_held(host.path)


def test_the_tree_of_a_killed_host_can_be_found_and_killed(host: HostDir) -> None:
    python(host, with_daemon("time.sleep(600)"))
    host.start()
    child, daemon = host.pid_in("pid"), host.pid_in("daemon")
    host.stop(signal.SIGKILL)
    started = host.started()
    assert started is not None
    until(lambda: not alive(started.host_pid), what="the host's end")
    assert records.lease_held(host.path)
    assert host.ended() is None
    assert {process.pid for process in records.tree_of(host.path)} == {child, daemon}
    records.kill_tree(host.path, (0.1, 0.1))
    assert not alive(child)
    assert not alive(daemon)
    assert not records.lease_held(host.path)


def test_what_closed_the_lease_is_found_below_who_holds_it(host: HostDir) -> None:
    below = WRITE_PID + "os.setsid(); tell('below'); time.sleep(600)"
    python(host, WRITE_PID + f"import subprocess\nsubprocess.run([*{PYTHON}, {below!r}])")
    host.start()
    below_it = host.pid_in("below")
    host.stop(signal.SIGKILL)
    started = host.started()
    assert started is not None
    until(lambda: not alive(started.host_pid), what="the host's end")
    assert {process.pid for process in records.tree_of(host.path)} == {started.pid, below_it}


def test_a_child_that_closed_the_lease_is_found_by_its_start(host: HostDir) -> None:
    python(host, WRITE_PID + "os.closerange(3, 256); tell('pid'); time.sleep(600)")
    host.start()
    child = host.pid_in("pid")
    host.stop(signal.SIGKILL)
    until(lambda: not records.lease_held(host.path), what="a free lease")
    assert {process.pid for process in records.tree_of(host.path)} == {child}


def test_a_reused_pid_is_not_taken_for_the_child(host: HostDir) -> None:
    python(host, "pass")
    host.run()
    started = host.started()
    assert started is not None
    records.write(str(host.path), started._replace(pid=os.getpid()))
    assert records.tree_of(host.path) == set()


@pytest.mark.parametrize("name", [".agents", ".aws", ".codex"])
def test_what_an_interrupted_codex_leaves_is_removed(host: HostDir, name: str) -> None:
    host.shell(f"mkdir {name} {name}-kept; echo $$ > pid; exec sleep 600")
    host.start()
    host.pid_in("pid")
    host.stop()
    host.end()
    assert sorted(path.name for path in host.work.iterdir()) == [f"{name}-kept", "pid"]


def test_what_was_there_before_or_is_not_empty_stays(host: HostDir) -> None:
    (host.work / ".codex").mkdir()
    host.shell("mkdir .aws; touch .aws/file; echo $$ > pid; exec sleep 600")
    host.start()
    host.pid_in("pid")
    host.stop()
    host.end()
    assert sorted(path.name for path in host.work.iterdir()) == [".aws", ".codex", "pid"]


def test_nothing_is_removed_after_an_end_of_its_own(host: HostDir) -> None:
    host.shell("mkdir .codex")
    host.run()
    assert (host.work / ".codex").is_dir()
