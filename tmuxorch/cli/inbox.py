"""`tmuxorch checkpoints`, `show`, `approve`, `decline`, `answer` and `next`."""

from __future__ import annotations

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.cli.output import Json
from tmuxorch.errors import UsageError


@command("checkpoints")
@click.option("--all", "all_", is_flag=True, help="Also those that were answered or lapsed.")
@click.option("--watch", is_flag=True, help="Show them interactively and answer by keys.")
@click.option("--once", is_flag=True, help="Show the one that waits longest alone, until it is answered.")
@click.option("--card", metavar="ID", help="Show that one alone, until it is answered.")
@click.pass_obj
def checkpoints(app: App, all_: bool, watch: bool, once: bool, card: str | None) -> None:
    """List what waits for you."""
    if watch + once + (card is not None) > 1:
        raise UsageError("only one of --watch, --once and --card", hint="tmuxorch checkpoints --watch")
    if watch and not app.json:
        from tmuxorch.cli import inbox_shown

        inbox_shown.all_of_them(app)
    elif once or card is not None:
        from tmuxorch.cli import inbox_shown

        inbox_shown.one(app, card)
    else:
        from tmuxorch.cli import render
        from tmuxorch.cli.card import NOTHING

        found = app.look("checkpoints", all=all_)
        app.show(found, lambda: output.table(render.checkpoint_rows(found)) or NOTHING)


@command("show")
@click.argument("checkpoint")
@click.pass_obj
def show(app: App, checkpoint: str) -> None:
    """Show a whole checkpoint: what to do, the matter verbatim, and how to answer."""
    _card(app, app.look("show", id=checkpoint))


def _card(app: App, point: Json) -> None:
    from tmuxorch.cli.card import card

    app.show(point, lambda: card(point))


@command("approve")
@click.argument("checkpoint")
@click.option("--for-session", is_flag=True, help="The same is not asked again in this session.")
@click.pass_obj
def approve(app: App, checkpoint: str, for_session: bool) -> None:
    """Accept."""
    _answer(app, checkpoint, {"choice": "accept-for-session" if for_session else "accept"})


@command("decline")
@click.argument("checkpoint")
@click.option("-m", "--message", default="", metavar="TEXT", help="Why; where an agent asks, it is told.")
@click.pass_obj
def decline(app: App, checkpoint: str, message: str) -> None:
    """Decline; the agent goes on without it."""
    _answer(app, checkpoint, {"choice": "decline", "text": message})


@command("answer")
@click.argument("checkpoint")
@click.argument("words", nargs=-1, metavar="[CHOICE] [KEY=VALUE|TEXT]...")
@click.pass_obj
def answer(app: App, checkpoint: str, words: tuple[str, ...]) -> None:
    """Answer with a choice, with values for fields, or with a text. A single - reads the text from stdin.

    A secret is asked for without being shown when it is not given.
    """
    from tmuxorch.cli import secret_answers

    point: Json = app.ask("show", id=checkpoint)
    # What was typed is understood by this card; another one would mean something else by it.
    _answer(app, checkpoint, {**secret_answers.answer(point, words), "digest": point.get("digest")})


def _answer(app: App, checkpoint: str, given: Json) -> None:
    from tmuxorch.cli import via
    from tmuxorch.cli.card import ended

    params = {"choice": "", "text": "", "values": {}, "digest": None, "via": via.of_command(), **given}
    with output.waiting(f"answering {checkpoint}"):
        point = app.ask("answer", id=checkpoint, **params)
    app.show(point, lambda: f"{point['id']} {ended(point)}")


@command("next")
@click.option("--finished", is_flag=True, help="Not a checkpoint: the next worker or pattern that ends.")
@click.option("--after", multiple=True, metavar="ID", help="Not this one, it was seen already.")
@click.option("--timeout", type=click.FloatRange(min=0.001), metavar="S", help="Give up after S seconds.")
@click.pass_obj
def next(app: App, finished: bool, after: tuple[str, ...], timeout: float | None) -> None:
    """Wait for the next checkpoint and show it.

    With --finished wait for the next worker or pattern that ends, and say what it came to: all that have ended after
    the one that --after names; without it, after now.
    """
    if finished:
        _finished(app, after, timeout)
        return
    with output.waiting("waiting for the next checkpoint"):
        point = app.ask("next", after=list(after), timeout=timeout)
    _card(app, point)


def _finished(app: App, after: tuple[str, ...], timeout: float | None) -> None:
    if len(after) > 1:
        raise UsageError(
            "--finished takes one --after: that which ended last", hint="tmuxorch next --finished"
        )
    with output.waiting("waiting for the next worker or pattern to end"):
        found = app.ask("finished", after="".join(after), timeout=timeout)
    app.show(found, lambda: str(found["text"]))
