"""What children and the lead are told, turn by turn; how a repo is understood is in `understand`.

Read-only until there is a plan. Facts (git, exit codes) come from the tool and are told as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tmuxorch.codex.wording import (
    READ_ONLY,
    WORDS_OF_AGENTS,
    bullets,
    header,
    one_line,
    paragraphs,
    section,
)


def contracts(problem: str, briefs: Mapping[str, str]) -> str:
    """To the lead: which interfaces cross the repos? Answered as structured contracts."""
    return paragraphs(
        header("contracts"),
        f"You lead several repos that must change together. {READ_ONLY}",
        section("The problem", problem),
        _briefs(briefs),
        bullets(
            "Name what the repos must agree on before they can work side by side:",
            [
                "contracts: each shared interface with its producer, its consumers, and its exact shape "
                "(names, types, units, errors), precise enough to be built from both ends",
                "parallel: what can be done at the same time once these are fixed",
                "risks: what could go wrong between the repos, and what is not known yet",
            ],
        ),
    )


def plan(
    problem: str,
    briefs: Mapping[str, str],
    contracts: Iterable[str],
    children: Iterable[str],
    requests: Iterable[str] = (),
) -> str:
    """To the lead: the plan. Answered as a structured plan. `requests` are what was asked for beside the solution."""
    owners = ", ".join([*(f"`{child}`" for child in children), "`orchestrator`"])
    return paragraphs(
        header("plan"),
        f"Write the plan that solves the problem in all repos. {READ_ONLY}",
        section("The problem", problem),
        _briefs(briefs),
        bullets("Contracts between the repos:", contracts),
        bullets(
            "Also asked for; each by at least one item, which names it in `requests` "
            "(pre-tests come before the other items of their owner):",
            requests,
        ),
        bullets(
            "The items:",
            [
                f"owner is one of {owners}; `orchestrator` only for what a human must do, in `human`: the exact "
                "steps, and exactly what is expected back",
                "a human task's kind is device (a test on a device), ux (a look at an interface), credentials, "
                "go-no-go (no-go gives up what depends on it) or decision, whose options are lines of expect, each "
                "`- KEY: what it means`; secret is true for what nobody may see, as a password: it is told to the "
                "items that depend on it and kept nowhere",
                "one item is one piece of work of one repo, small enough to be checked by itself",
                "depends names the ids of the items that must be done before; no circles; leave it empty where "
                "work can go on side by side",
                "scope names the paths that the item may change; instructions say what to do and what to leave",
                "verification has the shell commands that prove it, run in the owner's repo, without network",
                "contract names the contract that the item makes or uses, if any",
                "risk says in a sentence what could go wrong",
            ],
        ),
        "Put into success_criteria what can be observed at the end, into risks only what is still open.",
    )


def plan_repair(n: int, errors: Iterable[str]) -> str:
    """To the lead: the plan it gave is not valid. Answered with the whole plan again."""
    return paragraphs(
        header(f"plan repair {n}"),
        bullets("The plan cannot be used:", errors),
        "Give the whole plan again with exactly this mended, and nothing else changed.",
    )


def item(
    child: str,
    cwd: str,
    item_id: str,
    title: str,
    instructions: str,
    scope: Iterable[str] = (),
    contract: str = "",
    verification: Iterable[str] = (),
    decisions: Iterable[str] = (),
    note: str = "",
) -> str:
    """To a child: do this item of the approved plan. The only prompt, with `fix`, after which it may write.

    `decisions` are humans' answers that matter here, `note` anything else (as `interrupted_note()`).
    """
    return paragraphs(
        header(f"item {item_id}", child),
        f"You are the child `{child}` in {cwd}. The plan is approved; this item is yours: {one_line(title)}",
        note,
        section("What to do", instructions),
        bullets("Change only these paths (others only if there is no other way, and say so):", scope),
        section("The contract with the other repos, to be kept to the letter", contract),
        bullets("What a human has decided:", decisions),
        bullets("Afterwards these commands are run to check it:", verification),
        "Edit with apply_patch. Do not commit: git's own directory is not writable for you. When something "
        "is needed that only a human can give, ask.",
        _closing("what you changed and what you ran, with its result"),
    )


def fix(child: str, item_id: str, title: str, command: str, exit_code: int, output: str) -> str:
    """To a child: a check of its item failed; mend it. `output` is what the command printed, or its end."""
    return paragraphs(
        header(f"fix item {item_id}", child),
        f"The item `{one_line(title)}` is not done yet: a check of it failed with exit code {exit_code}.",
        section("The command", command),
        section("What it printed", output),
        "Find the cause and mend it within the item's paths. Do not weaken the check.",
        _closing("what was wrong, and what you changed"),
    )


def report(problem: str, facts: str) -> str:
    """To the lead, last: what came of it? `facts` are the tool's own records."""
    return paragraphs(
        header("report"),
        f"The run is over. {READ_ONLY}",
        section("The problem", problem),
        section("What is on record", facts),
        bullets(
            "Sum up for the person who asked, briefly, from the record alone:",
            [
                "what each child changed or tried",
                "which checks passed and which failed",
                "what still needs a human",
                "what you would do next",
            ],
        ),
    )


def ask(child: str, cwd: str, prompt: str) -> str:
    """To a child: a person's own words."""
    return paragraphs(header("ask", child), f"You are in {cwd}. {READ_ONLY}", prompt)


def interrupted_note() -> str:
    """For a turn that is sent again because its server died under it."""
    return (
        "You were interrupted in the middle of this and may find your own half-done work. Look at git status "
        "and git diff first, then go on from there; do nothing twice."
    )


def _closing(summary: str) -> str:
    """How an item or a fix is answered: a structured answer."""
    return bullets(
        "At the end answer:",
        [
            f"summary: in a few lines, {summary}",
            "contract_changes: each contract that has another shape now than the plan says, with its exact new shape "
            "and why; none if all are kept",
            "open_questions: what is left for somebody to decide; none if there is nothing",
        ],
    )


def _briefs(briefs: Mapping[str, str]) -> str:
    return paragraphs(
        WORDS_OF_AGENTS, *(section(f"Brief of {child}", said) for child, said in briefs.items())
    )
