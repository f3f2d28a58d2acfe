"""Methods about patterns."""

from __future__ import annotations

from msgspec import Struct, field

from tmuxorch.controller.api.context import (
    May,
    Nothing,
    before_the_gate,
    leader,
    method,
    needs_windows,
)
from tmuxorch.controller.api.workers import shown
from tmuxorch.controller.app import App
from tmuxorch.controller.patterns import prompt
from tmuxorch.controller.scoping import lease, place_to_work, repo_of
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.evolve.tables import next_id
from tmuxorch.core.pattern import edits, parts
from tmuxorch.core.pattern_rules import given
from tmuxorch.errors import UsageError

BEGUN = 20.0
"""Seconds in which the first workers of a pattern are there."""


class Name(Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern, by its name or letter."""

    name: str


class Run(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `pattern run` takes. `cd` is absolute, `given` has the values of the pattern's parameters, `timeout` is that
    of each worker, in seconds.
    """

    name: str
    task: str
    cd: str
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    worktree: bool = False
    model: str = ""
    timeout: float | None = None


@method("patterns", Nothing, May.ANYBODY)
async def patterns(app: App, caller: Caller, params: Nothing) -> object:
    """All patterns there are."""
    return app.templates.patterns()


@method("pattern", Name, May.ANYBODY)
async def pattern(app: App, caller: Caller, params: Name) -> object:
    """One pattern, whole."""
    return app.templates.pattern(params.name)


@method("pattern_run", Run, May.LEADS)
async def pattern_run(app: App, caller: Caller, params: Run) -> object:
    """Starts a run of a pattern; returns when its first workers are there."""
    found = app.templates.pattern(params.name)
    directory = place_to_work(params.cd)
    before_the_gate(app, caller, directory, edits=edits(found))
    if not params.task.strip():
        raise UsageError("the task is empty", hint=f'tmuxorch pattern run {found.name} "what it is about"')
    if not edits(found) and (params.paths or params.worktree):
        raise UsageError(
            f"nobody edits in the pattern {found.name}: --path and --worktree are for those that do",
            hint=f"tmuxorch pattern show {found.name}",
        )
    if params.worktree:
        await repo_of(directory)
    values = given(found, params.given)
    spec = m.PatternSpec(
        pattern=found,
        task=text.block(params.task),
        cwd=directory,
        given=values,
        context=params.context,
        paths=params.paths,
        lease=lease(directory, "edit", params.paths) if edits(found) else (),
        worktree=params.worktree,
        model=params.model or app.config.codex.model,
        timeout=params.timeout or 0.0,
        by=leader(caller),
    )
    for step in found.steps:
        for part in parts(step, spec.task, values):
            prompt(app.templates, spec, step, part)  # what is wrong with one is better said now
    await needs_windows(app)
    async with app.numbering:
        run = next_id(app.engine.state, "P")
        await app.engine.submit(msg.StartPattern(spec=spec))

    def begun(state: m.State) -> bool:
        found = state.patterns[run]
        return found.end is not None or bool(found.workers)

    await app.engine.until(begun, BEGUN, f"the first workers of {run}")
    return shown(app, run)
