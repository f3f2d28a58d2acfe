"""`tmuxorch skill`."""

from __future__ import annotations

import os
import shlex
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, group

if TYPE_CHECKING:
    from tmuxorch.skill.install import Outcome
    from tmuxorch.skill.places import Place

SCOPE = click.option(
    "--user/--project",
    "user",
    default=None,
    help="For all that you do with Codex, or for this project (the default in one).",
)
FORCE = click.option("--force", is_flag=True, help="Even where a person wrote or changed what is there.")


@group("skill")
def skill() -> None:
    """Make a Codex session a lead: the skill, and our MCP server in Codex's configuration."""


@skill.command("install")
@SCOPE
@FORCE
@click.pass_obj
def install(app: App, user: bool | None, force: bool) -> None:
    """Write the skill where Codex finds it, and enter our MCP server in Codex's config.toml.

    All else in that file stays as it is, byte for byte. A newer version replaces an older one.
    """
    import msgspec

    from tmuxorch.skill import install as work
    from tmuxorch.skill.entry import entry, program
    from tmuxorch.skill.places import is_trusted

    place = _place(app, user)
    done = work.install(place, entry(program(), place.project), force=force)
    trusted = place.project is None or is_trusted(place.project, os.environ)
    app.show(msgspec.to_builtins(done) | {"trusted": trusted}, lambda: _told(done, "is installed already"))
    if not app.json:
        _say_next(app, place, trusted)


@skill.command("uninstall")
@SCOPE
@FORCE
@click.pass_obj
def uninstall(app: App, user: bool | None, force: bool) -> None:
    """Take both away again, and leave all else as it is."""
    import msgspec

    from tmuxorch.skill import install as work

    done = work.uninstall(_place(app, user), force=force)
    app.show(msgspec.to_builtins(done), lambda: _told(done, "is not installed"))


@skill.command("show")
@click.pass_obj
def show(app: App) -> None:
    """Print the skill, as this version has it."""
    from tmuxorch.skill.files import OWN, shipped

    text = shipped()["SKILL.md"].decode()
    app.show({"path": str(OWN / "SKILL.md"), "text": text}, lambda: text)


def _place(app: App, user: bool | None) -> Place:
    from tmuxorch.skill.places import of_project, of_user

    if user is None:
        user = app.directory is None and not app.paths.config.is_file()
    return of_user(os.environ) if user else of_project(app.paths.project)


def _told(done: Outcome, nothing: str) -> str:
    lines = [*(f"wrote {_named(path)}" for path in done.wrote), *(f"removed {path}" for path in done.removed)]
    return "\n".join(lines) or f"nothing to do: the skill {nothing} ({done.scope})"


def _named(path: str) -> str:
    real = os.path.realpath(path)
    return path if real == path else f"{path} (that is {real})"


def _say_next(app: App, place: Place, trusted: bool) -> None:
    from tmuxorch.skill.places import of_project, of_user

    where = shlex.quote(str(place.project))
    if find_spec("mcp") is None:
        output.note("the MCP server needs one more package: pip install 'tmuxorch[mcp]'")
    if not trusted:
        output.note(
            f"Codex reads {place.config} only when you trust the directory, and so far you did not say so:\n"
            f"  type: codex -C {where}   and answer its question"
        )
    other = of_project(app.paths.project) if place.project is None else of_user(os.environ)
    if other.skill != place.skill and (other.skill / "SKILL.md").is_file():
        takes_away = app.typed(f"tmuxorch skill uninstall --{other.scope}")
        output.note(f"it is in {other.skill} too, and of two with one name Codex takes neither: {takes_away}")
    output.note("next: tmuxorch lead, or in a Codex session: $tmuxorch and what is to be done")
