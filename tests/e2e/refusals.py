"""Commands that are refused: with the exit code of the contract, and in the same words to people and to scripts."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from tests.e2e.project import Project

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
    """Runs `words` for a person and for a script, side by side; both must be refused with `status`, the same message
    (which has `says` in it) and a next step (which has `hint` in it), and print nothing that looks like a result."""
    person = project.start(*words, env=env, stdin=stdin)
    script = project.start(*words, "--json", env=env, stdin=stdin)
    out, err = person.communicate(stdin, timeout=60)
    told, aside = script.communicate(stdin, timeout=60)
    assert (person.returncode, script.returncode) == (status, status), (words, out, err, told, aside)
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
