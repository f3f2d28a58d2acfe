"""Errors, exit codes and the common options, as the contract has them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.cli.command import Done, environment, git_repo, tmuxorch
from tests.cli.conftest import Run
from tmuxorch.cli import main as program
from tmuxorch.errors import Bug, TmuxorchError
from tmuxorch.store.paths import ProjectPaths


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["statsu"], "no command 'statsu'"),
        (["status", "--bogus"], "--bogus"),
        (["exec"], "TASK"),
        (["exec", "--role", "painter", "x"], "painter"),
        (["exec", "--timeout", "-1", "x"], "timeout"),
        (["-C", "/nowhere/at/all", "status"], "/nowhere/at/all"),
        (["child", "paint"], "paint"),
        (["exec", "  "], "task is empty"),
        (["exec", "--context", "Gaol=x", "task"], "Gaol"),
        (["exec", "--schema", "missing.json", "task"], "missing.json"),
        (["run"], "no problem"),
        (["run", "one", "two"], "not 2"),
        (["run", "-f", "missing.md"], "missing.md"),
        (["run", "problem"], "no children"),
        (["init", "backend"], "not NAME=PATH"),
    ],
)
def test_what_is_not_understood_exits_2(run: Run, arguments: list[str], message: str) -> None:
    plain = run(*arguments)
    assert plain.code == 2
    assert plain.out == ""
    assert plain.err.startswith("tmuxorch: ")
    assert message in plain.err
    told = run("--json", *arguments)
    assert told.code == 2
    assert set(told.error) == {"code", "message", "hint"}
    assert told.error["code"] == "usage"
    assert message in told.error["message"]
    hint = told.error["hint"]
    assert shlex.split(hint)[0] in ("tmuxorch", "ls", "cat") or hint.startswith("there are: ")
    assert ("  try: " in plain.err) is not hint.startswith("there are: ")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["statsu"], "tmuxorch status"),
        (["child", "strt", "it"], "tmuxorch child start"),
        (["exec", "--worktre", "it's"], """tmuxorch exec --worktree 'it'"'"'s' --json"""),
        (["frobnicate"], "tmuxorch --help"),
    ],
)
def test_a_typo_names_the_nearest(run: Run, typed: list[str], meant: str) -> None:
    assert run(*typed, "--json").error["hint"] == meant


def test_a_hint_goes_to_the_project_that_was_meant(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "it's one"
    project.mkdir()
    hint = run("-C", project, "report").err.partition("  try: ")[2]
    assert shlex.split(hint) == ["tmuxorch", "-C", str(project), "runs"]
    assert run("-C", project, "report", "--json").error["hint"] == "tmuxorch runs"


def test_json_and_the_directory_are_taken_before_and_after_the_command(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    expected = {"path": str(project / "orchestrator.config.yaml")}
    cases: tuple[list[str | Path], ...] = (
        ["-C", project, "--json", "config", "path"],
        ["config", "path", "-C", project, "--json"],
        ["-C", project, "config", "--json", "path"],
    )
    for arguments in cases:
        assert run(*arguments).json == expected


def test_the_project_is_the_nearest_parent_with_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "orchestrator.config.yaml").write_text("children: []\n")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert tmuxorch("config", "path", cwd=deep).out.strip() == str(tmp_path / "orchestrator.config.yaml")


def test_the_version(tmp_path: Path) -> None:
    assert tmuxorch("--version", cwd=tmp_path).out == "tmuxorch 0.1.0\n"
    assert tmuxorch("--version", "--json", cwd=tmp_path).json == {"version": "0.1.0"}


def test_help_names_every_command_under_its_group(run: Run) -> None:
    told = run("--help")
    assert told.code == 0
    for heading, names in program.SECTIONS.items():
        if not heading:
            continue
        assert f"{heading}:" in told.out
        for name in names:
            assert f"  {name} " in told.out
            assert run(name, "--help").code == 0


def commands(of: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group."""
    context = click.Context(of, info_name=path)
    for name in of.list_commands(context):
        found = of.get_command(context, name)
        assert found
        if isinstance(found, click.Group):
            yield from commands(found, f"{path} {name}")
        else:
            yield f"{path} {name}", found


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_every_option_has_a_sentence_and_every_help_fits(columns: int) -> None:
    for path, found in commands(program.cli, "tmuxorch"):
        context = click.Context(found, info_name=path, terminal_width=min(columns, 110))
        text = found.get_help(context)
        assert text.isascii(), path  # a terminal without UTF-8 shows it too
        assert [line for line in text.splitlines() if len(line) > max(columns, 80)] == []
        assert found.help, path
        for option in found.params:
            assert not isinstance(option, click.Option) or option.help, (path, option.name)


@pytest.mark.parametrize("error", [TmuxorchError, *TmuxorchError.__subclasses__()])
def test_each_error_has_its_exit_code_and_one_shape(
    error: type[TmuxorchError], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error("it does not go", hint="tmuxorch up")

    monkeypatch.setattr("tmuxorch.cli.app.App.look", fail)
    plain = run("status")
    assert plain == Done(error.exit_code, "", "tmuxorch: it does not go\n  try: tmuxorch up\n")
    told = run("status", "--json")
    assert told.code == error.exit_code
    assert told.error == {"code": error.code, "message": "it does not go", "hint": "tmuxorch up"}


def test_a_bug_exits_70_and_leaves_a_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmuxorch.cli.app.App.look", lambda *_: dict[str, str]()["project"])
    done = run("status", "--json")
    assert done.code == Bug.exit_code == 70
    assert done.error["code"] == "bug"
    report = Path(done.error["hint"].rpartition(" ")[2])
    text = report.read_text()
    assert "KeyError: 'project'" in text
    assert "command: tmuxorch status --json" in text
    assert report.stat().st_mode & 0o777 == 0o600
    report.unlink()


def test_hostile_text_in_an_error_does_not_reach_the_terminal(run: Run) -> None:
    done = run("-C", "/nowhere/\x1b]0;owned\x07", "status")
    assert "\x1b" not in done.err
    assert "\\x1b]0;owned" in done.err


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "runs.md").write_text("# Runs\n" + "a line\n" * 100_000)
    command = [sys.executable, "-m", "tmuxorch", "runs-md"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"# Runs\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_locale_without_utf8_does_not_end_a_command(tmp_path: Path) -> None:
    (tmp_path / "runs.md").write_text("# Runs · ✓\n", encoding="utf-8")
    done = tmuxorch(
        "runs-md", cwd=tmp_path, env={"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    )
    assert done.code == 0
    assert done.out == "# Runs · ✓\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["journal"],
        ["report"],
        ["report", "R9"],
        ["report", "../x"],
        ["runs-md"],
        ["logs", "W9"],
        ["logs", "../../etc"],
    ],
)
def test_what_is_not_there_exits_5(run: Run, arguments: list[str]) -> None:
    assert run(*arguments, "--json").code == 5


def test_a_name_does_not_lead_out_of_the_state(run: Run, tmp_path: Path) -> None:
    paths = ProjectPaths(tmp_path)
    paths.ensure()
    for file in (paths.worker("W1") / "events.jsonl", paths.reports / "R1.md"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}\n")
    assert run("logs", "W1").code == 0
    assert run("logs", "../workers/W1").code == 5
    assert run("report", "R1").code == 0
    assert run("report", "../reports/R1").code == 5


def test_attach_and_demo_without_a_terminal_are_refused(run: Run) -> None:
    for command in ("attach", "demo"):
        assert run(command, "--json").code == 3


def test_looking_makes_nothing(run: Run, tmp_path: Path, home: Path) -> None:
    git_repo(tmp_path / "repo")
    before = sorted(home.rglob("*"))
    run("report")
    run("config", "show")
    run("doctor")
    assert sorted(home.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["repo"]
