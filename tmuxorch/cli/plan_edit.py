"""`tmuxorch plan edit`: plan.md in an editor, on a copy that takes effect whole or not at all.

A copy that is not valid is kept, with what it was made from, and the next edit goes on from it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App
from tmuxorch.cli.output import Json
from tmuxorch.errors import ChangedMeanwhile, TmuxorchError, UsageError


class Copy:
    """The copy that is edited, and the text that it was made from."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "plan.md"
        self._before = directory / "before.md"

    @property
    def exists(self) -> bool:
        """Whether an edit that is not in force was left."""
        return self.path.exists() and self._before.exists()

    @property
    def before(self) -> str:
        return self._before.read_bytes().decode()

    @property
    def text(self) -> str:
        """What it is now. Raises UsageError for what is no text."""
        try:
            return self.path.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{self.path} is not UTF-8 (byte {error.start})", hint="tmuxorch plan edit --fresh"
            ) from None

    def make(self, text: str) -> None:
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        for path in (self.path, self._before):
            path.write_bytes(text.encode())

    def drop(self) -> None:
        for path in (self.path, self._before):
            path.unlink(missing_ok=True)


def edit(app: App, *, fresh: bool) -> None:
    """Has the plan edited until it is in force, or the person gives up."""
    found = app.look("plan")
    copy = Copy(app.paths.state / "edit")
    if copy.exists and not fresh:
        output.note(f"going on from {copy.path}, which is not in force yet (--fresh begins anew)")
    else:
        app.paths.ensure()
        copy.make(found["markdown"])
    while True:
        _open(copy.path)
        try:
            if copy.text == copy.before and not found["problems"]:
                changed: Json = {"path": found["path"], "valid": True, "changes": []}
            else:
                changed = app.look("edit_plan", before=copy.before, after=copy.text)
            break
        except TmuxorchError as error:
            error.message += f"\nthe edit is kept in {copy.path}"
            error.hint = "tmuxorch plan edit"
            if isinstance(error, ChangedMeanwhile):
                error.hint = shlex.join(["diff", str(app.paths.plan), str(copy.path)])
            if not _again(app, error):
                raise
    copy.drop()
    app.show(changed, lambda: _words(changed))


def _open(path: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        done = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except OSError as error:
        raise TmuxorchError(
            f"the editor {editor} does not start: {error.strerror}", hint="export EDITOR=vi"
        ) from error
    except ValueError as error:
        raise UsageError(f"EDITOR is no command: {error}", hint="export EDITOR=vi") from error
    if done.returncode:
        raise TmuxorchError(
            f"{editor} ended with exit code {done.returncode}; nothing was changed, and the edit is kept in {path}",
            hint="tmuxorch plan edit",
        )


def _again(app: App, error: TmuxorchError) -> bool:
    """Whether a person wants to mend it at once."""
    if app.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    output.note(f"The plan stays as it was:\n{error.message}")
    return click.confirm("Edit again?", default=True, err=True)


def _words(changed: Json) -> str:
    if not changed["changes"]:
        return f"nothing is another in the plan of {changed['path']}"
    return "\n".join(
        [f"{changed['path']} is in force; changed:", *(f"  {line}" for line in changed["changes"])]
    )
