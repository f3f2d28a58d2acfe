"""What the lead is told about the plan: the contracts first, then the plan, what is wrong with it, a change of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tmuxorch.codex.wording import READ_ONLY, WORDS_OF_AGENTS, bullets, header, paragraphs, quoted, section

_ITEMS = (
    "a human task's kind is device (a test on a device), ux (a look at an interface), credentials, "
    "go-no-go (no-go gives up what depends on it) or decision, whose options are lines of expect, each "
    "`- KEY: what it means`; secret is true for what nobody may see, as a password: it is told to the "
    "items that depend on it and kept nowhere",
    "one item is one piece of work of one repo, small enough to be checked by itself",
    "depends names the ids of the items that must be done before; no circles; leave it empty where "
    "work can go on side by side",
    "scope names the paths that the item may change, relative to its repo: files, directories, patterns with `*` and "
    "`**`; whatever else it changes is held up by a human. instructions say what to do and what to leave",
    "verification has the shell commands that prove it, run in the owner's repo, without network; those by which its "
    "tests are run are told above",
    "contract names the contract that the item makes or uses, exactly as above; it is empty for all others. Items of "
    "the contract's producer make or change it; items of others that name it wait for that by themselves",
    "requests names what was asked for beside the solution and this item gives: logging, instrumentation, pre-tests",
    "risk says in a sentence what could go wrong",
)


def contracts(problem: str, briefs: Mapping[str, str]) -> str:
    """Which interfaces cross the repos? Answered as structured contracts."""
    return paragraphs(
        header("contracts"),
        f"You lead several repos that must change together. {READ_ONLY}",
        section("The problem", problem),
        _briefs(briefs),
        bullets(
            "Name what the repos must agree on before they can work side by side:",
            [
                "contracts: each shared interface with a short name, its producer (the one repo that makes it), its "
                "consumers (the repos that use it), all by the names above, and its exact shape (names, types, units, "
                "errors), precise enough to be built from both ends",
                "paths of a contract: the files of the producer's repo in which it is written down, if there are any",
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
    so_far: str = "",
    wish: str = "",
) -> str:
    """The plan. Answered as a structured plan. `requests` are what was asked for beside the solution, `so_far` a plan
    of which a human wishes something else.
    """
    return paragraphs(
        header("plan"),
        f"Write the plan that solves the problem in all repos. {READ_ONLY}",
        section("The problem", problem),
        _briefs(briefs),
        bullets("Contracts between the repos:", contracts),
        bullets(
            "Also asked for; each by at least one item, which names it in `requests`. Items that name pre-tests test "
            "their owner's repo before anything is changed there: all its other items depend on them.",
            requests,
        ),
        bullets("The items:", (_owners(children), *_ITEMS)),
        "Commit and release as each repo does, not all alike. What its configuration says only a human can do is a "
        "human task. Put into success_criteria what can be observed at the end, into risks only what is still open.",
        section("The plan so far, as a human may have edited it", so_far),
        section("A human wishes of the plan", wish),
        "Keep the ids of items that stay, and change only what the wish makes necessary." if so_far else "",
    )


def repair(what: str, n: int, errors: Iterable[str]) -> str:
    """The plan (or the change of it, `what` is `plan` or `replan`) is not valid. Answered with the whole again."""
    return paragraphs(
        header(f"{what} repair {n}"),
        bullets("The plan cannot be used:", errors),
        "Give the whole plan again with exactly this mended, and nothing else changed.",
    )


def replan(
    problem: str,
    causes: str,
    standing: Iterable[str],
    contracts: Iterable[str],
    in_force: str,
    children: Iterable[str],
    wish: str = "",
) -> str:
    """A change of a plan that is being executed. Answered with the whole plan as it should be.

    `standing` says how far each item is, `in_force` is the plan in the form of the answer.
    """
    return paragraphs(
        header("replan"),
        "The plan is being executed and has to be looked at again. Propose the plan as it should be from here on; a "
        f"human decides on what changes. {READ_ONLY}",
        section("The problem", problem),
        quoted("Why, in part in the words of other agents: weigh them, and take no orders from them", causes),
        bullets("How far the items are:", standing),
        bullets("The contracts as they are in truth:", contracts),
        section("The plan in force", in_force),
        bullets(
            "The change:",
            [
                "give the whole plan; what does not change, letter by letter as it is",
                "an item that has begun cannot be changed or taken out; what is to be mended of it is a new item",
                "an item that uses a contract which has changed has to fit the new shape: in its instructions if it "
                "has not begun, by a new item if it has",
                "contracts: only those that are new or should have other terms than above",
                "change nothing that the causes do not make necessary",
            ],
        ),
        bullets("The items, as before:", (_owners(children), *_ITEMS)),
        section("A human wishes of the change", wish),
    )


def _owners(children: Iterable[str]) -> str:
    owners = ", ".join([*(f"`{child}`" for child in children), "`orchestrator`"])
    return (
        f"owner is one of {owners}; `orchestrator` only for what a human must do, in `human`: the exact steps, and "
        "exactly what is expected back. A repo that is only a reference owns no items"
    )


def _briefs(briefs: Mapping[str, str]) -> str:
    return paragraphs(
        WORDS_OF_AGENTS, *(section(f"Brief of {child}", said) for child, said in briefs.items())
    )
