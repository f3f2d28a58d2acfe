"""A check in a real tmux window: however much it prints and whatever it prints, it harms nobody who looks at it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.host.hosting import PYTHON, HostDir, alive
from tests.host.test_stop import with_daemon
from tests.host.tmux import Tmux
from tests.waiting import until

UTF8 = {"LC_ALL": "C.UTF-8", "TERM": "tmux-256color"}
FLOOD = """import sys
sys.stdout.write("".join(f"line {n:09}\\n" for n in range(1000)))
for _ in range(50): sys.stdout.write("y\\n" * 500_000)
sys.stdout.flush()
open("go").read()
print("the last line")
sys.exit(3)"""
HOSTILE = (
    b"\x1b[2J\x1b[3J\x1b]0;owned\x07\x1b[31mred\x1b[0m\n"
    b"nul \x00 bad \xff\xfe csi \x9b2J bell \x07\x08\n"
    b"\x1b[?1049h\x1bPtmux;\x1b\x1b]0;owned\x07\x1b\\no end of line"
)


def check(host: HostDir, code: str, **other: object) -> None:
    """A check as the controller starts one: one file of output, of which a part is shown."""
    log = {"stdout": "output.log", "stderr": "output.log", "view": "log", "shown": 1_000_000}
    host.spec(*PYTHON, code, title="K3 check", **log, **other)


def peak(pid: int) -> int:
    """The most memory that a process had, in kB."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def rows(tmux: Tmux, pane: str) -> list[str]:
    """What is in the window and its history, up to how the check ended."""
    shown = [row for row in tmux.lines(pane, "-J", "-S", "-") if row]
    return shown[: next(at for at, row in enumerate(shown) if row.startswith(("exited", "timed out")))]


def test_of_50_mb_the_beginning_and_the_end_are_shown_and_the_host_stays_small(
    host: HostDir, tmux: Tmux
) -> None:
    os.mkfifo(host.work / "go")
    check(host, FLOOD)
    tmux("set", "-g", "history-limit", "1000000")
    pane = tmux.window(host.command(), **UTF8)
    tmux.sees(pane, "… from here on only in")
    started = host.started()
    assert started is not None
    assert peak(started.host_pid) < 60_000
    (host.work / "go").write_text("")
    tmux.sees(pane, "exited 3 ·")
    shown = rows(tmux, pane)
    assert "line 000000999" in shown
    assert re.fullmatch(r"… 49\.\d MB not shown …", next(row for row in shown if "not shown" in row))
    assert shown[-1] == "the last line"
    assert sum(len(row) + 1 for row in shown) < 1_001_000
    log = (host.path / "output.log").read_bytes()
    assert len(log) == 50_000_000 + 15_000 + len("the last line\n")
    assert f"{host.path}/output.log" in "".join(shown)


def test_what_controls_terminals_is_shown_and_does_nothing(host: HostDir, tmux: Tmux) -> None:
    check(host, f"import os; os.write(1, {HOSTILE!r})")
    pane = tmux.window(host.command(), **UTF8)
    before = tmux("display-message", "-p", "-t", pane, "#{pane_title}")
    tmux.sees(pane, "exited 0 ·")
    state = tmux("display-message", "-p", "-t", pane, "#{pane_title}|#{alternate_on}")
    assert state == f"{before}|0"
    assert rows(tmux, pane)[2:] == [
        "␛[2J␛[3J␛]0;owned␇red",
        "nul ␀ bad �� csi �2J bell ␇␈",
        "␛[?1049h␛Ptmux;␛␛]0;owned␇␛\\no end of line",
    ]
    assert (host.path / "output.log").read_bytes() == HOSTILE


def test_a_check_that_never_ends_is_stopped_with_all_that_it_started(host: HostDir, tmux: Tmux) -> None:
    check(host, with_daemon("signal.signal(2, signal.SIG_DFL); time.sleep(600)"), timeout=3)
    pane = tmux.window(host.command(), **UTF8)
    daemon = host.pid_in("daemon")
    tmux.sees(pane, "timed out after 3 s · killed by INT ·")
    ended = until(host.ended, what="the record")
    assert ended is not None
    assert (ended.stopped_by, alive(daemon)) == ("timeout", False)


def test_a_check_ends_with_its_main_process_though_a_daemon_holds_its_output(host: HostDir) -> None:
    check(host, with_daemon("print('done')"), grace=[0.1, 0.1])
    host.start()
    daemon = host.pid_in("daemon")
    ended = host.end()
    assert (ended.code, ended.stopped_by, alive(daemon)) == (0, None, False)
    assert host.read("output.log") == "done\n"


def test_a_view_that_is_opened_later_shows_no_more(host: HostDir, tmux: Tmux) -> None:
    tmux("set", "-g", "history-limit", "1000000")
    check(host, "print('first')\nfor n in range(150_000): print('line', n)\nprint('last', end='')")
    host.run()
    log = str(host.path / "output.log")
    pane = tmux.window([*host.command()[:-2], "view", "log", log], **UTF8)
    tmux.sees(pane, "exited 0 ·")
    shown = rows(tmux, pane)
    assert shown[-1] == "last"
    assert len([row for row in shown if "not shown" in row or "only in" in row]) == 2
