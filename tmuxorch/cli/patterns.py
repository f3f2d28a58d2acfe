"""`tmuxorch pattern`."""

from __future__ import annotations

from pathlib import Path

import click

from tmuxorch.cli import exec, output
from tmuxorch.cli.app import App, group
from tmuxorch.cli.output import Json
from tmuxorch.errors import UsageError

FAILED = 1


@group("pattern")
def pattern() -> None:
    """Run several workers to one result: reviews, research, options, changes that are verified."""


@pattern.command("ls")
@click.pass_obj
def ls(app: App) -> None:
    """List the patterns there are, those of the project and your own among them."""
    found = app.look("patterns")
    rows = [
        [one["letter"], one["name"], one["problem"] or one["title"], _source(one["source"])] for one in found
    ]
    app.show(found, lambda: output.table(rows, (2, 3)))


def _source(path: str) -> str:
    from tmuxorch.cli.render import short_path
    from tmuxorch.store.templates import BUILT_IN

    return "" if Path(path).is_relative_to(BUILT_IN) else short_path(path)


@pattern.command("show")
@click.argument("name")
@click.pass_obj
def show(app: App, name: str) -> None:
    """Show a pattern: its steps, and what it takes. NAME is its name or letter."""
    found: Json = app.look("pattern", name=name)
    app.show(found, lambda: _shown(found))


def _shown(of: Json) -> str:
    title = f"{of['name']}" + (f" ({of['letter']})" if of["letter"] else "")
    parameters = [
        [
            f"  {name}",
            _number(one),
            one["about"],
            f"default: {', '.join(one['default'])}" if one["default"] else "",
        ]
        for name, one in of["parameters"].items()
    ]
    steps = [
        [
            f"  {number}",
            step["name"],
            step["role"],
            "edits" if step["edit"] else "reads",
            f"one for each {step['over']}" if step["over"] else "",
            f"after {', '.join(step['needs'])}" if step["needs"] else "",
            f"answers: {step['answer']}",
        ]
        for number, step in enumerate(of["steps"], 1)
    ]
    return "\n".join(
        [
            output.cell(f"{title}: {of['title']}"),
            *(
                line
                for part in of["about"].splitlines()
                for line in output.wrapped(output.cell(part), output.columns())
            ),
            *(("takes", *output.aligned(parameters, output.columns(), wrap=True)) if parameters else ()),
            "steps",
            *output.aligned(steps, output.columns(), wrap=True),
        ]
    )


def _number(of: Json) -> str:
    return str(of["min"]) if of["min"] == of["max"] else f"{of['min']} to {of['max']}"


@pattern.command("run")
@click.argument("name")
@click.argument("task")
@click.option("--lens", "lenses", multiple=True, metavar="TEXT", help="For each, a worker looks for that.")
@click.option(
    "--section", "sections", multiple=True, metavar="TEXT", help="For each, a worker takes that part."
)
@click.option(
    "--option", "options", multiple=True, metavar="TEXT", help="For each, a worker works that way out."
)
@click.option(
    "--question", "questions", multiple=True, metavar="TEXT", help="For each, a worker finds that out."
)
@click.option("--set", "others", multiple=True, metavar="NAME=TEXT", help="Any parameter of the pattern.")
@exec.CD
@exec.PATHS
@exec.CONTEXT
@exec.MODEL
@exec.TIMEOUT
@exec.WORKTREE
@click.option("--wait", is_flag=True, help="Follow it, print its result, exit by its outcome.")
@click.pass_obj
def run(
    app: App,
    name: str,
    task: str,
    lenses: tuple[str, ...],
    sections: tuple[str, ...],
    options: tuple[str, ...],
    questions: tuple[str, ...],
    others: tuple[str, ...],
    place: Path | None,
    paths: tuple[str, ...],
    context: tuple[str, ...],
    model: str,
    timeout: float | None,
    worktree: bool,
    wait: bool,
) -> None:
    """Run a pattern and print its id (P1). NAME is its name or letter; TASK - reads stdin.

    \b
    tmuxorch pattern run review "Review the retries" --lens risks --wait
    tmuxorch pattern run options "Where to keep sessions" --option SQLite
    """
    from tmuxorch.cli.context import pack

    app.look("pattern", name=name)
    given = {
        "lens": lenses,
        "section": sections,
        "option": options,
        "question": questions,
        **_others(name, others),
    }
    told = {
        "task": exec.task_of(task, f'tmuxorch pattern run {name} "what it is about"'),
        "cd": str(exec.directory(app, place)),
        "given": {key: list(values) for key, values in given.items() if values},
        "context": pack(context, Path.cwd()),
    }
    with output.waiting(f"starting the pattern {name}"):
        begun: Json = app.ask(
            "pattern_run",
            name=name,
            **told,
            paths=list(paths),
            worktree=worktree,
            model=model,
            timeout=timeout,
        )
    if wait:
        _follow(app, begun)
    else:
        app.show(begun, lambda: str(begun["id"]))


def _others(name: str, given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set: {one} is not NAME=TEXT", hint=f"tmuxorch pattern show {name}")
        found[key.strip()] = (*found.get(key.strip(), ()), value)
    return found


def _follow(app: App, begun: Json) -> None:
    from tmuxorch.cli import workers
    from tmuxorch.cli.follow import follow, heading

    name = begun["id"]
    output.note(f"{heading(begun)}\nlook at it: tmuxorch attach")
    try:
        (ended,) = follow(app.paths, ("wait", {"ids": [name]}))
    except KeyboardInterrupt:
        output.note(f"\n{name} goes on; wait again: tmuxorch wait {name} · give it up: tmuxorch stop {name}")
        raise
    found = app.look("result", id=name)
    app.show(found, lambda: str(found["message"]))
    if not app.json:
        workers.tell_changes_for(app.look("status"), [name])
    if ended["outcome"] != "succeeded":
        if found["result"] and not app.json:  # without a result, what was printed says why
            output.note(f"tmuxorch: {name} {ended['outcome']}: {ended['reason'] or ''}")
        raise click.exceptions.Exit(FAILED)
