"""Completion in real shells: live names without a controller, and nothing of an agent's is run."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Protocol

import click
import pytest

from tests.cli import recorded
from tests.cli.command import REPO
from tests.cli.conftest import Run
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.cli import completion
from tmuxorch.cli.completion import SHELLS, answer
from tmuxorch.cli.live_names import LIVE
from tmuxorch.cli.main import cli
from tmuxorch.store.paths import ProjectPaths

BEGINS = {
    "bash": (
        ["bash", "--norc", "--noprofile"],
        'trap exit TERM; eval "$(tmuxorch completion bash)"; PS1="rea"dy-',
    ),
    "zsh": (["zsh", "-f"], 'trap exit TERM; eval "$(tmuxorch completion)"; PS1="rea"dy-'),
    "fish": (
        ["fish", "--no-config"],
        'tmuxorch completion | source; function fish_prompt; printf "rea"dy-; end',
    ),
}
"""How each shell is started without anybody's configuration, and what is typed there. scripts/test installs them. Their
prompt is on the screen once that was done, not when it was typed."""

NUMBERS = itertools.count(1)

HERE = [name for name in BEGINS if shutil.which(name)]


@pytest.fixture
def paths(home: Path) -> ProjectPaths:
    return recorded.project(home / "work" / "onboarding")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A directory in which the program is, as if it was installed."""
    file = tmp_path / "bin" / "tmuxorch"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{REPO}" exec "{sys.executable}" -m tmuxorch "$@"\n')
    file.chmod(0o755)
    return file.parent


def enters(person: Person, command: str) -> None:
    """Somebody types a command, and is at an empty prompt when it was done: a shell may lose what is typed before."""
    number = next(NUMBERS)
    person.types(f'{command}; clear; echo "ov"er-{number}\n')
    until(lambda: person.text.strip() == f"over-{number}\nready-", what=f"the prompt after {command}")


def completes(person: Person, line: str, *names: str) -> None:
    """Somebody types that and presses Tab until all of it is seen."""
    person.types(line)
    person.presses("Tab")
    if len(names) > 1:  # bash lists them when Tab is pressed once more
        person.presses("Tab")
    person.sees(*names)
    person.presses("C-u")
    enters(person, "true")


@pytest.mark.parametrize("shell", HERE)
def test_a_shell_completes_what_there_is(paths: ProjectPaths, program: Path, shell: str) -> None:
    argv, setup = BEGINS[shell]
    env = {**os.environ, "PATH": f"{program}:{os.environ['PATH']}", "SHELL": f"/bin/{shell}"}
    with at_terminal(argv, env=env, columns=100, cwd=paths.project.parent) as person:
        enters(person, setup)
        completes(person, "tmuxorch ste", "tmuxorch steer")
        enters(person, "cd onboarding")
        completes(person, "tmuxorch show C", *(["C2", "C3"] if shell == "bash" else ["backend: Which retry"]))
        completes(person, "tmuxorch answer C3 li", "tmuxorch answer C3 linear")
        completes(person, "tmuxorch exec --role sco", "--role scout")
        assert b"]0;owned" not in person.raw.replace(b"\\x1b]0;owned", b"")
        person.types("exit\n")
        person.ends()
    assert not list(paths.project.parent.rglob("pwned"))


class Asked(Protocol):
    """What the program answers a shell in which somebody typed these words in `cwd`; the last one is not complete."""

    def __call__(self, shell: str, *words: str, cwd: Path) -> list[str]: ...


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    """In this process, which must not end for having worked too long; the shells above ask one of its own."""
    monkeypatch.setattr(completion, "LIMIT", 600.0)

    def answered(shell: str, *words: str, cwd: Path) -> list[str]:
        typed = ["tmuxorch", *words[:-1]]
        monkeypatch.chdir(cwd)
        monkeypatch.setenv("COMP_WORDS", "\n".join([*typed, words[-1]]))
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(typed)))
        code = answer(cli, f"{shell}_complete")
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        return out.splitlines()

    return answered


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["wait", ""], ["W2"]),
        (["wait", "W2", ""], []),
        (["rerun", ""], ["W3", "W1"]),
        (["child", "stop", "m"], ["mobile"]),
        (["ask", "o"], ["orchestrator"]),
        (["attach", "c"], ["checkpoints", "controller"]),
        (["cancel", ""], ["R1"]),
        (["answer", "C3", ""], ["decline", "linear"]),
        (["answer", "C9", ""], []),
        (["pattern", "run", "review"], ["review", "review-fix"]),
        (["exec", "--lens", "sec"], ["security"]),
        (["exec", "--scope=e"], ["edit"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["no-such", ""], []),
        (["-C", "/no/such/place", "st"], ["status", "steer", "stop"]),
        (["show", "'"], ["C2", "C3"]),
    ],
)
def test_the_names_that_fit_and_no_others(
    asked: Asked, paths: ProjectPaths, words: list[str], found: list[str]
) -> None:
    assert asked("bash", *words, cwd=paths.project) == [f"plain,{name}" for name in found]


def test_the_directory_that_was_given_counts(asked: Asked, paths: ProjectPaths, tmp_path: Path) -> None:
    assert asked("bash", "-C", str(paths.project), "show", "", cwd=tmp_path) == ["plain,C2", "plain,C3"]
    assert asked("bash", "-C", "", cwd=tmp_path) == ["dir,"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_what_is_said_of_a_name_is_one_harmless_line(asked: Asked, paths: ProjectPaths, shell: str) -> None:
    said = asked(shell, "show", "", cwd=paths.project)
    assert len(said) == (6 if shell == "zsh" else 2)
    assert all(char.isprintable() or char == "\t" for line in said for char in line)
    assert "run $(touch pwned)`touch pwned` %F{red}" in said[0 if shell == "fish" else 2]


def test_a_controller_that_hangs_keeps_nobody_waiting(asked: Asked, paths: ProjectPaths) -> None:
    paths.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(paths.socket))
        server.listen()
        assert asked("bash", "show", "", cwd=paths.project) == ["plain,C2", "plain,C3"]


def test_every_live_name_belongs_to_a_parameter() -> None:
    context = click.Context(cli, info_name="tmuxorch")
    for path, parameter in LIVE:
        command: click.Command = cli
        for word in path.split() if path != "*" else ():
            assert isinstance(command, click.Group)
            found = command.get_command(context, word)
            assert found, path
            command = found
        assert parameter in {one.name for one in command.params}, (path, parameter)


def test_the_script_is_for_the_shell_that_is_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for shell in SHELLS:
        monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
        assert (
            run("completion").out
            == run("completion", shell).out
            == run("completion", "--json").json["script"]
        )
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    refused = run("completion")
    assert refused.code == 2
    assert "no completion for tcsh; there are: bash, zsh, fish" in refused.err
