"""Items: begun when they can be, proved by their checks, mended once, then a human's matter."""

from __future__ import annotations

from tests.core.play import Story, asks, executing, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import UsageError

WORDS = "$ make test   (in backend)\nexit status 2 after 2.0 s\nthe end of its output"


def test_an_item_is_worked_on_checked_and_done() -> None:
    story = executing()
    story.begins("backend")
    assert story.finishes("backend", "I did it.", touched=("src/token.py",)) == [
        e.TurnEnded(
            id="T13", outcome=m.TurnOutcome.COMPLETED, message="I did it.", touched=("src/token.py",)
        ),
        e.CheckQueued(
            id="K1",
            run="R1",
            stage=m.Stage.ITEM,
            item="1",
            number=1,
            child="backend",
            cwd="/repos/backend",
            command="make test",
        ),
        e.ItemMoved(
            run="R1",
            item="1",
            progress=m.ItemChecking(checks=("K1",)),
            summary="I did it.",
            changed=("src/token.py",),
        ),
        e.JobStarting(id="K1"),
    ]
    assert story.check_ends(passes=True)[1] == e.ItemMoved(run="R1", item="1", progress=m.ItemDone())
    assert story.run.items["1"] == m.ItemState(
        progress=m.ItemDone(), attempts=1, tries=1, summary="I did it.", changed=("src/token.py",)
    )


def test_items_begin_when_what_they_depend_on_is_done() -> None:
    story = executing(task("1", "a"), task("2", "b", "1"), task("3", "c", "1", "2"), children=("a", "b", "c"))
    assert story.status("1", "2", "3") == ["running", "pending", "pending"]
    story.finishes("a")
    assert story.status("1", "2", "3") == ["running", "pending", "pending"]
    story.check_ends(passes=True)
    assert story.status("1", "2", "3") == ["done", "running", "pending"]


def test_independent_items_run_beside_each_other_within_the_limit() -> None:
    tasks = task("1", "a"), task("2", "b"), task("3", "c")
    story = executing(*tasks, children=("a", "b", "c"), settings=msg.Settings(turns=2))
    assert story.status("1", "2", "3") == ["running", "running", "ready"]
    story.finishes("b")
    assert story.status("1", "2", "3") == ["running", "running", "running"]


def test_an_owner_does_one_item_at_a_time_until_it_is_proved() -> None:
    """A check sees the whole change of one item, never half of the next one."""
    story = executing(task("1", "backend"), task("2", "backend"))
    assert story.status("1", "2") == ["running", "ready"]
    story.finishes("backend")
    assert story.status("1", "2") == ["running", "ready"]
    story.check_ends(passes=False)
    assert story.turn("backend").purpose is m.Purpose.FIX
    story.finishes("backend")
    story.check_ends(passes=True)
    assert story.status("1", "2") == ["done", "running"]


def test_a_question_of_a_person_is_answered_before_the_next_item_begins() -> None:
    story = executing(task("1", "backend"), task("2", "mobile", "1"))
    story.tell(msg.Ask(agent="mobile", text="how far?"))
    story.finishes("backend")
    story.check_ends(passes=True)
    assert (story.turn("mobile").purpose, story.status("2")) == (m.Purpose.ASK, ["ready"])
    story.finishes("mobile")
    assert (story.turn("mobile").purpose, story.status("2")) == (m.Purpose.ITEM, ["running"])


def test_a_turn_that_cannot_be_sent_holds_up_nobody_else() -> None:
    story = executing(task("1", LEAD), task("2", "mobile", "1"), settings=msg.Settings(turns=1))
    story.tell(msg.Ask(agent="backend", text="how far?"))
    story.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    story.dies("backend")
    story.answers(text="seen")
    assert story.status("2") == ["running"]


def test_all_commands_of_an_item_have_to_pass() -> None:
    story = executing(task("1", "backend", verification=("a", "b", "c")))
    story.finishes("backend")
    assert [check.label for check in story.state.checks.values()] == ["1-1", "1-2", "1-3"]
    for passes in (False, True, False):
        assert story.turns_of("backend", m.Purpose.FIX) == []
        story.check_ends(passes)
    assert story.turn("backend").text == "\n\n".join(WORDS.replace("make test", name) for name in "ac")


def test_a_failed_check_gives_one_turn_to_mend_it_and_then_a_checkpoint() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    assert story.check_ends(passes=False)[1:] == [
        e.TurnQueued(
            id="T14", agent="backend", purpose=m.Purpose.FIX, run="R1", item="1", text=WORDS, writes=True
        ),
        e.ItemMoved(run="R1", item="1", progress=m.ItemWorking(turn="T14"), fixing=True),
        e.TurnSending(id="T14", generation=1),
    ]
    story.finishes("backend", "Mended.")
    assert story.check().label == "1-2"
    story.check_ends(passes=False)
    checkpoint = story.the_checkpoint()
    assert (checkpoint.origin, checkpoint.item) == (m.FromItem(run="R1", item="1"), "1")
    assert (checkpoint.card.title, checkpoint.card.body) == ("item 1 fails its check after a fix", WORDS)
    assert [choice.key for choice in checkpoint.card.choices] == [
        "retry",
        "instruct",
        "recheck",
        "replan",
        "skip",
        "abort",
    ]
    assert story.progress("1") == m.ItemDeciding(checkpoint=checkpoint.id)
    assert story.status("1") == ["waiting"]


def test_a_mended_check_is_as_good_as_one_that_passed() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    story.check_ends(passes=False)
    story.finishes("backend", "Mended.")
    story.check_ends(passes=True)
    state = story.run.items["1"]
    assert (state.progress, state.attempts, state.fixes, state.summary) == (m.ItemDone(), 1, 1, "Mended.")


def stuck(*more: tuple[str, ...]) -> Story:
    """Item 1 of backend's waits for a human because its turn failed."""
    story = executing(task("1", "backend"), *(task(*one) for one in more))
    story.fails("backend", "quota exceeded")
    return story


def test_a_turn_that_is_not_completed_is_a_matter_for_a_human() -> None:
    story = stuck(("2", "mobile", "1"), ("3", "mobile"))
    checkpoint = story.the_checkpoint()
    assert (checkpoint.card.title, checkpoint.card.body) == (
        "backend could not finish item 1: failed",
        "quota exceeded",
    )
    assert checkpoint.blocks == ("1", "2")
    assert story.status("1", "2", "3") == ["waiting", "pending", "running"]


def test_an_item_that_a_person_interrupted_is_decided_by_one() -> None:
    story = executing(task("1", "backend"))
    story.begins("backend")
    story.tell(msg.Interrupt(agent="backend", by="ann"))
    story.finishes("backend", outcome=m.TurnOutcome.INTERRUPTED)
    assert story.the_checkpoint().card.title == "backend could not finish item 1: interrupted"


def test_retry() -> None:
    story = stuck()
    story.answers("retry")
    assert (story.turn("backend").purpose, story.turn("backend").item) == (m.Purpose.ITEM, "1")
    assert story.run.items["1"] == m.ItemState(progress=m.ItemWorking(turn="T14"), attempts=2, tries=1)


def test_instruct() -> None:
    story = stuck()
    story.refuses(story.reply("instruct"), UsageError, "instruct wants the instruction as text")
    story.answers("instruct", "leave the schema alone")
    assert story.run.items["1"] == m.ItemState(
        progress=m.ItemWorking(turn="T14"), attempts=2, tries=1, decisions=("leave the schema alone",)
    )


def test_skip_lets_what_depends_on_it_go_on() -> None:
    story = stuck(("2", "mobile", "1"))
    story.answers("skip")
    assert story.status("1", "2") == ["skipped", "running"]
    story.finishes("mobile")
    story.check_ends(passes=True)
    assert [c.command for c in story.state.checks.values() if c.stage is m.Stage.AFTER] == ["make test"]
    story.check_ends(passes=True)
    story.finishes(LEAD, "One was left out.")
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.SUCCEEDED)


def test_abort_fails_what_has_begun_and_blocks_what_depends_on_it() -> None:
    story = stuck(("2", "mobile", "1"), ("3", "mobile"), ("4", LEAD))
    decision = next(checkpoint for checkpoint in story.opened() if checkpoint.card.choices)
    abort = msg.AnswerCheckpoint(id=decision.id, answer=m.Answer(choice="abort"), by="ann")
    story.tell(abort)
    assert story.opened() == []
    assert story.status("1", "2", "3", "4") == ["failed", "blocked", "failed", "failed"]
    assert (story.run.phase, story.run.verdict) == (m.Phase.REPORT, m.RunOutcome.FAILED)
    assert story.turns_of(LEAD, m.Purpose.REPORT) == []
    story.finishes("mobile", outcome=m.TurnOutcome.INTERRUPTED)
    story.finishes(LEAD, "It was given up.")
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.FAILED, "item 1 was given up (aborted by ann)")


def test_a_human_task_stops_only_what_depends_on_it() -> None:
    story = executing(task("1", LEAD), task("2", "backend", "1"), task("3", "mobile"))
    checkpoint = story.the_checkpoint()
    assert (checkpoint.card.kind, checkpoint.source) == (m.CheckpointKind.HUMAN, LEAD)
    assert (checkpoint.card.do, checkpoint.card.expect) == ("Do 1 by hand.", "what you saw")
    assert checkpoint.blocks == ("1", "2")
    assert story.status("1", "2", "3") == ["waiting", "pending", "running"]
    story.refuses(story.reply(), UsageError, "wants one of: answer=…")
    story.answers(answer="a green light")
    assert story.status("1", "2", "3") == ["done", "running", "running"]
    assert story.run.items["1"].decisions == ("a green light",)


def test_a_human_task_is_answered_in_plain_words_too() -> None:
    story = executing(task("1", LEAD), task("2", "backend", "1"))
    story.answers(text="a red light")
    assert story.run.items["1"].decisions == ("a red light",)


def test_an_item_whose_agent_asks_is_shown_as_waiting() -> None:
    story = executing(task("1", "backend"))
    story.begins("backend")
    story.tell(asks("backend", codex_turn=story.turn_id("backend")))
    assert story.status("1") == ["waiting"]
    story.tell(msg.ServerResolved(agent="backend", generation=1, request=0))
    assert story.status("1") == ["running"]


def test_an_item_survives_one_death_of_its_server() -> None:
    story = executing(task("1", "backend"))
    story.begins("backend")
    story.dies("backend")
    story.up("backend")
    assert story.turn("backend").attempt == 2
    story.finishes("backend")
    story.check_ends(passes=True)
    assert story.run.items["1"].attempts == 1
    assert story.status("1") == ["done"]
