"""Prompts that a person picks in their client: the kickoff of a run, and one for each pattern."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from tmuxorch.core import text
from tmuxorch.errors import NotFound, TmuxorchError, UsageError
from tmuxorch.mcp.call import Session

KICKOFF = "kickoff"


class Argument(Struct, frozen=True):
    """Something that a prompt is given."""

    name: str
    about: str
    required: bool = False


class Prompt(Struct, frozen=True):
    """A prompt that is offered."""

    name: str
    title: str
    about: str
    arguments: tuple[Argument, ...]


FIRST = Prompt(
    KICKOFF,
    "Lead a run over several repos",
    "From the problem to the report: briefs, plan, its acceptance by a human, items, report.",
    (
        Argument("problem", "What is to be solved.", required=True),
        Argument("children", "The repos, NAME=PATH, separated by blanks; empty: those of the configuration."),
        Argument("logging", "Logging to be added."),
        Argument("instrumentation", "Instrumentation to be added."),
        Argument("pre_tests", "Tests to be made before the work."),
    ),
)


async def listed(session: Session) -> list[Prompt]:
    """The prompts there are; without a controller the kickoff alone."""
    try:
        return [FIRST, *(_of_pattern(one) for one in await _patterns(session))]
    except TmuxorchError:
        return [FIRST]


async def text_of(session: Session, name: str, given: dict[str, str]) -> str:
    """The words of a prompt. Raises NotFound, and UsageError when something is missing or unknown."""
    if name == KICKOFF:
        return _kickoff(_checked(FIRST, given))
    for pattern in await _patterns(session):
        if pattern["name"] == name:
            return _run_pattern(pattern, _checked(_of_pattern(pattern), given))
    raise NotFound(f"there is no prompt {name!r}", hint="prompts/list names them")


async def _patterns(session: Session) -> list[dict[str, Any]]:
    known = await session.link.look("patterns", {})
    return [await session.link.look("pattern", {"name": one["name"]}) for one in known if not one["problem"]]


def _of_pattern(pattern: dict[str, Any]) -> Prompt:
    parameters = (
        Argument(
            name,
            f"{text.line(one['about'])} Separated by `;`.",
            required=one["min"] > 0 and not one["default"],
        )
        for name, one in pattern["parameters"].items()
    )
    return Prompt(
        pattern["name"],
        text.line(pattern["title"]),
        text.line(pattern["about"]),
        (Argument("task", "What it is about.", required=True), *parameters),
    )


def _checked(prompt: Prompt, given: dict[str, str]) -> dict[str, str]:
    known = {one.name for one in prompt.arguments}
    if unknown := sorted(given.keys() - known):
        raise UsageError(
            f"{prompt.name} takes no {unknown[0]!r}", hint=f"it takes: {', '.join(sorted(known))}"
        )
    words = {name: text.block(said) for name, said in given.items() if said.strip()}
    if missing := [one.name for one in prompt.arguments if one.required and one.name not in words]:
        raise UsageError(f"{prompt.name} wants {missing[0]!r}", hint=f"give {', '.join(missing)}")
    return words


def _kickoff(given: dict[str, str]) -> str:
    wishes = ("logging", "instrumentation", "pre_tests")
    asked = [f"- {name}: {given[name]}" for name in wishes if name in given]
    parts = [
        "Lead this work with the tools of tmuxorch; you edit nothing yourself.",
        f"The problem:\n{given['problem']}",
        f"The repos:\n{given['children']}" if "children" in given else "",
        "\n".join(["Also asked for; each has to be an item of the plan:", *asked]) if asked else "",
        "Call status and do what its `your_move` says, until the run has ended and you have given your report: "
        "start_run with all of the above; wait_for_events until all briefs are there; get_briefs; propose_plan. A "
        "human accepts the plan: wait for that, never try to do it yourself. Then start_items, and wait_for_events "
        "while they are worked on. What only a human can do or decide you ask with ask_human. Do not poll.",
    ]
    return "\n\n".join(part for part in parts if part)


def _run_pattern(pattern: dict[str, Any], given: dict[str, str]) -> str:
    values = {
        name: [part for part in map(str.strip, given[name].split(";")) if part]
        for name in pattern["parameters"]
        if name in given
    }
    listed = [f"- {name}: {'; '.join(several)}" for name, several in values.items()]
    parts = [
        f"Run the pattern {pattern['name']} of tmuxorch: {text.line(pattern['title'])}.",
        f"What it is about:\n{given['task']}",
        "\n".join(["Its parameters (`given` of run_pattern):", *listed]) if listed else "",
        "Call run_pattern, with what its workers have to know in `context`; then wait_for its id, and get_result. Tell "
        "me what it came to, what speaks against it, and the one next step that it recommends.",
    ]
    return "\n\n".join(part for part in parts if part)
