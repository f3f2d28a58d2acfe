"""The host in a real tmux window: what a person sees, and what becomes of it when the window goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from tests.host.hosting import PYTHON, HostDir, alive
from tests.host.tmux import Tmux
from tests.waiting import until
from tmuxorch.host import records
from tmuxorch.host.supervisor import MERCY

MESSAGE = json.dumps(
    {"type": "item.completed", "item": {"id": "i", "type": "agent_message", "text": "word " * 30}}
)
UTF8 = {"LC_ALL": "C.UTF-8", "TERM": "tmux-256color"}
UNTIL_GO = "read wait < go; echo done > done"


def waiting(host: HostDir, script: str = UNTIL_GO) -> None:
    """A child that has come so far, and then waits for `go`."""
    os.mkfifo(host.work / "go")
    host.shell(f"echo $$ > pid; {script}", title="W7 scout")


def stdout_of(pid: int) -> str:
    if os.path.exists("/proc"):
        return os.readlink(f"/proc/{pid}/fd/1")
    listing = subprocess.run(["lsof", "-a", "-p", str(pid), "-d", "1", "-Fn"], capture_output=True, text=True)
    return listing.stdout.rpartition("\nn")[2].strip()


def recorded(host: HostDir) -> records.Exit:
    """The record, when it is there."""
    until(host.ended, what="the record")
    ended = host.ended()
    assert ended is not None
    return ended


def headless(host: HostDir) -> None:
    """Waits until the host goes on without a window."""
    started = host.started()
    assert started is not None
    until(
        lambda: os.readlink(f"/proc/{started.host_pid}/fd/1") == os.devnull, what="going on without a window"
    )


def go(host: HostDir) -> None:
    (host.work / "go").write_text("\n")


def test_a_closed_window_stops_the_child(host: HostDir, tmux: Tmux) -> None:
    waiting(host)
    pane = tmux.window(host.command(), **UTF8)
    child = host.pid_in("pid")
    tmux("kill-pane", "-t", pane)
    ended = recorded(host)
    assert (ended.stopped_by, ended.signal) == ("hangup", 2)
    assert not alive(child)
    assert alive(tmux.pid)


def test_a_killed_server_stops_nothing(host: HostDir, tmux: Tmux) -> None:
    waiting(host, f"{UNTIL_GO}; echo '{MESSAGE}'")
    tmux.window(host.command(), **UTF8)
    child = host.pid_in("pid")
    tmux.kill()
    headless(host)
    assert alive(child)
    go(host)
    ended = recorded(host)
    assert (ended.code, ended.stopped_by) == (0, None)
    assert (host.work / "done").read_text() == "done\n"


def test_a_server_that_takes_its_time_to_end_stops_nothing(host: HostDir, tmux: Tmux) -> None:
    """It has to wait for all its clients."""
    waiting(host)
    tmux.window(host.command(), **UTF8)
    child = host.pid_in("pid")
    with subprocess.Popen(
        ["tmux", "-L", "host", "-C", "attach"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        try:
            until(lambda: tmux("list-clients"), what="the client")
            client.send_signal(signal.SIGSTOP)
            tmux("kill-server")
            hung_up = time.monotonic()
            until(lambda: time.monotonic() > hung_up + 2 * MERCY, what="what would end a closed window")
            assert alive(tmux.pid)
            assert alive(child)
        finally:
            client.kill()
    headless(host)
    go(host)
    assert recorded(host).stopped_by is None


def test_without_a_window_it_can_still_be_stopped(host: HostDir, tmux: Tmux) -> None:
    waiting(host)
    tmux.window(host.command(), **UTF8)
    host.pid_in("pid")
    tmux.kill()
    started = host.started()
    assert started is not None
    os.kill(started.host_pid, signal.SIGTERM)
    assert recorded(host).stopped_by == "stop"


def test_ctrl_c_in_the_window_stops(host: HostDir, tmux: Tmux) -> None:
    waiting(host)
    pane = tmux.window(host.command(), **UTF8)
    host.pid_in("pid")
    tmux.sees(pane, "W7 scout")
    tmux("send-keys", "-t", pane, "C-c")
    assert recorded(host).stopped_by == "stop"
    tmux.sees(pane, "stopped · killed by INT")


def test_the_window_shows_what_happens_and_how_it_ended(host: HostDir, tmux: Tmux) -> None:
    waiting(host, f"echo '{MESSAGE}'; {UNTIL_GO}")
    pane = tmux.window(host.command(), **UTF8)
    tmux.sees(pane, "word")
    go(host)
    tmux.sees(pane, "exited 0 ·")
    first, where, *message = [line for line in tmux.lines(pane, "-S", "-") if line][:4]
    assert (first, where) == ("W7 scout", str(host.work))
    assert message == [("• " + "word " * 15).rstrip(), ("  " + "word " * 15).rstrip()]
    assert any(line.startswith("\x1b[1mW7 scout") for line in tmux.lines(pane, "-e", "-S", "-"))


def test_it_is_drawn_to_the_width_that_the_window_has_now(host: HostDir, tmux: Tmux) -> None:
    waiting(host, f"{UNTIL_GO}; echo '{MESSAGE}'")
    pane = tmux.window(host.command(), **UTF8)
    tmux.sees(pane, "W7 scout")
    tmux("resize-window", "-x", "50", "-y", "24", "-t", pane)
    tmux.has_size(pane, 50, 24)
    go(host)
    tmux.sees(pane, "exited 0 ·")
    assert ("• " + "word " * 9).rstrip() in tmux.lines(pane)


def test_typing_and_ctrl_s_change_nothing(host: HostDir, tmux: Tmux) -> None:
    waiting(host, f"{UNTIL_GO}; echo '{MESSAGE}'")
    pane = tmux.window(host.command(), **UTF8)
    tmux.sees(pane, "W7 scout")
    tmux("send-keys", "-t", pane, "xyz", "Enter", "C-s")
    go(host)
    tmux.sees(pane, "exited 0 ·")
    assert "xyz" not in "\n".join(tmux.lines(pane))


def test_no_colour_and_no_utf8_where_they_are_not_wanted(host: HostDir, tmux: Tmux) -> None:
    waiting(host, f"echo '{MESSAGE}'")
    pane = tmux.window(host.command(), LC_ALL="C", NO_COLOR="1", TERM="tmux-256color")
    tmux.sees(pane, "exited 0 -")
    assert ("* " + "word " * 15).rstrip() in tmux.lines(pane)
    assert "\x1b[" not in "\n".join(tmux.lines(pane, "-e"))


def test_a_flood_does_not_hold_up_the_child_and_its_end_is_seen(host: HostDir, tmux: Tmux) -> None:
    """Though the terminal takes nothing for some time."""
    os.mkfifo(host.work / "go")
    code = "import sys\nopen('go').read()\nfor n in range(30_000): print('line', n)\nprint('last')"
    host.spec(*PYTHON, code, view="log", stdout="output.log")
    pane = tmux.window(host.command(), **UTF8)
    until(host.started, what="the start")
    os.kill(tmux.pid, signal.SIGSTOP)
    try:
        go(host)
        recorded(host)
        ended = time.monotonic()
        until(lambda: time.monotonic() > ended + 1, what="some time")
    finally:
        os.kill(tmux.pid, signal.SIGCONT)
    tmux.sees(pane, "exited 0 ·")
    assert "last" in tmux.lines(pane)
    assert host.read("output.log").endswith("line 29999\nlast\n")


def test_a_view_follows_a_file_that_comes_later(host: HostDir, tmux: Tmux) -> None:
    log = host.path / "server.log"
    pane = tmux.window([*records.command(), "view", "log", str(log), "--title", "app-backend"], **UTF8)
    tmux.sees(pane, "app-backend")
    with log.open("w") as file:
        for number in range(3):
            print(f"line {number}", file=file, flush=True)
            tmux.sees(pane, f"line {number}")
    new = log.with_suffix(".new")
    new.write_text("of the next server\n")
    new.rename(log)
    tmux.sees(pane, "of the next server")
    tmux("send-keys", "-t", pane, "C-c")
    until(lambda: tmux("display-message", "-p", "-t", pane, "#{pane_dead}") == "1", what="the view's end")


def test_a_view_of_a_host_shows_its_title_and_end(host: HostDir, tmux: Tmux) -> None:
    waiting(host, f"echo '{MESSAGE}'; {UNTIL_GO}")
    host.start()
    host.pid_in("pid")
    pane = tmux.window([*records.command(), "view", "exec", str(host.path / "events.jsonl")], **UTF8)
    tmux.sees(pane, "• word")
    assert "W7 scout" in tmux.lines(pane)
    go(host)
    tmux.sees(pane, "exited 0 ·")


def test_a_view_of_a_directory_that_comes_later(tmp_path: Path, tmux: Tmux) -> None:
    log = tmp_path / "later" / "frames.jsonl"
    pane = tmux.window([*records.command(), "view", "log", str(log), "--title", "x"], **UTF8)
    tmux.sees(pane, "x")
    log.parent.mkdir()
    log.write_text("here\n")
    tmux.sees(pane, "here")
