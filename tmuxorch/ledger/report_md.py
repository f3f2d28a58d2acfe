"""reports/R1.md: what upstream wants answered when a run ends.

What each child changed or attempted, which checks passed, what needs a human, how to reconnect: facts that tmuxorch
has seen itself, items with their commits and checks. What agents said stands apart at the end, quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD, ItemStatus, PlanItem
from tmuxorch.ledger import blocks, inline, merging, public_checkpoints, usage, words
from tmuxorch.ledger.runs_values import timestamp

TITLE = 80
"""Characters of the problem in the title."""

UNFINISHED = (ItemStatus.FAILED, ItemStatus.BLOCKED, ItemStatus.SKIPPED, ItemStatus.PENDING, ItemStatus.READY)


def render(state: m.State, run: m.Run, now: float) -> str:
    """The report of a run, also of one that has not ended, as of `now`."""
    parts = (
        _head(state, run, now),
        ["## What each child changed", *_changes(state, run)],
        _titled("## How to merge", _merging(state, run)),
        ["## Checks", *_checks(state, run)],
        ["## What needs a human", *_human(state, run, now)],
        ["## How to reconnect", *_reconnect(state, run)],
        _titled("## Contracts", _contracts(run)),
        _titled("## Tokens", _tokens(state, run)),
        ["## In the agents' words", *_words(run)],
    )
    return "\n\n".join(block.rstrip("\n") for part in parts for block in part if block) + "\n"


def _head(state: m.State, run: m.Run, now: float) -> Iterator[str]:
    problem = text.block(run.problem)
    yield f"# {inline.escape_title(text.clip(text.line(f'Report {run.id}: {problem}'), TITLE))}"
    yield blocks.quote(problem) if problem else ""
    until = run.end.at if run.end else now
    facts = [
        f"Outcome: {run.end.outcome if run.end else f'not ended ({words.progress(state, run)})'}",
        f"Started: {timestamp(run.started)}",
        f"{'Ended' if run.end else 'As of'}: {timestamp(until)}, after {words.ago(until - run.started)}",
    ]
    if run.led:
        facts.append(f"Led by: {inline.escape(text.line(run.led))}")
    if reason := text.line(run.end.reason if run.end else run.reason):
        facts.append(f"Reason: {inline.escape(reason)}")
    yield _bullets(facts)


def _titled(title: str, blocks_of_it: Iterable[str]) -> list[str]:
    """A section that is left out when there is nothing in it."""
    found = [block for block in blocks_of_it if block]
    return [title, *found] if found else []


def _changes(state: m.State, run: m.Run) -> Iterator[str]:
    for name in run.children:
        yield f"### {inline.escape_title(text.line(name))}"
        agent = state.agents.get(name)
        items = [item for item in (run.plan.items if run.plan else ()) if item.owner == name]
        yield _bullets([*(_repo(agent, run) if agent else ()), *(_done(state, run, item) for item in items)])


def _repo(agent: m.Agent, run: m.Run) -> Iterator[str]:
    place = run.places.get(agent.name)
    yield f"Repo: {inline.code(text.line(agent.path))}"
    if place and place.worktree:
        yield f"Worked on in the worktree {_code(text.line(place.path))}, on branch {_code(text.line(place.branch))}"
        yield f"The worktree is at {_code(text.line(place.head)) or 'no commit'}; the repo itself was not touched"
        if place.note:
            yield inline.escape(text.line(place.note))
    branch, head = text.line(agent.git.branch), text.line(agent.git.head)
    yield f"Branch: {_code(branch) or 'none'}, at {_code(head) or 'no commit'}"
    yield f"Changed and not committed: {_codes(agent.git.changed) or 'nothing'}"
    if commit := run.commits.get(agent.name):
        yield f"Committed at the end of the run as {_code(text.line(commit))}"


def _done(state: m.State, run: m.Run, item: PlanItem) -> str:
    done = run.items.get(item.id, m.ItemState())
    facts = [
        f"Item {inline.escape_id(item.id)} ({inline.escape(item.title)}): {m.item_status(state, run, item.id)}"
    ]
    if done.attempts:
        facts.append(f"{done.attempts} {'attempt' if done.attempts == 1 else 'attempts'}")
    if done.fixes:
        facts.append(f"{done.fixes} after a failed check")
    if isinstance(done.progress, m.ItemFailed):
        facts.append(inline.escape(text.line(done.progress.reason)))
    if done.changed:
        facts.append(f"changed files {_codes(done.changed)}")
    if done.excused:
        facts.append(f"outside its scope and let pass {_codes(done.excused)}")
    if done.commit:
        facts.append(f"commit {_code(text.line(done.commit))}")
    if checks := [check for check in state.checks.values() if (check.run, check.item) == (run.id, item.id)]:
        facts.append("checked by " + ", ".join(map(_link, checks)))
    if done.flag:
        facts.append(f"to be looked at again: {inline.escape(text.line(done.flag))}")
    return ", ".join(facts)


def _link(check: m.Check) -> str:
    """A check's id, which leads to the whole of what it printed."""
    return f"[{check.id}](../checks/{check.id}/output.log)"


def _merging(state: m.State, run: m.Run) -> Iterator[str]:
    every = merging.merges(state, run)
    if not every:
        return
    yield "tmuxorch never pushes and never merges. In this order, each after a look at its diff:"
    commands = [command for one in every for command in one.commands]
    yield blocks.fenced("\n".join(commands))
    yield "Git does not remove a worktree in which anything else lies, as a build leaves it: look, then add `--force`."
    yield _bullets(
        f"{inline.escape(one.child)}: its worktree stays, with changes of items that are not done: "
        f"{', '.join(map(inline.escape_id, one.unfinished))}"
        for one in every
        if one.unfinished
    )


def _contracts(run: m.Run) -> Iterator[str]:
    contracts = run.plan.contracts if run.plan else ()
    if contracts:
        rows = (
            (
                inline.escape(one.name),
                inline.escape(one.producer),
                inline.escape(", ".join(one.consumers)),
                str(m.contract_status(run, one.name)),
            )
            for one in contracts
        )
        yield blocks.table(("Contract", "Producer", "Consumers", "Status"), rows)


def _tokens(state: m.State, run: m.Run) -> Iterator[str]:
    whole = usage.of_run(state, run)
    if whole == m.Tokens():
        return
    items = [item.id for item in (run.plan.items if run.plan else ())]
    rows = [
        (f"{inline.escape(text.line(name))}", usage.of_child(state, run, name))
        for name in (*run.children, LEAD)
    ]
    rows += [(f"item {inline.escape_id(item)}", usage.of_item(state, run, item)) for item in items]
    rows.append((run.id, whole))
    counted = [(who, used) for who, used in rows if used != m.Tokens()]
    columns = ("Of", "Input", "of it cached", "Output")
    yield blocks.table(columns, ((who, str(t.input), str(t.cached), str(t.output)) for who, t in counted))


def _checks(state: m.State, run: m.Run) -> Iterator[str]:
    checks = [check for check in state.checks.values() if check.run == run.id]
    ended = [check.passed for check in checks if isinstance(check.life, m.Exited)]
    counts = (
        (sum(ended), "passed"),
        (len(ended) - sum(ended), "failed"),
        (len(checks) - len(ended), "not ended"),
    )
    said = ", ".join(f"{number} {word}" for number, word in counts if number)
    yield f"{said or 'None'}. tmuxorch runs them itself, in Codex's sandbox."
    if checks:
        columns = ("Check", "For", "Child", "Command", "Result", "Exit status", "Seconds")
        yield blocks.table(columns, map(_check, checks))


def _check(check: m.Check) -> Iterator[str]:
    ended = check.life if isinstance(check.life, m.Exited) else None
    yield _link(check)
    yield f"item {inline.escape_id(text.line(check.item))}" if check.item else f"{check.stage} the work"
    yield inline.escape(text.line(check.child))
    yield _code(text.line(check.command))
    yield "passed" if check.passed else ended.outcome if ended else "not ended"
    yield str(ended.code) if ended and ended.code >= 0 else ""
    yield f"{check.seconds:.1f}" if ended else ""


def _human(state: m.State, run: m.Run, now: float) -> Iterator[str]:
    until = run.end.at if run.end else now
    mine = [one for one in state.checkpoints.values() if run.started <= one.opened <= until]
    still = [one for one in mine if one.is_open]
    yield "Open:" if still else "Nothing is waiting."
    yield _bullets(f"{_about(one)}, since {timestamp(one.opened)}: `tmuxorch show {one.id}`" for one in still)
    if run.plan:
        left = [item for item in run.plan.items if m.item_status(state, run, item.id) in UNFINISHED]
        yield "Not done:" if left else ""
        yield _bullets(_done(state, run, item) for item in left)
    ended = [one for one in mine if not one.is_open]
    yield "Decided:" if ended else ""
    yield _bullets(f"{_about(one)}: {_decision(one)}" for one in ended)


def _about(one: m.Checkpoint) -> str:
    item = f" · item {inline.escape_id(text.line(one.item))}" if one.item else ""
    source, title = inline.escape(text.line(one.source)), inline.escape(text.line(one.card.title))
    return f"{one.id} · {one.card.kind} · {source}{item}: {title}"


def _decision(one: m.Checkpoint) -> str:
    shown = public_checkpoints.checkpoint_shown(one)
    if isinstance(one.state, m.Lapsed):
        return f"lapsed, {inline.escape(text.line(one.state.reason))}, {timestamp(one.state.at)}"
    assert isinstance(one.state, m.Answered | m.Closed)
    answer = shown.answer or m.Answer()
    said = [answer.choice, answer.text, *(f"{name}: {value}" for name, value in answer.values.items())]
    told = inline.escape(text.line(" · ".join(part for part in said if part)))
    by = inline.escape(text.line(one.state.by))
    return f"{told or 'answered'}, by {by}, {timestamp(one.state.at)}"


def _reconnect(state: m.State, run: m.Run) -> Iterator[str]:
    yield _bullets(
        [
            "All windows: `tmuxorch attach`, from anywhere below the project or with `-C DIR`.",
            "After a reboot, or when nothing runs: `tmuxorch up`.",
        ]
    )
    agents = [state.agents[name] for name in (*run.children, LEAD) if name in state.agents]
    yield blocks.table(("Child", "Thread", "Its own TUI"), map(_agent, agents))


def _agent(agent: m.Agent) -> Iterator[str]:
    yield inline.escape(text.line(agent.name))
    yield _code(text.line(agent.thread))
    yield _code(text.line(f"tmuxorch tui {agent.name}"))


def _words(run: m.Run) -> Iterator[str]:
    yield "Nobody has checked what follows."
    said = [("The lead", run.words)]
    for item in run.plan.items if run.plan else ():
        held = run.items.get(item.id, m.ItemState())
        words = "\n".join((held.summary, *(f"Left open: {one}" for one in held.questions)))
        said.append((f"{inline.escape(item.owner)} on item {inline.escape_id(item.id)}", words))
    for who, what in said:
        if quoted := text.block(what):
            yield f"### {who}"
            yield blocks.quote(quoted)


def _code(line: str) -> str:
    return inline.code(line) if line else ""


def _codes(values: Iterable[str]) -> str:
    return inline.codes(filter(None, map(text.line, values)))


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)
