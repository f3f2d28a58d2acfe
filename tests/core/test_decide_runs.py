"""A run from its start to its report, and everything that can go wrong with its phases."""

from __future__ import annotations

import pytest

from tests.core.play import (
    BRIEF,
    CONTRACTS,
    TASKS,
    Story,
    executing,
    plan_said,
    started,
    task,
    understood,
)
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused, UsageError

PHASE = m.Phase


def begin(*children: str, problem: str = "they disagree", auto: bool = False) -> msg.StartRun:
    return msg.StartRun(problem=problem, children=children, auto=auto)


def phases(story: Story) -> list[str]:
    return [event.phase.value for _, event in story.journal if isinstance(event, e.PhaseEntered)]


# -- the whole way


def test_a_run_goes_through_every_phase() -> None:
    story = Story(msg.Settings(tests={"backend": ("make test",)}))
    story.project("backend", "mobile")
    story.on(
        begin("backend", "mobile"),
        e.RunStarted(id="R1", problem="they disagree", children=("backend", "mobile"), auto=False),
    )
    story.up("backend", "mobile")
    assert phases(story) == []
    story.up(LEAD)
    assert phases(story) == ["understand"]
    assert story.check().label == "before-1"
    for child in ("backend", "mobile"):
        assert story.turn(child).purpose is m.Purpose.DISCOVER
        story.heard(child)
        assert story.turn(child).purpose is m.Purpose.BRIEF
        story.finishes(child, BRIEF)
    assert story.run.briefs["mobile"].role == "the service"
    story.check_ends(passes=False)  # what fails before the work is a fact, no obstacle
    assert story.turn(LEAD).purpose is m.Purpose.CONTRACTS
    story.finishes(LEAD, CONTRACTS)
    assert [contract.name for contract in story.run.contracts] == ["token"]
    assert story.turn(LEAD).purpose is m.Purpose.PLAN
    story.finishes(LEAD, plan_said(*(task(*one) for one in TASKS)))
    story.accepts()
    for child in ("backend", "mobile"):
        assert story.turn(child).writes
        story.finishes(child)
        story.check_ends(passes=True)
    assert story.status("1", "2") == ["done", "done"]
    assert story.run.phase is PHASE.VERIFY
    assert [check.command for check in story.state.checks.values() if check.stage is m.Stage.AFTER] == [
        "make test",
        "make test",
    ]
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    assert story.turn(LEAD).purpose is m.Purpose.REPORT
    story.finishes(LEAD, "They agree now.")
    assert phases(story) == ["understand", "plan", "gate", "execute", "verify", "report"]
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.SUCCEEDED)
    assert (story.run.words, story.run.phase) == ("They agree now.", PHASE.ENDED)
    assert story.state.log[-1].result == "Ended: succeeded."
    assert [turn.writes for turn in story.state.turns.values()].count(True) == 2


def test_a_run_that_is_trusted_passes_the_gate() -> None:
    story = understood(auto=True)
    story.finishes(LEAD, plan_said(task("1", "backend")))
    assert (story.run.phase, story.opened()) == (PHASE.EXECUTE, [])


def test_a_run_wants_servers_that_were_stopped() -> None:
    story = Story()
    story.project("backend")
    story.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    story.dies("backend")
    story.on(
        begin("backend"),
        e.AgentWanted(name="backend", wanted=True, by="run"),
        e.RunStarted(id="R1", problem="they disagree", children=("backend",), auto=False),
        e.ServerStarting(name="backend", generation=2),
    )


def test_what_is_no_run_is_refused() -> None:
    story = Story()
    story.project("backend")
    story.refuses(begin("backend", problem=" \n"), UsageError, "a run wants a problem to solve")
    story.refuses(begin(), UsageError, "a run wants at least one child")
    story.refuses(begin("backend", "mobile"), NotFound, "no agent named 'mobile'")
    story.tell(begin("backend"))
    story.refuses(begin("backend"), Refused, "R1 is still in its phase connect")


def test_a_run_follows_another_and_repeats_nothing_of_it() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    story.finishes(LEAD, "Done.")
    story.tell(begin("backend"))
    assert story.turn("backend").purpose is m.Purpose.DISCOVER
    assert (story.run.id, story.run.plan, story.run.items) == ("R2", None, {})


# -- understanding


def test_a_brief_in_free_words_is_taken_as_such() -> None:
    story = started("backend")
    story.heard("backend")
    story.finishes("backend", "It is a \x1b[31mservice.")
    assert story.run.briefs == {"backend": m.Brief(current_state="It is a service.")}


def test_contracts_that_are_no_answer_are_a_risk() -> None:
    story = started("backend")
    story.heard("backend")
    story.finishes("backend", BRIEF)
    story.finishes(LEAD, "none, I think")
    assert story.run.contracts == ()
    assert story.run.risks[0].startswith("The lead named no contracts in the form asked for")


def test_a_failed_turn_is_a_matter_for_a_human_who_retries_or_instructs() -> None:
    story = started("backend")
    story.fails("backend", "stream disconnected")
    checkpoint = story.the_checkpoint()
    assert checkpoint.origin == m.FromRun(run="R1", turn="T1")
    assert (checkpoint.card.title, checkpoint.card.body) == (
        "discover place turn of backend: failed",
        "stream disconnected",
    )
    assert [choice.key for choice in checkpoint.card.choices] == ["retry", "instruct", "abort"]
    story.refuses(story.reply("instruct"), UsageError, "instruct wants the instruction as text")
    story.answers("retry")
    assert (story.turn("backend").id, story.turn("backend").text) == ("T2", "")
    story.fails("backend")
    story.answers("instruct", "read only the README")
    assert (story.turn("backend").id, story.turn("backend").text) == ("T3", "read only the README")


def test_abort_goes_to_the_report_as_failed() -> None:
    story = started()
    story.begins("mobile")
    story.fails("backend")
    story.answers("abort")
    assert (story.run.phase, story.run.verdict) == (PHASE.REPORT, m.RunOutcome.FAILED)
    assert story.turn("mobile").state == m.TurnActive(
        at=story.now - 3, generation=1, codex_turn="codex-T2-1", interrupting=True, by="ann"
    )
    story.finishes("mobile", outcome=m.TurnOutcome.INTERRUPTED)
    story.finishes(LEAD, "It failed.")
    assert story.run.end is not None
    assert story.run.end.outcome is m.RunOutcome.FAILED
    assert story.run.end.reason == "a phase could not be finished (aborted by ann)"


# -- the end


def test_checks_that_fail_at_the_end_are_a_matter_for_a_human() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    story.check_ends(passes=True)
    story.check_ends(passes=False)
    card = story.the_checkpoint().card
    assert card.title == "checks of the whole fail at the end"
    assert card.body == ("$ make test   (in backend)\nexit status 2 after 2.0 s\nthe end of its output")
    assert [choice.key for choice in card.choices] == ["retry", "skip", "abort"]
    story.answers("retry")
    assert story.check().label == "after-2"
    story.check_ends(passes=False)
    story.answers("skip")
    assert (story.run.phase, story.run.verdict) == (PHASE.REPORT, m.RunOutcome.SUCCEEDED)


def test_only_what_failed_at_the_end_is_checked_again() -> None:
    tests = {"backend": ("a", "b"), "mobile": ("c",)}
    story = executing(task("1", LEAD), settings=msg.Settings(tests=tests))
    story.answers(text="seen")
    for passes in (True, True, False):
        story.check_ends(passes)
    story.answers("retry")
    again = [check for check in story.state.checks.values() if check.stage is m.Stage.AFTER][3:]
    assert [(check.command, check.number) for check in again] == [("c", 4)]


@pytest.mark.parametrize("outcome", [m.TurnOutcome.FAILED, m.TurnOutcome.INTERRUPTED])
def test_a_failed_report_ends_the_run_all_the_same(outcome: m.TurnOutcome) -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    story.finishes(LEAD, outcome=outcome)
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.SUCCEEDED)
    assert story.run.words == ""


@pytest.mark.parametrize("taken", [False, True])
def test_a_lead_that_somebody_stops_reports_nothing(taken: bool) -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    if taken:
        story.begins(LEAD)
    story.tell(msg.WantAgent(name=LEAD, wanted=False, by="ann"))
    story.dies(LEAD)
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.SUCCEEDED)
    assert story.run.words == ""


# -- cancel


def test_cancel_interrupts_stops_and_lapses() -> None:
    tasks = task("1", "backend"), task("2", "mobile"), task("3", LEAD), task("4", "web"), task("5", "web")
    story = executing(*tasks, children=("backend", "mobile", "web"))
    story.finishes("backend")
    check = story.check().id
    story.begins("mobile")
    story.on(
        msg.CancelRun(run="R1", by="ann"),
        e.CheckpointLapsed(id="C2", reason="the run was ended by ann"),
        e.JobStopping(id=check, by="ann"),
        *(
            e.ItemMoved(run="R1", item=item, progress=m.ItemFailed(reason="the run was ended by ann"))
            for item in ("1", "2", "3", "4")
        ),
        e.InterruptWanted(turn=story.turn("mobile").id, by="ann"),
        e.RunEnded(run="R1", outcome=m.RunOutcome.CANCELLED, reason="cancelled by ann"),
    )
    assert story.status("1", "2", "3", "4", "5") == ["failed"] * 4 + ["pending"]
    story.refuses(msg.CancelRun(run="R1", by="ann"), Refused, "R1 has ended already")
    story.refuses(msg.CancelRun(run="R9", by="ann"), NotFound, "no run 'R9'")


def test_a_turn_that_codex_takes_after_its_run_was_cancelled_is_interrupted() -> None:
    story = executing()
    turn = story.turn("backend").id
    story.tell(msg.CancelRun(run="R1", by="ann"))
    story.on(
        msg.TurnBegan(id=turn, codex_turn="u"),
        e.TurnStarted(id=turn, codex_turn="u", generation=1),
        e.InterruptWanted(turn=turn, by="the end of R1"),
    )


def test_a_turn_that_is_lost_after_its_run_was_cancelled_is_not_sent_again() -> None:
    story = executing()
    turn = story.turn("backend").id
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.dies("backend")[1:] == [
        e.TurnRequeued(id=turn, reason="signal 9"),
        e.ServerStarting(name="backend", generation=2),
        e.TurnEnded(id=turn, outcome=m.TurnOutcome.CANCELLED, error="cancelled by the end of R1"),
    ]


def test_a_question_of_a_person_outlives_a_run() -> None:
    story = executing()
    story.tell(msg.Ask(agent="mobile", text="how far?"))
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.turn("mobile").purpose is m.Purpose.ASK
