"""`tmuxorch completion`, and what the shells ask when somebody presses Tab."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from tmuxorch.cli import output
from tmuxorch.cli.app import App, LazyGroup, command
from tmuxorch.cli.live_names import LIVE
from tmuxorch.errors import UsageError

VARIABLE = "_TMUXORCH_COMPLETE"
"""In the environment of a call by a shell's script: `bash_complete` and so on, as click has it."""

LIMIT = 0.25
"""Seconds of work that names of the project may cost; with more nothing is completed."""

BASH = """\
if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404 )); then
    echo "tmuxorch: completion needs bash 4.4 or newer, this is $BASH_VERSION" >&2
else
    %(complete_func)s() {
        local type value
        COMPREPLY=()
        while IFS=, read -r type value; do
            case $type in
                dir) compopt -o dirnames ;;
                file) compopt -o default ;;
                plain) COMPREPLY+=("$value") ;;
            esac
        done < <(IFS=$'\\n'; env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \\
            %(complete_var)s=bash_complete "${1/#\\~\\//$HOME/}" 2>/dev/null)
    }
    complete -o nosort -F %(complete_func)s %(prog_name)s
fi
"""

FISH = """\
function %(complete_func)s
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp | string collect) \\
            COMP_CWORD=(commandline -t | string collect) %(prog_name)s 2>/dev/null)
        set -l parts (string split -m 1 , -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Live(ShellComplete):
    """Names of the project besides what click knows. `abouts`: the shell shows what is said of each."""

    abouts: ClassVar[bool] = True

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import _resolve_context, _resolve_incomplete

        context = _resolve_context(self.cli, self.ctx_args, self.prog_name, args)
        asked, incomplete = _resolve_incomplete(context, args, incomplete)
        if isinstance(asked, click.Parameter):
            path = context.command_path.partition(" ")[2]
            live = LIVE.get((path, asked.name or "")) or LIVE.get(("*", asked.name or ""))
            if live:
                _limit()
                return [
                    CompletionItem(value or incomplete, type=kind, help=about or None)
                    for kind, value, about in live(context)
                    if value.startswith(incomplete) or kind != "plain"
                ]
        if isinstance(asked, click.Group) and [*context._protected_args, *context.args]:
            return []  # what was typed is no command
        if isinstance(asked, LazyGroup) and not self.abouts and incomplete[:1] != "-":
            return [
                CompletionItem(name) for name in asked.list_commands(context) if name.startswith(incomplete)
            ]
        return asked.shell_complete(context, incomplete)


class _Bash(_Live, BashComplete):
    source_template = BASH
    abouts = False

    @staticmethod
    def _check_version() -> None:
        """The script itself does, in the shell that reads it."""


class _Zsh(_Live, ZshComplete):
    def source(self) -> str:
        return f"(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit; }}\n{super().source()}"


class _Fish(_Live, FishComplete):
    source_template = FISH


SHELLS: Mapping[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


@command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)), required=False)
@click.pass_context
def completion(context: click.Context, shell: str | None) -> None:
    """Print what makes your shell complete commands, options and the names of what runs.

    SHELL is the one of $SHELL if it is not given. To have it in every new shell, add one line:

    \b
    to ~/.bashrc:                   eval "$(tmuxorch completion bash)"
    to ~/.zshrc:                    eval "$(tmuxorch completion zsh)"
    to ~/.config/fish/config.fish:  tmuxorch completion fish | source

    bash has to be 4.4 or newer.
    """
    own = Path(os.environ.get("SHELL", "")).name
    name = shell or own
    if name not in SHELLS:
        what = f"there is no completion for {own}" if own else "it is not known which shell you use"
        raise UsageError(f"{what}; there are: {', '.join(SHELLS)}", hint="tmuxorch completion bash")
    root = context.find_root()
    script = SHELLS[name](root.command, {}, "tmuxorch", VARIABLE).source()
    app: App = context.obj
    app.show({"shell": name, "script": script}, lambda: script)


def answer(cli: click.Group, instruction: str) -> int:
    """Answers a shell's script: prints what could come next, or nothing. Never an error, whatever is wrong."""
    shell, _, what = instruction.partition("_")
    if what != "complete" or shell not in SHELLS:
        return 0
    try:
        found = SHELLS[shell](cli, {"obj": App()}, "tmuxorch", VARIABLE).complete()
    except Exception:
        return 0
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)  # as Python ends, nobody would take it any more
    if found:
        output.write(found + "\n")
    return 0


def _limit() -> None:
    """Ends this process once it has worked for too long. Time that others take is not counted: a busy machine would
    complete nothing."""
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)


def _too_long(*_: Any) -> None:
    os._exit(0)
