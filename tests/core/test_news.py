"""News for whoever leads: which events are news, which of them the lead waits for, and that they harm nobody."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.play import Story, task
from tests.core.play_led import CLAUDE, asks_human, begun, executing, gated, orders, proposes, proved, reports
from tests.core.play_workers import mend, prepared, spec
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.evolve import NEWS_KEPT, evolve
from tmuxorch.core.evolve.news import MAY_BE, WHOLE, news
from tmuxorch.core.plan import LEAD, HumanKind

ALONE, WAKES = False, True


def test_all_that_may_be_news_is_looked_at() -> None:
    told = re.findall(r"case e\.(\w+)\(", Path(inspect.getfile(news)).read_text())
    assert sorted(told) == sorted(kind.__name__ for kind in MAY_BE)


def heard(story: Story, since: int = 0) -> list[tuple[str, bool]]:
    """The news after that number, and whether each wakes the lead."""
    return [(one.text, one.wakes) for one in story.state.news if one.number > since]


def test_the_news_of_a_led_run_from_kickoff_to_report() -> None:
    story = gated(task("1", "backend"), task("2", LEAD, "1"))
    story.accepts()
    orders(story)
    proved(story, "backend")
    story.answers(text="I saw it")
    story.check_ends(passes=True)
    reports(story)
    assert heard(story) == [
        ("R1 is in its phase understand", ALONE),
        ("the brief of backend is there", ALONE),
        ("the brief of mobile is there", ALONE),
        ("all that R1 asked its children for is there: propose the plan (get_briefs, propose_plan)", WAKES),
        ("R1 is in its phase gate", ALONE),
        ("C1 waits for a human: plan of orchestrator: the plan of R1: 2 items", ALONE),
        ("the plan of R1 was accepted: start its items (start_items)", WAKES),
        ("C1 was answered by ann: accept", ALONE),
        ("item 1 (backend) is done: I did it.", WAKES),
        ("C2 waits for a human: human of orchestrator: product decision: Title of 2", ALONE),
        ("item 2 (orchestrator) is done", WAKES),
        ("C2 was answered by ann: I saw it", ALONE),
        ("R1 is in its phase verify", ALONE),
        ("R1 is in its phase report", ALONE),
        ("R1 ended, succeeded; give your words on it (report_run)", WAKES),
    ]
    assert [one.text for one in story.state.news if not one.matters] == [
        "R1 is in its phase understand",
        "the brief of backend is there",
        "the brief of mobile is there",
        "R1 is in its phase gate",
        "C1 waits for a human: plan of orchestrator: the plan of R1: 2 items",
        "C1 was answered by ann: accept",
        "C2 was answered by ann: I saw it",
        "R1 is in its phase verify",
        "R1 is in its phase report",
    ]


def test_the_news_of_what_goes_wrong_in_a_led_run() -> None:
    story = executing(task("1", "backend"), task("2", "mobile"))
    since = story.state.news_count
    orders(story)
    story.dies("mobile")
    story.fails("backend")
    story.answers("skip")
    asks_human(story)
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert heard(story, since) == [
        ("the App Server of mobile ended: signal 9", ALONE),
        ("C2 waits for a human: failure of backend: backend could not finish item 1: failed", ALONE),
        ("item 1 (backend) was left out by ann", WAKES),
        ("C2 was answered by ann: skip", ALONE),
        ("C3 waits for a human: human of orchestrator: which colour", ALONE),
        ("C3 has lapsed: the run was ended by ann", WAKES),
        ("item 2 (mobile) has failed: the run was ended by ann", WAKES),
        ("R1 ended, cancelled: cancelled by ann; give your words on it (report_run)", WAKES),
    ]


def test_a_run_that_somebody_else_leads_wakes_nobody_of_ours() -> None:
    story = executing(task("1", "backend"), by=CLAUDE)
    orders(story)
    proved(story, "backend")
    assert story.run.end
    assert [one for one in heard(story) if one[1]] == []
    assert ("item 1 (backend) is done: I did it.", ALONE) in heard(story)


def test_who_started_a_worker_a_pattern_or_asked_a_child_waits_for_it() -> None:
    story = begun()
    since = story.state.news_count
    for number, by in enumerate((LEAD, CLAUDE, ""), 1):
        story.tell(msg.QueueWorker(id=f"W{number}", spec=spec(by=by)))
        story.ends(f"W{number}")
    wanted = mend("/repos/a", "one")
    story.tell(replace(wanted, spec=replace(wanted.spec, by=LEAD)))
    story.tell(prepared(story.state, story.state.patterns["P1"]))
    story.ends("W4", m.Outcome.FAILED, 1, reason="no idea")
    assert heard(story, since) == [
        ("W1 scout succeeded", WAKES),
        ("W2 scout succeeded", ALONE),
        ("W3 scout succeeded", ALONE),
        ("W4 mend failed: no idea", ALONE),
        ("P1 mend failed: step mend: W4 failed: no idea", WAKES),
    ]


def test_what_a_child_was_asked_and_a_refused_account() -> None:
    story = Story()
    story.project("backend")
    story.up("backend", LEAD)
    for by in (LEAD, ""):
        story.tell(msg.Ask(agent="backend", text="?", by=by))
        story.fails("backend", "no idea")
    story.tell(msg.Ask(agent="backend", text="?", by=LEAD))
    turn = story.begins("backend")
    assert isinstance(turn.state, m.TurnActive)
    story.tell(
        msg.TurnFinished(
            agent="backend",
            codex_turn=turn.state.codex_turn,
            outcome=m.TurnOutcome.FAILED,
            error="usage limit",
            limit=m.Limit(kind=m.LimitKind.USAGE),
        )
    )
    story.tell(msg.ResumeNow(by="ann"))
    assert heard(story) == [
        ("T1, what backend was asked, failed: no idea", WAKES),
        ("T2, what backend was asked, failed: no idea", ALONE),
        ("the account is refused, all its agents pause: usage limit", ALONE),
        ("T3, what backend was asked, failed: usage limit", WAKES),
        ("the pause is over, by ann", ALONE),
    ]


def test_news_are_numbered_without_a_gap_and_the_newest_are_kept() -> None:
    story = Story()
    story.project("backend")
    story.up("backend", LEAD)
    while story.state.news_count < NEWS_KEPT + 30:
        story.dies("backend")
        story.tell(msg.WantAgent(name="backend", wanted=True, by="ann"))
        story.up("backend")
    count = story.state.news_count
    assert [one.number for one in story.state.news] == [*range(count - NEWS_KEPT + 1, count + 1)]
    again = m.State()
    for at, event in story.journal:
        again = evolve(again, e.decode(e.encode(event)), at)
    assert again.news == story.state.news


def test_a_secret_is_in_no_news() -> None:
    story = gated(task("1", LEAD), task("2", "mobile", "1"))
    story.makes_human("1", HumanKind.CREDENTIALS, secret=True)
    story.accepts()
    story.tell(msg.AnswerCheckpoint(id="C2", answer=m.Answer(secrets=("answer",), text="xyzzy"), by="ann"))
    fields = m.Field(id="user", label="u"), m.Field(id="key", label="k", secret=True)
    asks_human(story, fields=fields)
    words = m.Answer(values={"user": "bob"}, secrets=("key",), text="xyzzy")
    story.tell(msg.AnswerCheckpoint(id="C3", answer=words, by="ann"))
    said = [one for one, _ in heard(story)]
    assert "C3 was answered by ann: user=bob" in said
    assert not [one for one in said if "xyzzy" in one]


HOSTILE = st.lists(
    st.sampled_from(
        [
            "\x1b[31m",
            "\x1b]52;c;aGk=\x07",
            "#(rm -rf ~)",
            "#{pid}",
            "\n# Title",
            "\r",
            "\x00",
            "\x85",
            "\u202e",
            "[red]",
        ]
    )
    | st.text(max_size=5)
    | st.just("x" * 10_000),
    max_size=8,
).map("".join)


@given(HOSTILE, HOSTILE)
def test_whatever_is_said_to_the_lead_is_one_line_and_short(one: str, other: str) -> None:
    story = begun()
    story.tell(msg.QueueWorker(id="W1", spec=spec(by=LEAD)))
    story.ends("W1", m.Outcome.FAILED, 1, reason=one)
    story.dies("mobile", other)
    asks_human(
        story, title=f"t{one}", expect=f"e{other}", choices=(m.Choice(f"a{other}", one),), by=f"x{other}"
    )
    asked = next(iter(story.state.checkpoints))
    answer = m.Answer(choice=f"a{other}", text=one)
    story.tell(msg.AnswerCheckpoint(id=asked, answer=answer, by=f"ann {other}"))
    story.tell(msg.CancelRun(run="R1", by=f"ann {one}"))
    for piece in story.state.news:
        assert text.is_line(piece.text)
        assert 0 < len(piece.text) <= WHOLE


def test_a_lead_that_gives_another_plan_is_told_of_no_gate_twice() -> None:
    story = gated()
    since = story.state.news_count
    proposes(story)
    assert heard(story, since) == []
