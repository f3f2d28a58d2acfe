"""`tmuxorch doctor`: whether everything that tmuxorch needs is here."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct, to_builtins

from tmuxorch import __version__
from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.cli.streams import styled
from tmuxorch.errors import ConfigError, TmuxorchError, ToolMissing
from tmuxorch.store.paths import ProjectPaths

if TYPE_CHECKING:
    from tmuxorch.store.config import Config

OK, WARNING, PROBLEM, MISSING = "ok", "warning", "problem", "missing"

STYLES = {WARNING: "yellow", PROBLEM: "red", MISSING: "red"}

LOGIND = ("/etc/systemd/logind.conf", "/etc/systemd/logind.conf.d", "/usr/lib/systemd/logind.conf.d")

QUICK = 20.0
"""Seconds that a program may take to say its version."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `state` is ok, warning (works all the same), problem or missing."""

    name: str
    state: str
    detail: str
    hint: str = ""


Look = Callable[[ProjectPaths], Finding]


@command("doctor")
@click.pass_obj
def doctor(app: App) -> None:
    """Check tmux, Codex, git, directories, locale, what ends at logout, and the configuration."""
    with output.waiting("looking at what is installed"):
        findings = list(examine(app.paths))
    rows = [[finding.state, finding.name, finding.detail] for finding in findings]
    ok = all(finding.state in (OK, WARNING) for finding in findings)

    def text() -> str:
        lines = [
            styled(line, STYLES.get(row[0], ""))
            for row, line in zip(rows, output.aligned(rows, output.columns(), wrap=True), strict=True)
        ]
        hints = [f"  {finding.name}: {finding.hint}" for finding in findings if finding.hint]
        return "\n".join(lines + (["", "what to do:", *hints] if hints else []))

    app.show({"ok": ok, "version": __version__, "findings": [to_builtins(one) for one in findings]}, text)
    if any(finding.state == MISSING for finding in findings):
        raise click.exceptions.Exit(ToolMissing.exit_code)
    if not ok:
        raise click.exceptions.Exit(TmuxorchError.exit_code)


def examine(paths: ProjectPaths) -> Iterator[Finding]:
    """All findings; none raises."""
    looks: tuple[Look, ...] = (
        _tmux,
        _codex,
        _login,
        _codex_home,
        _git,
        _state,
        _socket,
        _locale,
        _logout,
        _config,
    )
    for look in looks:
        try:
            yield look(paths)
        except TmuxorchError as error:
            state = MISSING if isinstance(error, ToolMissing) else PROBLEM
            yield Finding(name=look.__name__.strip("_"), state=state, detail=error.message, hint=error.hint)


def _tmux(paths: ProjectPaths) -> Finding:
    from tmuxorch.tmux import binary

    return Finding(name="tmux", state=OK, detail=f"{binary.version()} at {binary.find_tmux()}")


def _codex(paths: ProjectPaths) -> Finding:
    from tmuxorch.codex import binary
    from tmuxorch.controller.installed import codex_version

    path = binary.find(_configuration(paths).codex.bin)
    return Finding(name="codex", state=OK, detail=f"{codex_version(path)} at {path}")


def _login(paths: ProjectPaths) -> Finding:
    from tmuxorch.codex.binary import Login, codex_home, login_state

    env = _environment(paths)
    match login_state(env):
        case Login.FILE:
            return Finding(name="login", state=OK, detail=f"in {codex_home(env) / 'auth.json'}")
        case Login.KEY:
            return Finding(name="login", state=OK, detail="an API key is in the environment")
        case Login.UNKNOWN:
            return Finding(
                name="login",
                state=WARNING,
                detail=f"no login is seen in {codex_home(env)}; a keyring or a provider of your own may do",
                hint="codex login",
            )


def _codex_home(paths: ProjectPaths) -> Finding:
    from tmuxorch.codex.binary import codex_home

    home = codex_home(_environment(paths))
    return _writable("codex home", home, f"chmod u+rwx {shlex.quote(str(home))}")


def _git(paths: ProjectPaths) -> Finding:
    path = shutil.which("git")
    if path is None:
        return Finding(name="git", state=PROBLEM, detail="git is not on PATH", hint="install git")
    done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=QUICK, check=False)
    return Finding(
        name="git", state=OK, detail=f"{done.stdout.strip().removeprefix('git version ')} at {path}"
    )


def _state(paths: ProjectPaths) -> Finding:
    return _writable("state", paths.state, 'export XDG_STATE_HOME="$HOME/.local/state"')


def _socket(paths: ProjectPaths) -> Finding:
    return _writable("socket", paths.socket.parent, "unset XDG_RUNTIME_DIR")


def _writable(name: str, place: Path, hint: str) -> Finding:
    """Whether `place`, or what it would be made in, can be written to by us and, if it is there, by nobody else."""
    there = next(one for one in (place, *place.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding(name=name, state=PROBLEM, detail=f"{there} cannot be written to", hint=hint)
    if there == place and place.stat().st_mode & 0o022 and place.stat().st_uid == os.getuid():
        detail, hint = f"{place} can be written to by others", shlex.join(["chmod", "700", str(place)])
        return Finding(name=name, state=WARNING, detail=detail, hint=hint)
    return Finding(name=name, state=OK, detail=f"{place}{'' if there == place else ' (not made yet)'}")


def _locale(paths: ProjectPaths) -> Finding:
    env = os.environ
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or "none"
    if locale.casefold().replace("-", "").endswith("utf8"):
        return Finding(name="locale", state=OK, detail=locale)
    utf8 = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    detail = f"{locale} is not UTF-8: some characters are shown as others"
    return Finding(name="locale", state=WARNING, detail=detail, hint=f"export LC_CTYPE={utf8}")


def _logout(paths: ProjectPaths) -> Finding:
    """systemd can end a user's processes, tmux servers among them, when the user logs out."""
    setting = kill_user_processes([Path(place) for place in LOGIND])
    if setting is None:
        return Finding(name="logout", state=OK, detail="nothing here ends tmux when you log out")
    if not setting or _lingers():
        return Finding(name="logout", state=OK, detail="tmux goes on when you log out")
    return Finding(
        name="logout",
        state=WARNING,
        detail="KillUserProcesses=yes: systemd ends tmux and all agents when you log out",
        hint="loginctl enable-linger",
    )


def kill_user_processes(places: list[Path]) -> bool | None:
    """What logind's configuration says; files later in the list win. None without any configuration (no logind)."""
    files = [
        file for place in places for file in (sorted(place.glob("*.conf")) if place.is_dir() else [place])
    ]
    found = None
    for file in files:
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:
            continue
        found = found or False
        for line in lines:
            key, _, value = line.partition("=")
            if key.strip() == "KillUserProcesses":
                found = value.strip().casefold() in ("yes", "true", "1", "on")
    return found


def _lingers() -> bool:
    program = shutil.which("loginctl")
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, "show-user", str(os.getuid()), "--property=Linger", "--value"],
            capture_output=True,
            text=True,
            timeout=QUICK,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == "yes"


def _config(paths: ProjectPaths) -> Finding:
    from tmuxorch.store.children import check_children
    from tmuxorch.store.config import load

    if not paths.config.exists():
        detail = f"none at {paths.config}"
        return Finding(name="config", state=WARNING, detail=detail, hint="tmuxorch init backend=../backend")
    config = load(paths.config)
    check_children(config, paths.project)
    names = ", ".join(child.name for child in config.children) or "none"
    return Finding(name="config", state=OK, detail=f"{paths.config}; children: {names}")


def _configuration(paths: ProjectPaths) -> Config:
    """The configuration; a broken one has a finding of its own, and counts as none for the others."""
    from tmuxorch.store.config import Config, load

    try:
        return load(paths.config)
    except ConfigError:
        return Config()


def _environment(paths: ProjectPaths) -> dict[str, str]:
    """The environment that agents would have."""
    from tmuxorch.cli.start import agent_environment

    return agent_environment(paths, _configuration(paths))
