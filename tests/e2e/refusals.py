"""Commands that are refused: with the exit code of the contract, and in the same words to people and to scripts."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from tests.e2e.project import Project
from tmuxorch.cli.main import run

CODES = {
    1: {"failed", "storage"},
    2: {"usage", "config", "plan"},
    3: {"refused", "changed"},
    4: {"timeout"},
    5: {"not_found"},
    6: {"no_controller"},
    7: {"tool_missing"},
}
"""Exit code → codes of errors that have it."""


class Error(NamedTuple):
    """What was said."""

    code: str
    message: str
    hint: str


def refused(
    project: Project,
    *words: str,
    status: int,
    says: str = "",
    hint: str = "",
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Error:
    """Runs `words` for a person and for a script; both must be refused with `status`, the same message (which has
    `says` in it) and a next step (which has `hint` in it), and print nothing that looks like a result.

    They run in this process: to start Python takes twenty times as long as to refuse something."""
    out, err = _ends(project, status, words, env, stdin)
    told, _ = _ends(project, status, (*words, "--json"), env, stdin)
    error = Error(**json.loads(told)["error"])
    assert error.code in CODES[status], error
    assert out == ""
    there = f" -C {shlex.quote(str(project.directory))} "
    typed = error.hint.replace(" ", there, 1) if error.hint.startswith("tmuxorch ") else error.hint
    said = (
        f"  try: {typed}",
        f"  {typed}",
        f"  try: {error.hint}",
    )  # of what was not even read, -C is not known
    ways = (f"tmuxorch: {error.message}\n{line}\n" for line in said)
    assert err.endswith(tuple(ways)), err
    assert says in error.message, error
    assert hint in error.hint, error
    return error


def _ends(
    project: Project, status: int, words: Sequence[str], env: Mapping[str, str] | None, stdin: str | None
) -> tuple[str, str]:
    """What the command line prints to stdout and stderr before it ends with `status`."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in {**project.environ, **(env or {})}.items():
            patch.setenv(name, value)
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((stdin or "").encode())))
        with (
            warnings.catch_warnings()
        ):  # a process that ends leaves the closing of its connection to the system
            warnings.simplefilter("ignore", ResourceWarning)
            code = run(["-C", str(project.directory), *words])
    assert code == status, (words, code, out.getvalue(), err.getvalue())
    return out.getvalue(), err.getvalue()


def nothing_was_begun(project: Project) -> None:
    """There is neither a file of the project nor a tmux server."""
    assert not project.paths.state.exists()
    assert not project.paths.link.exists()
    listed = subprocess.run(["tmux", "-L", project.socket, "list-sessions"], capture_output=True, check=False)
    assert listed.returncode == 1
