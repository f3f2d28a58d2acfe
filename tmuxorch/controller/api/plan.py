"""Methods about plan.md."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.controller.api.context import May, Nothing, method
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core.plan_rules import problems
from tmuxorch.errors import NotFound, PlanError
from tmuxorch.ledger import plan_md


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody made of plan.md: its text when they took it up, and what they want it to be."""

    before: str
    after: str


@method("plan", Nothing, May.ANYBODY)
async def plan(app: App, caller: Caller, params: Nothing) -> object:
    """plan.md as it is, and what keeps it from being in force."""
    await app.views.flush()
    try:
        markdown = app.paths.plan.read_bytes().decode()
    except FileNotFoundError:
        raise NotFound("there is no plan.md yet", hint='tmuxorch run "…"') from None
    except UnicodeDecodeError as error:
        raise PlanError(f"plan.md is not UTF-8 (byte {error.start})") from None
    wrong = _problems(app, markdown)
    if app.views.plan_problem:
        wrong = [*wrong, *(line for line in app.views.plan_problem.splitlines() if line not in wrong)]
    return {"path": str(app.paths.plan), "markdown": markdown, "problems": wrong}


@method("edit_plan", Edit, May.PEOPLE)
async def edit_plan(app: App, caller: Caller, params: Edit) -> object:
    """Puts an edit of plan.md in force, whole or not at all; says what is another in the plan."""
    if wrong := _problems(app, params.after):
        raise PlanError("\n".join(wrong))
    changes = await app.views.edit_plan(params.before, params.after)
    await app.views.flush()
    return {"path": str(app.paths.plan), "valid": True, "changes": changes}


def _problems(app: App, markdown: str) -> list[str]:
    """What keeps the plan from being executed: by the run that it is of, or by the children of the configuration."""
    run = app.engine.state.active_run
    children = run.children if run else app.config_children()
    try:
        found = plan_md.parse(markdown)
    except PlanError as error:
        return error.message.splitlines()
    return problems(found, frozenset(children), app.settings().references, run.asked_for if run else ())
