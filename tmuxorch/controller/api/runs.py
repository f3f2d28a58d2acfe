"""Methods about runs and their plan."""

from __future__ import annotations

import contextlib
from pathlib import Path

from msgspec import Struct

from tmuxorch.codex import appserver
from tmuxorch.controller import survey
from tmuxorch.controller.api.context import May, Nothing, leader, method, needs_windows, only_people
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused, StorageError, UsageError
from tmuxorch.ledger import public, report_md

PROBLEM_LIMIT = appserver.PROMPT_LIMIT // 4
"""Characters of a problem: every child and the lead are told it, beside what else there is to tell."""


RESTS = 30.0
"""Seconds in which what a cancelled run was doing must have ended; it is being ended all the same."""


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """`children` names those that take part; none given: all of the configuration. `fresh`: whether every child is
    asked anew, though a former run has a brief of its repo as it is. `led`: the agent that asks gives the plan itself,
    and everything else that leads the run."""

    problem: str
    yes: bool = False
    children: tuple[str, ...] | None = None
    requests: tuple[m.Request, ...] = ()
    fresh: bool = False
    led: bool = False


class RunId(Struct, frozen=True, forbid_unknown_fields=True):
    """A run."""

    id: str


class WaitRun(Struct, frozen=True, forbid_unknown_fields=True):
    """A run, and how many seconds to wait for its end (none: for ever)."""

    id: str
    timeout: float | None = None


class OptionalRun(Struct, frozen=True, forbid_unknown_fields=True):
    """A run; none given: the newest."""

    id: str | None = None


def find(app: App, run_id: str | None) -> m.Run:
    """The run of that id, or the newest. Raises NotFound."""
    state = app.engine.state
    run = state.runs.get(run_id) if run_id else state.run
    if run is None:
        raise NotFound(f"no run {run_id}" if run_id else "there was no run yet", hint="tmuxorch runs")
    return run


@method("run", Start, May.LEADS)
async def start(app: App, caller: Caller, params: Start) -> object:
    """Begins a run."""
    size = len(params.problem) + sum(len(request.text) for request in params.requests)
    if size > PROBLEM_LIMIT:
        raise UsageError(
            f"the problem has {size} characters, {PROBLEM_LIMIT} are taken",
            hint="put it into a file of a repo and name that",
        )
    await needs_windows(app)
    await app.reload()
    if params.led and not caller.leads:
        raise UsageError("only an agent that leads can begin a led run", hint="tmuxorch lead")
    auto = params.yes or (app.config.gates.plan == "auto" and not params.led)
    if auto:
        only_people(caller, "pass the plan's gate")
    known = app.config_children()
    names = known if params.children is None else params.children
    for name in names:
        if name not in known:
            raise NotFound(f"no child named {name!r}", hint="tmuxorch child ls")
        place = app.engine.state.agents[name].path
        if not Path(place).exists():
            raise Refused(
                f"the repo of {name} is not on this machine: {place}; git facts and checks of a run are from here",
                hint=f"tmuxorch ask {name} …",
            )
    await app.engine.submit(msg.AddAgent(name=LEAD, path=str(app.paths.project)))
    await survey.states(app.engine, names)
    begin = msg.StartRun(
        problem=params.problem,
        children=tuple(names),
        auto=auto,
        requests=params.requests,
        fresh=params.fresh,
        led=leader(caller) if params.led else "",
    )
    state = await app.engine.submit(begin)
    assert state.run is not None
    return public.run(state, state.run)


@method("wait_run", WaitRun, May.ANYBODY)
async def wait_run(app: App, caller: Caller, params: WaitRun) -> object:
    """Waits for the end of a run; its report is on disk then."""
    run = find(app, params.id)
    await app.engine.until(lambda s: not s.runs[run.id].active, params.timeout, f"end of {run.id}")
    await app.views.flush()
    state = app.engine.state
    return public.run(state, state.runs[run.id])


@method("cancel", RunId, May.LEADS)
async def cancel(app: App, caller: Caller, params: RunId) -> object:
    """Gives a run up; its turns are interrupted and its checks stopped by the time that this returns."""
    await app.engine.submit(msg.CancelRun(run=params.id, by=caller.name))
    await app.engine.until(lambda state: _at_rest(state, params.id), RESTS, f"rest of all of {params.id}")
    await app.views.flush()
    state = app.engine.state
    return public.run(state, state.runs[params.id])


def _at_rest(state: m.State, run: str) -> bool:
    """Whether no agent and no process does anything for that run."""
    turns = all(turn.over for turn in state.turns.values() if turn.run == run)
    return turns and all(isinstance(one.life, m.Exited) for one in state.checks.values() if one.run == run)


@method("runs", Nothing, May.ANYBODY)
async def runs(app: App, caller: Caller, params: Nothing) -> object:
    """All runs, oldest first; those that have ended have their report by then."""
    with contextlib.suppress(StorageError):  # on a full disk one can look all the same
        await app.views.flush()
    state = app.engine.state
    return [public.run(state, run) for run in state.runs.values()]


@method("report", OptionalRun, May.ANYBODY)
async def report(app: App, caller: Caller, params: OptionalRun) -> object:
    """The report of a run, as it stands now."""
    run = find(app, params.id)
    markdown = report_md.render(app.engine.state, run, app.clock())
    return {"path": str(app.paths.report(run.id)), "markdown": markdown}
