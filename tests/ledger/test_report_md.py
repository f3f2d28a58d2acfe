"""The report: upstream's four exit conditions, facts apart from agents' words, hostile words quoted."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.ledger.samples import PLAN, states
from tests.ledger.test_public import CARD, POINT
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, Plan, PlanItem
from tmuxorch.ledger import report_md
from tmuxorch.ledger.merging import Merge, merges

GOLDEN = Path(__file__).with_name("golden")
SECTIONS = [
    "What each child changed",
    "Checks",
    "What needs a human",
    "How to reconnect",
    "In the agents' words",
]
WHERE_THERE_ARE = {"How to merge", "Contracts", "Tokens"}
FENCE = "```"


def hostile_state() -> m.State:
    """A run with everything that a report tells of, in words that would like to be something else."""
    check = m.Check(
        id="K1",
        run="R1",
        stage=m.Stage.ITEM,
        item="1",
        number=1,
        child="backend",
        cwd="/repos/backend",
        command="make test | tail",
        life=m.Exited(at=1100.0, outcome=m.Outcome.FAILED, code=2),
        seconds=3.14,
    )
    passed = replace(check, id="K2", life=m.Exited(at=1200.0, outcome=m.Outcome.SUCCEEDED, code=0))
    before = replace(passed, id="K3", stage=m.Stage.BEFORE, item="", life=m.Queued(at=1000.0))
    answer = m.Answer(choice="accept", values={"token": "hunter2"})
    secret = replace(CARD, title="## Checks", fields=(m.Field(id="token", label="Token", secret=True),))
    points = (
        replace(POINT, card=secret, opened=1050.0, state=m.Closed(at=1060.0, by="ann", answer=answer)),
        replace(POINT, id="C2", item="2", opened=1250.0, card=replace(CARD, title="press <b>it</b>")),
        replace(POINT, id="C3", opened=1070.0, state=m.Lapsed(at=1080.0, reason="the server is gone")),
        replace(POINT, id="C4", opened=900.0),
    )
    run = m.Run(
        id="R1",
        problem="Devices do not\n# get on",
        children=("backend",),
        auto=False,
        started=1000.0,
        phase=m.Phase.ENDED,
        plan=PLAN,
        items={
            "1": m.ItemState(
                progress=m.ItemDone(),
                attempts=1,
                fixes=1,
                changed=("src/a|b.py",),
                excused=("README.md",),
                commit="def456",
                summary="All **good**.",
                questions=("Is `v1` still in use?",),
            ),
            "2": m.ItemState(progress=m.ItemFailed(reason="given up by ann")),
        },
        places={
            "backend": m.Place(path="/state/it's/backend", branch="tmuxorch/R1", head="def456", worktree=True)
        },
        words=f"# Report R2\n\n{FENCE}\n<script>\n| 9 passed |",
        end=m.RunEnd(at=1300.0, outcome=m.RunOutcome.FAILED, reason="item 2 was given up"),
    )
    life = m.Running(at=1000.0, pid=2, host_pid=1)
    git = m.Git("main", "abc123", ("src/a|b.py",))
    backend = m.Agent(name="backend", path="/repos/backend", server=life, thread="019a", git=git)
    turn = m.Turn(
        id="T1",
        agent="backend",
        purpose=m.Purpose.ITEM,
        state=m.TurnPending(at=1.0),
        run="R1",
        item="1",
        tokens=m.Tokens(300, 200, 10),
    )
    other = replace(turn, id="T2", agent=LEAD, purpose=m.Purpose.PLAN, item="", tokens=m.Tokens(50, 0, 5))
    return m.State(
        turns={one.id: one for one in (turn, other)},
        agents={"backend": backend, LEAD: replace(backend, name=LEAD, thread="")},
        checks={one.id: one for one in (check, passed, before)},
        checkpoints={one.id: one for one in points},
        runs={"R1": run},
    )


def test_it_looks_as_a_person_would_write_it() -> None:
    state = hostile_state()
    assert report_md.render(state, state.runs["R1"], 9999.0) == (GOLDEN / "report.md").read_text()


def sections(markdown: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.tag == "h2" and token.nesting == 1
    ]


def test_words_of_agents_are_under_their_own_heading_and_are_nothing_else() -> None:
    state = hostile_state()
    report = report_md.render(state, state.runs["R1"], 9999.0)
    facts, _, words = report.partition("## In the agents' words")
    assert [title for title in sections(report) if title not in WHERE_THERE_ARE] == SECTIONS
    assert "All **good**." not in facts
    assert "9 passed" not in facts
    for said in ("All **good**.", "<script>", "| 9 passed |"):
        assert f"> {said}\n" in words or f">   {said}\n" in words
    assert "hunter2" not in report


def merging_story(commit: str) -> tuple[m.State, m.Run]:
    """Two children in worktrees: `web` uses what `backend` makes, late; `docs` had nothing to do."""
    items = (
        PlanItem(id="0", title="Measure", owner="web"),
        PlanItem(id="1", title="Use it", owner="web", depends=("0", "2")),
        PlanItem(id="2", title="Make it", owner="backend"),
    )
    names = ("web", "docs", "backend")
    place = m.Place(path="", branch="tmuxorch/R1", worktree=True)
    run = m.Run(
        id="R1",
        problem="p",
        children=names,
        auto=False,
        started=1.0,
        plan=Plan(items=items),
        items={
            one.id: m.ItemState(progress=m.ItemDone(), attempts=1, commit=commit, changed=("a b.py", "-c.py"))
            for one in items
        },
        places={name: replace(place, path=f"/state/a b/{name}") for name in names},
    )
    life = m.Running(at=1.0, pid=2, host_pid=1)
    agents = {name: m.Agent(name=name, path=f"/repos/{name}", server=life) for name in names}
    return m.State(agents=agents, runs={"R1": run}), run


def test_merges_are_told_in_the_order_in_which_repos_depend_on_each_other() -> None:
    assert merges(*merging_story("c0ffee")) == [
        Merge(
            child=name,
            commands=(
                f"git -C /repos/{name} merge --no-ff tmuxorch/R1",
                f"git -C /repos/{name} worktree remove '/state/a b/{name}'",
            ),
        )
        for name in ("backend", "web")
    ]


def test_what_is_not_committed_has_to_be_before_a_merge() -> None:
    first, _ = merges(*merging_story(""))
    assert first.uncommitted
    assert first.commands[:2] == (
        "git -C '/state/a b/backend' add -- -c.py 'a b.py'",
        "git -C '/state/a b/backend' commit",
    )


def test_what_is_not_done_is_neither_committed_nor_thrown_away() -> None:
    state, run = merging_story("c0ffee")
    more = PlanItem(id="3", title="More of it", owner="backend")
    failed = m.ItemState(progress=m.ItemFailed(reason="given up"), attempts=1, changed=("half.py",))
    assert run.plan is not None
    run = replace(run, plan=Plan(items=(*run.plan.items, more)), items={"2": run.items["2"], "3": failed})
    (only,) = merges(state, run)
    assert (only.child, only.unfinished, only.uncommitted) == ("backend", ("3",), False)
    assert only.commands == ("git -C /repos/backend merge --no-ff tmuxorch/R1",)


def test_without_worktrees_there_is_nothing_to_merge() -> None:
    state, run = merging_story("c0ffee")
    assert merges(state, replace(run, places={})) == []


def test_every_state_of_the_whole_story_has_a_report() -> None:
    for state in states():
        for run in state.runs.values():
            found = sections(report_md.render(state, run, 3000.0))
            assert [title for title in found if title not in WHERE_THERE_ARE] == SECTIONS
