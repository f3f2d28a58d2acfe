"""What an exec worker is told: preamble, Context Pack, role template. It reaches Codex on stdin, from a
file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from msgspec import Struct

from tmuxorch.codex.appserver import PROMPT_LIMIT
from tmuxorch.errors import UsageError

MARK = "CONTEXT: WORKER"

CONTEXT_KEYS = ("Goal", "Non-goals", "Constraints", "Pointers", "Prior decisions", "Success check")

_READ_ONLY = "edit, create or delete anything"


class _Role(Struct, frozen=True, kw_only=True):
    """What is special about a role: how it calls itself, what it does, answers with and keeps off."""

    name: str
    do: str
    output: str
    do_not: str


_ROLES = {
    "reviewer": _Role(
        name="reviewer",
        do="Look at the scope through the lens and find what is wrong or risky. Prove each finding by the code.",
        output="A list, worst first: severity, file and line, what is wrong, what would mend it. "
        "Nothing found is an answer too.",
        do_not=_READ_ONLY,
    ),
    "researcher": _Role(
        name="researcher",
        do="Find out what is asked, from sources that you have really read.",
        output="The answer first, then the evidence for it with its place, then what stays uncertain.",
        do_not=_READ_ONLY,
    ),
    "implementer": _Role(
        name="implementer",
        do="Make the change, as small as it can be, within the named paths, and run what checks it.",
        output="What you changed file by file, what you ran and its result, and what is left.",
        do_not="touch other paths, or mend what was not asked",
    ),
    "verifier": _Role(
        name="verifier",
        do="Run what decides the task and read its output; try to show that it does not hold.",
        output="PASS or FAIL on the first line, then the commands with their exit codes and the part of the "
        "output that decides.",
        do_not="mend what fails, or pass what you could not run",
    ),
    "scout": _Role(
        name="scout",
        do="Get an overview quickly: where things are, how they hang together, what somebody must know first.",
        output="A map in a few lines: places with what is there, then open questions.",
        do_not=_READ_ONLY + ", or go deep",
    ),
    "free": _Role(name="worker", do="Do the task.", output="The result, briefly.", do_not=""),
}

ROLES = tuple(_ROLES)


def build(
    role: str,
    task: str,
    scope: str,
    lens: str = "",
    context: Mapping[str, str] | None = None,
    paths: Iterable[str] = (),
) -> str:
    """The prompt of one worker.

    `scope` is what it may do (read-only, edit, full), `paths` what of the repo it is about; `context` has
    any of `CONTEXT_KEYS`, whatever their case. UsageError for an unknown role or key (names the nearest),
    an empty task, or a prompt over Codex's limit.
    """
    if (known := _ROLES.get(role)) is None:
        raise UsageError(f"there is no role {role!r}", hint=_nearest(role, ROLES))
    if not task.strip():
        raise UsageError("the task is empty")
    prompt = "\n\n".join(
        part
        for part in (
            _preamble(known, scope),
            _pack(context or {}),
            _template(known, task, scope, lens, paths),
        )
        if part
    )
    if len(prompt) > PROMPT_LIMIT:
        raise UsageError(
            f"the prompt has {len(prompt)} characters, Codex takes {PROMPT_LIMIT}",
            hint="name files as Pointers instead of pasting them",
        )
    return prompt


def _preamble(role: _Role, scope: str) -> str:
    rules = (
        "only this task; start no agents and no codex of your own; ask nothing, decide and say how; read the "
        "AGENTS.md of the repo first and keep to it; show evidence for what you claim"
    )
    if scope == "read-only":
        rules += "; you cannot write, and need not"
    return "\n".join(
        [
            MARK,
            f"ROLE: {role.name}",
            f"RULES: {rules}",
            "Your last message is the result. It goes to the orchestrator, not to a person.",
        ]
    )


def _pack(context: Mapping[str, str]) -> str:
    names = {key.casefold(): key for key in CONTEXT_KEYS}
    given = {}
    for key, text in context.items():
        if (name := names.get(key.strip().casefold())) is None:
            raise UsageError(f"there is no context {key!r}", hint=_nearest(key, CONTEXT_KEYS))
        given[name] = text.strip()
    lines = [f"{name}: {given[name]}" for name in CONTEXT_KEYS if given.get(name)]
    return "\n".join(["CONTEXT PACK", *lines]) if lines else ""


def _template(role: _Role, task: str, scope: str, lens: str, paths: Iterable[str]) -> str:
    where = ", ".join(paths)
    rows = {
        "TASK": task.strip(),
        "SCOPE": f"{scope}: {where}" if where else scope,
        "LENS": lens.strip(),
        "DO": role.do,
        "OUTPUT": role.output,
        "DO NOT": role.do_not,
    }
    return "\n".join(f"{key}: {text}" for key, text in rows.items() if text)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), folded, n=1)
    return f"did you mean {folded[near[0]]!r}?" if near else f"one of: {', '.join(known)}"
