"""tmux.conf.example does what it says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.plugin.conftest import ROOT, Tmux, clone
from tests.waiting import until


def test_the_example_works_and_can_be_read_again(tmux: Tmux, home: Path) -> None:
    clone(home / ".tmux" / "plugins" / "tmuxorch")
    tmux.env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{tmux.env['PATH']}"
    tmux.start((ROOT / "tmux.conf.example").read_text(), home)
    before = tmux.settings()
    tmux("source-file", str(home / ".tmux.conf"))
    assert tmux.settings() == before
    bound = {
        line.split()[3] for line in tmux("list-keys", "-T", "prefix").splitlines() if "/tmuxorch.tmux" in line
    }
    assert bound == {"O", "N", "A", "T"}

    window = tmux("display-message", "-p", "#{window_id}").strip()
    mark = f"TMUXORCH_MARK_{window[1:]}"
    tmux("set", "-w", "-t", window, "@tmuxorch-mark", f"#{{{mark}}}")
    tmux("set-environment", "-gh", "TMUXORCH_STATUS", "R1 execute", ";", "set-environment", "-gh", mark, "!")
    with tmux.attached(columns=100) as person:
        person.sees("0:cat!", "R1 execute | ")
        for key, said in (
            ("O", "no project here yet: tmuxorch init"),
            ("N", "nothing waits for you"),
            ("A", "nothing waits for you"),
            ("T", "press it in a child's window"),
        ):
            person.presses("C-b", key)
            person.sees(said)
            person.presses("q")
            person.misses(said)

        person.forget()
        tmux("new-window", "-d", "-n", "bell", "printf '\\a'; exec cat")
        until(lambda: b"\a" in person.raw, what="the bell")
        person.sees("1:bell")
        person.presses("C-b")
        person.types("\x1bn")
        until(lambda: tmux("display-message", "-p", "#{window_name}").strip() == "bell", what="the window")
    assert tmux("show", "-gv", "mouse").strip() == "on"
    assert tmux("show", "-gv", "focus-events").strip() == "on"
    assert "CODEX_HOME" in tmux("show", "-gv", "update-environment").split()
