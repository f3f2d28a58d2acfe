"""What every command has in common: `-C` and `--json`, before or after the command's name, and the way to the project.

Commands are declared with `command`, groups of them with `group`; their first argument is the App (`click.pass_obj`).
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmuxorch.cli import output
from tmuxorch.errors import ControllerUnavailable, UsageError
from tmuxorch.store.paths import ProjectPaths, find_project

if TYPE_CHECKING:
    from tmuxorch.cli.client import Client


class App:
    """One invocation: which project, and how to print."""

    def __init__(self) -> None:
        self.directory: Path | None = None
        self.json = False

    @cached_property
    def paths(self) -> ProjectPaths:
        """The project's files."""
        if self.directory is None:
            return ProjectPaths(find_project(Path.cwd()))
        return ProjectPaths(self.directory)

    @property
    def place(self) -> Path:
        """Where work is to be done when a command does not say: `-C`, else where the caller is."""
        return Path(os.path.realpath(self.directory or Path.cwd()))

    @cached_property
    def client(self) -> Client:
        """A connection to the controller, which is started if it does not run."""
        from tmuxorch.cli.start import ensure_controller

        with output.waiting("starting the controller"):
            return ensure_controller(self.paths)

    def ask(self, method: str, **params: Any) -> Any:
        """One request to the controller, which is started if it does not run."""
        client = self.client
        with output.waiting("waiting for the controller"):
            return client.call(method, params)

    def look(self, method: str, **params: Any) -> Any:
        """As `ask`, but without a controller `offline` answers, from the journal and the files: looking starts
        nothing."""
        from tmuxorch.cli.client import connect

        try:
            with output.waiting("waiting for the controller"), connect(self.paths) as client:
                return client.call(method, params)
        except ControllerUnavailable:
            view = getattr(import_module("tmuxorch.cli.offline"), method)
            return view(self.paths, **params)

    def typed(self, command: str) -> str:
        """A command of ours as it has to be typed here: with the `-C` that this one was given."""
        name, blank, rest = command.partition(" ")
        if name != "tmuxorch" or " -C " in command or self.directory in (None, find_project(Path.cwd())):
            return command
        return f"{name} -C {shlex.quote(str(self.directory))}{blank}{rest}"

    def show(self, value: object, text: Callable[[], str]) -> None:
        """Prints `value` with `--json`, else `text()`; an empty text is not printed."""
        if self.json:
            output.as_json(value)
        elif words := text():
            output.data(words)


def _directory(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        path = Path(value).expanduser()
        if not path.is_dir():
            raise UsageError(f"-C: there is no directory {value}", hint=look_at(path))
        context.find_object(App).directory = Path(os.path.realpath(path))  # type: ignore[union-attr]


def _json(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value:
        context.find_object(App).json = True  # type: ignore[union-attr]


def common_options() -> list[click.Option]:
    """Fresh `-C` and `--json`; every command has them."""
    return [
        click.Option(
            ["-C", "project_directory"],
            metavar="DIR",
            expose_value=False,
            callback=_directory,
            is_eager=True,
            help="Project directory (default: the nearest parent with a configuration, else here).",
        ),
        click.Option(
            ["--json", "as_json"],
            is_flag=True,
            expose_value=False,
            callback=_json,
            is_eager=True,
            help="Print JSON, errors too.",
        ),
    ]


class Command(click.Command):
    """A command with the common options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += common_options()


class Group(click.Group):
    """Commands of one kind, with the common options."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += common_options()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if not ctx.resilient_parsing and word[:1] != "-" and self.get_command(ctx, word) is None:
            of = f" of {ctx.command_path}" if ctx.parent else ""
            raise UsageError(f"there is no command {word!r}{of}", hint=self._nearest(ctx, word))
        return super().resolve_command(ctx, args)

    def _nearest(self, ctx: click.Context, word: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(word, self.list_commands(ctx), n=1)
        return f"{ctx.command_path} {near[0] if near else '--help'}"


def command(name: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Declares a command."""
    return click.command(name, cls=Command, **settings)


def group(name: str, **settings: Any) -> Callable[[Callable[..., Any]], Group]:
    """Declares a group of commands."""
    return click.group(name, cls=Group, **settings)


class LazyGroup(Group):
    """The whole program: a command's module is imported when that command is named.

    `sections` has, under each heading of the help, the commands' names and the modules they are in; those under the
    empty heading are for programs and shown nowhere.
    """

    def __init__(self, *args: Any, sections: dict[str, dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sections = sections
        self._modules = {name: where for part in sections.values() for name, where in part.items()}
        self._shown = [name for heading, part in sections.items() if heading for name in part]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._shown

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self._modules:
            return None
        module = import_module(f"tmuxorch.cli.{self._modules[name]}")
        found = getattr(module, name.replace("-", "_"))
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, self._shown))
        for heading, names in self._sections.items():
            if not heading:
                continue
            rows = [(name, self._short_help(ctx, name)) for name in names]
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(longest), text) for name, text in rows])

    def _short_help(self, ctx: click.Context, name: str) -> str:
        found = self.get_command(ctx, name)
        return found.get_short_help_str(limit=120) if found else ""


def look_at(path: Path) -> str:
    """The command that shows what there is where `path` was looked for."""
    there = next(place for place in (path.absolute().parent, *path.absolute().parents) if place.is_dir())
    return shlex.join(["ls", str(there)])


def read_text(argument: str) -> str:
    """`argument`, or stdin if it is `-`. Raises UsageError if that is no UTF-8."""
    if argument != "-":
        return argument
    sys.stdin.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"stdin is not UTF-8 (byte {error.start})", hint="iconv -f LATIN1 -t UTF-8 < FILE"
        ) from None
