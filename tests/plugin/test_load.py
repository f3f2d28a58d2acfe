"""Loading: what changes and nothing else, again changes nothing, and unloading leaves everything as it was."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.plugin.conftest import PROGRAM, ROOT, Tmux, clone, load
from tests.waiting import until

CONF = r"""
set -g prefix C-a
set -g base-index 1
setw -g pane-base-index 1
set -g renumber-windows on
set -g status 2
setw -g mode-keys vi
set -g status-keys emacs
set -g status-left '[#S] #{tmuxorch_status} "a" \; $HOME ~ '
set -g status-right '#[fg=red]#(echo theme)#{?client_prefix,P,}#{tmuxorch_status};'
set -g status-format[1] '#{W:#I#{tmuxorch_mark} }'
set -g window-status-format '#I:#W#{tmuxorch_mark}'
set -g @tmuxorch-menu-key 'O M-T'
set -g @tmuxorch-next-key 'n N'
set -g @tmuxorch-popup-key ''
set-hook -g client-attached 'set -g @mine 1'
bind-key N -N "a user's own" if-shell "true # it's" { display-message "#{session_name} ; \$x" }
"""

BARE = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
"""A PATH without a virtual environment."""

PLUGINS = """
set -g status-interval 0
set -g status-right ''
run-shell 'for one in ~/.tmux/plugins/*/*.tmux; do $one; done >/dev/null 2>&1'
"""
"""How TPM loads: every file at the root of a plugin whose name ends so, as a program, its output unseen."""


def test_load_twice_then_unload(tmux: Tmux, home: Path, tmp_path: Path) -> None:
    plugin = clone(tmp_path / "it's a #{x} place")
    tmux.start(CONF, home)
    tmux("set", "-g", "@tmuxorch-command", PROGRAM)
    before = tmux.settings()
    load(tmux, plugin)
    loaded = tmux.settings()
    load(tmux, plugin)
    assert tmux.settings() == loaded

    changed = {line for line in before if line not in loaded}
    assert {line.split()[0] for line in changed if "bind-key" not in line} == {
        "status-left",
        "status-right",
        "status-format[1]",
        "window-status-format",
        "C-a",  # of list-keys -N
    }
    shown = tmux("show", "-gv", "status-right").strip()
    assert shown == "#[fg=red]#(echo theme)#{?client_prefix,P,}#{TMUXORCH_STATUS};"
    assert tmux("show", "-gv", "window-status-format").strip() == "#I:#W#{E:@tmuxorch-mark}"
    ours = [
        line.split()[3] for line in tmux("list-keys", "-T", "prefix").splitlines() if "/tmuxorch.tmux" in line
    ]
    assert sorted(ours) == ["M-T", "N", "O", "T", "n"]

    load(tmux, plugin, "unload")
    assert tmux.settings() == before


def test_what_changes_between_loads_and_after_them_stays(tmux: Tmux, home: Path, tmp_path: Path) -> None:
    plugin = clone(tmp_path / "p")
    tmux.start("set -g status-right '#{tmuxorch_status}'", home)
    before = tmux.settings()
    load(tmux, plugin)
    tmux("set", "-ga", "status-right", " of a theme")
    tmux("set", "-g", "@tmuxorch-menu-key", "T")
    load(tmux, plugin)
    keys = tmux("list-keys", "-T", "prefix").splitlines()
    assert [line.split()[3] for line in keys if " key menu " in line] == ["T"]
    tmux("bind-key", "T", "display-message", "mine since")
    load(tmux, plugin, "unload")
    assert tmux("show", "-gv", "status-right").strip() == "#{tmuxorch_status} of a theme"
    assert "mine since" in tmux("list-keys", "-T", "prefix")
    tmux("unbind-key", "T")
    tmux("set", "-gu", "@tmuxorch-menu-key")
    tmux("set", "-g", "status-right", "#{tmuxorch_status}")
    assert tmux.settings() == before


def test_the_status_line_shows_what_is_pushed_and_sends_little(
    tmux: Tmux, home: Path, tmp_path: Path
) -> None:
    status = "set -g status-right '#{tmuxorch_status}|'\nset -g status-right-length 30\n"
    status += "set -g @tmuxorch-command true\n"  # there is nothing to be told in place of the status line
    tmux.start(f"{status}setw -g window-status-current-format '#I:win#{{tmuxorch_mark}}.'", home)
    load(tmux, clone(tmp_path / "p"))
    window = tmux("display-message", "-p", "#{window_id}").strip()
    variable = f"TMUXORCH_MARK_{window[1:]}"
    tmux("set", "-w", "-t", window, "@tmuxorch-mark", f"#{{{variable}}}")
    with tmux.attached() as person:
        person.sees("0:win.", "|")
        client = tmux("list-clients", "-F", "#{client_name}").strip()
        drawn, push = [], ["set-environment", "-gh"]
        for count in range(2, 7):
            person.forget()
            words = [*push, "TMUXORCH_STATUS", f"{count} waiting ##(touch x)"]
            tmux(*words, ";", *push, variable, "!" * count, ";", "refresh-client", "-S", "-t", client)
            person.sees(f"{count} waiting #(touch x)|", f"0:win{'!' * count}.")
            drawn.append(len(person.raw))
        # The first ones may fall together with what tmux still draws after attaching.
        assert min(drawn) < 400


def test_as_tpm_loads_it_without_the_program(tmux: Tmux, home: Path) -> None:
    plugin = clone(home / ".tmux" / "plugins" / "tmuxorch")
    assert [found.name for found in plugin.parent.glob("*.tmux")] == ["tmuxorch.tmux"]
    tmux.env["PATH"] = BARE
    tmux.start(PLUGINS, home)
    told = f'tmuxorch is not installed: pip install "{plugin.parent}'
    with tmux.attached() as person, tmux.attached(columns=200) as other:
        until(lambda: len(tmux("list-clients").splitlines()) == 2, what="both")
        # To one of them alone: the first to be there.
        until(lambda: any(told[:60] in one.text for one in (person, other)), what="how to install")
        assert tmux("show-hooks", "-g").count("client-attached[") == 0
        person.presses("x")
        other.presses("x")
        person.misses("not installed")
        other.misses("not installed")
        other.presses("C-b", "O")
        other.sees(told)
        assert "not installed" not in person.text
        tmux("set", "-g", "@tmuxorch-command", str(home / "nowhere"))
        other.presses("x")
        other.misses("not installed")
        other.presses("C-b", "O")
        other.sees(told)
        tmux("set", "-g", "@tmuxorch-command", "echo '#(touch stolen)#[fg=red] 100%' >&2; false")
        other.presses("x")
        other.misses("not installed")
        other.presses("C-b", "O")
        other.sees("#(touch stolen)# [fg=red] 100%")
    assert tmux("list-panes", "-a", "-F", "#{pane_in_mode}").split() == ["0"]
    assert not (home / "stolen").exists()
    assert not Path("stolen").exists()


def test_a_key_of_the_user_is_left_and_that_is_said_once(tmux: Tmux, home: Path, tmp_path: Path) -> None:
    plugin = clone(tmp_path / "p")
    mine = "bind-key O display-message 'my own'\nset -g @tmuxorch-command true\n"
    tmux.start(mine, home)
    with tmux.attached() as person:
        person.sees("[mine]")
        load(tmux, plugin)
        person.sees("prefix O is bound already: tmuxorch leaves it")
        person.presses("x")
        person.misses("bound already")
        load(tmux, plugin)
        person.presses("C-b", "O")
        person.sees("my own")
        assert "bound already" not in person.text
    tmux("set", "-g", "@tmuxorch-menu-key", "O")
    load(tmux, plugin)
    assert " key menu " in tmux("list-keys", "-T", "prefix")
    load(tmux, plugin, "unload")
    assert 'display-message "my own"' in tmux("list-keys", "-T", "prefix")


def test_the_defaults_are_free_in_tmux(tmux: Tmux, home: Path) -> None:
    tmux.start("", home)
    bound = [line.split()[3] for line in tmux("list-keys", "-T", "prefix").splitlines() if " -r " not in line]
    assert "n" in bound
    assert "O" not in bound
    assert os.access(ROOT / "tmuxorch.tmux", os.X_OK)


def test_each_option_is_documented() -> None:
    page = (ROOT / "docs" / "plugin.md").read_text()
    script = (ROOT / "tmuxorch.tmux").read_text()
    verbs = re.findall(r"^  '(\w+)\|", script, re.MULTILINE)
    assert len(verbs) == 4
    named = set(re.findall(r"^\| `(@tmuxorch-[\w-]+)`", page, re.MULTILINE))
    assert named == {*(f"@tmuxorch-{verb}-key" for verb in verbs), "@tmuxorch-command"}
    formats = re.search(r"readonly FORMATS=\(([^)]*)\)", script)
    assert formats
    for name in {re.sub(r"\[.*", "", word.strip("'")) for word in formats[1].split()}:
        assert f"`{name}" in page


def test_the_shell_scripts_pass_shellcheck() -> None:
    files = [ROOT / "tmuxorch.tmux", *(path for path in (ROOT / "scripts").iterdir() if path.is_file())]
    scripts = [path for path in files if b"bash" in path.read_bytes().splitlines()[0]]
    assert len(scripts) > 3
    found = subprocess.run(
        [Path(sys.executable).with_name("shellcheck"), *scripts], cwd=ROOT, capture_output=True, text=True
    )
    assert (found.returncode, found.stdout) == (0, "")
