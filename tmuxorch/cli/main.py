"""The entry of `tmuxorch`: parses, runs one command, and turns every end into an exit code of the contract."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Sequence

import click

from tmuxorch import __version__, environment
from tmuxorch.cli import output
from tmuxorch.cli.app import App, LazyGroup
from tmuxorch.cli.streams import styled
from tmuxorch.errors import Bug, TmuxorchError, UsageError
from tmuxorch.store.paths import is_text

INTERRUPTED = 130
"""What shells report of a command that Ctrl-C ended."""

SECTIONS = {
    "Project": {
        "init": "project",
        "up": "project",
        "down": "project",
        "attach": "attach",
        "status": "status",
        "overview": "overview",
        "doctor": "doctor",
        "config": "config",
    },
    "Run": {"run": "run", "lead": "lead", "runs": "runs", "cancel": "runs", "report": "runs", "plan": "plan"},
    "Children": {
        "child": "children",
        "ask": "children",
        "steer": "children",
        "interrupt": "children",
        "tui": "children",
    },
    "Workers": {
        "exec": "exec",
        "ls": "workers",
        "logs": "logs",
        "result": "workers",
        "wait": "workers",
        "stop": "workers",
        "rerun": "workers",
        "resume": "workers",
        "prune": "workers",
    },
    "Patterns": {"pattern": "patterns"},
    "Inbox": {
        "checkpoints": "inbox",
        "show": "inbox",
        "approve": "inbox",
        "decline": "inbox",
        "answer": "inbox",
        "next": "inbox",
        "mute": "notices",
        "unmute": "notices",
    },
    "Record": {"journal": "record", "runs-md": "record"},
    "Tool": {"demo": "demo", "skill": "skill", "mcp": "mcp", "completion": "completion"},
    "": {"tmux": "plugin"},
}


@click.group(
    "tmuxorch",
    cls=LazyGroup,
    sections=SECTIONS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--version", is_flag=True, help="Print the version.")
@click.pass_context
def cli(context: click.Context, version: bool) -> None:
    """Run a fleet of Codex agents in tmux: one App Server per repo, parallel exec workers, one plan, one inbox."""
    if version:
        app: App = context.obj
        app.show({"version": __version__}, lambda: f"tmuxorch {__version__}")
    elif context.invoked_subcommand is None:
        from tmuxorch.cli.next_steps import stand

        stand(context.obj)


def main() -> None:
    """Runs the command of this process's arguments and ends the process."""
    environment.use_utf8()
    for stream in (sys.stdout, sys.stderr):
        # A character that cannot be said (of a name that is no UTF-8, or for PYTHONIOENCODING) must not end a command.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if asked := os.environ.get("_TMUXORCH_COMPLETE"):
        from tmuxorch.cli.completion import answer

        sys.exit(answer(cli, asked))
    try:
        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # while an error was being told
        status = INTERRUPTED
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Runs one command; its exit code."""
    app = App()
    try:
        _check_text(arguments)
        answer = cli.main(list(arguments), prog_name="tmuxorch", standalone_mode=False, obj=app)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (output.ReaderGone, BrokenPipeError):
        # Python would complain once more when it closes stdout.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.ClickException as error:
        return _fail(app, _usage(error, arguments), arguments)
    except TmuxorchError as error:
        return _fail(app, error, arguments)
    except Exception as error:
        return _fail(app, _bug(error, arguments), arguments)


def _check_text(arguments: Sequence[str]) -> None:
    """Raises UsageError for what no file and no agent could be told: they know no text but UTF-8."""
    for argument in arguments:
        if not is_text(argument):
            raise UsageError(f"an argument is not UTF-8: {argument!a}", hint="tmuxorch --help")


def _fail(app: App, error: TmuxorchError, arguments: Sequence[str]) -> int:
    if "--json" in _before_dashes(arguments):
        with contextlib.suppress(output.ReaderGone):
            output.as_json(error.as_json())
    else:
        output.note(f"{styled('tmuxorch:', 'red', sys.stderr)} {error.message}")
        if error.hint:
            said = styled(app.typed(error.hint), "bold", sys.stderr)
            output.note(f"  try: {said}" if _is_command(error.hint) else f"  {said}")
        _stay(error)
    return error.exit_code


def _stay(error: TmuxorchError) -> None:
    """A popup is gone with its program, and a window that was opened for it is dead without it: what was said last
    stays there until Enter, which starts it again in the window where it ended by a bug."""
    from tmuxorch.cli import terminal, via

    again = isinstance(error, Bug) and terminal.is_the_window()
    if terminal.is_interactive() and (again or via.in_popup()):
        output.note(f"  Enter {'starts it again' if again else 'closes this'}")
        with contextlib.suppress(KeyboardInterrupt):
            if sys.stdin.readline() and again:
                os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _is_command(hint: str) -> bool:
    """Whether a hint can be typed; others name what there is."""
    name = hint.partition(" ")[0]
    return name in ("tmuxorch", "export", "unset") or shutil.which(name) is not None


def _before_dashes(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _usage(error: click.ClickException, arguments: Sequence[str]) -> UsageError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"{context.command_path} --help" if context else "tmuxorch --help"
    if isinstance(error, click.NoSuchOption) and error.possibilities and error.option_name in arguments:
        meant = error.possibilities[0]
        hint = shlex.join(["tmuxorch", *(meant if one == error.option_name else one for one in arguments)])
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint=hint)


def _bug(error: Exception, arguments: Sequence[str]) -> Bug:
    """Writes the report of a bug; an error that names it."""
    from tmuxorch.cli.bug import write_report

    try:
        hint = f"the report is in {write_report(error, arguments)}"
    except OSError as refusal:
        hint = f"no report could be written: {refusal.strerror}"
    return Bug(f"this is a bug in tmuxorch: {type(error).__name__}: {error}", hint=hint)
