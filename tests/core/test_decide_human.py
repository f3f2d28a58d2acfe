"""What only a human can do: each kind of task, what its answer makes of the run, and secrets that nobody keeps."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import Story, asks, executing, gated, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import human
from tmuxorch.core.plan import LEAD, Human, HumanKind, Plan, PlanItem
from tmuxorch.core.reconcile import Link, World, reconcile
from tmuxorch.core.secrets import KEPT_BACK, needed, told
from tmuxorch.errors import Refused, UsageError

SECRET = m.Answer(secrets=("answer",))


def waiting(kind: HumanKind = HumanKind.DECISION, secret: bool = False, **task_of: str) -> Story:
    """A run whose human task 1 waits, with 2 of backend that depends on it, 3 after that, and 4 that does not."""
    tasks = task("1", LEAD), task("2", "backend", "1"), task("3", "mobile", "2"), task("4", "mobile")
    story = gated(*tasks)
    story.makes_human("1", kind, task_of.get("expect", "what you saw"), secret)
    story.accepts()
    return story


def given(story: Story, answer: m.Answer) -> list[e.Event]:
    """The human's answer."""
    return story.tell(msg.AnswerCheckpoint(id=story.the_checkpoint().id, answer=answer, by="ann"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (HumanKind.DEVICE, "device test"),
        (HumanKind.UX, "UX check"),
        (HumanKind.CREDENTIALS, "credentials"),
        (HumanKind.GO_NO_GO, "go/no-go"),
        (HumanKind.DECISION, "product decision"),
    ],
)
def test_the_card_says_the_kind_the_steps_what_is_expected_and_what_waits(
    kind: HumanKind, words: str
) -> None:
    checkpoint = waiting(kind).the_checkpoint()
    card = checkpoint.card
    assert (card.kind, card.title) == (m.CheckpointKind.HUMAN, f"{words}: Title of 1")
    assert (card.do, card.expect) == ("Look.", "what you saw")
    assert card.body == (
        "Instructions of 1.\n\nUntil then these items wait:\n  2  backend  Title of 2\n  3  mobile  Title of 3"
    )
    assert checkpoint.blocks == ("1", "2", "3")


def test_a_card_shows_what_waits_after_an_edit_of_the_plan() -> None:
    story = waiting()
    assert story.run.plan
    old = story.the_checkpoint()
    items = tuple(replace(item, depends=("1",)) if item.id == "3" else item for item in story.run.plan.items)
    story.tell(
        msg.PlanRead(plan=replace(story.run.plan, items=(*items, replace(items[2], id="5", title="New"))))
    )
    new = story.the_checkpoint()
    assert (new.id, new.card.title) == (old.id, old.card.title)
    assert new.card.body.endswith("\n  3  mobile  Title of 3\n  5  mobile  New")
    late = msg.AnswerCheckpoint(id=old.id, answer=m.Answer(text="online"), by="ann", digest=old.digest)
    story.refuses(late, Refused, f"{old.id} has changed since it was shown")


def test_a_card_that_holds_nothing_up_says_so() -> None:
    item = PlanItem(id="1", title="Look", owner=LEAD, human=Human(do="Look.", expect="what you saw"))
    run = m.Run(id="R1", problem="p", children=(), auto=False, started=1.0, plan=Plan(items=(item,)))
    assert human.card(run, item).body == "No other item waits for it."


def test_a_card_says_where_the_work_is_that_it_is_about() -> None:
    tasks = task("1", "backend"), task("2", "mobile", "1"), task("3", LEAD, "2"), task("4", "web", "3")
    story = executing(*tasks, children=("backend", "mobile", "web"))
    worktree = m.Place(path="/state/worktrees/R1/x", branch="tmuxorch/R1", worktree=True)
    places = {"backend": worktree, "mobile": m.Place(path="/repos/mobile"), "web": worktree}
    run = replace(story.run, places=places)
    assert run.plan is not None
    assert human.card(run, run.plan.items[2]).body.splitlines()[2:5] == [
        "The work that it is about:",
        "  backend  /state/worktrees/R1/x  (branch tmuxorch/R1)",
        "",
    ]


def test_what_does_not_wait_for_a_human_goes_on() -> None:
    assert waiting().status("1", "2", "3", "4") == ["waiting", "pending", "pending", "running"]


@pytest.mark.parametrize("said", ["it is online", 'two\n\n  lines, "quoted"\n\tand `more`'])
def test_an_answer_is_kept_as_it_was_said(said: str) -> None:
    story = waiting(HumanKind.DEVICE)
    given(story, m.Answer(values={"answer": said}))
    assert story.run.items["1"].decisions == (said,)
    assert story.status("1", "2") == ["done", "running"]


def test_a_decision_offers_its_options_and_takes_others() -> None:
    expect = "Which one?\n- backoff: with jitter, best under load\n- fixed\nSay why."
    card = waiting(HumanKind.DECISION, expect=expect).the_checkpoint().card
    (field,) = card.fields
    assert field.options == (m.Choice("backoff", "with jitter, best under load"), m.Choice("fixed", ""))
    assert (field.label, field.other) == ("Which one? Say why.", True)
    assert card.choices == ()


def test_go() -> None:
    story = waiting(HumanKind.GO_NO_GO)
    assert [choice.key for choice in story.the_checkpoint().card.choices] == ["go", "no-go"]
    story.answers("go", "but watch the logs")
    assert story.run.items["1"].decisions == ("go: but watch the logs",)
    assert story.status("1", "2") == ["done", "running"]


def test_no_go_gives_up_what_waits_and_nothing_else() -> None:
    story = waiting(HumanKind.GO_NO_GO)
    story.answers("no-go", "the lab is closed")
    assert story.progress("1") == m.ItemFailed(reason="no-go: the lab is closed (by ann)")
    assert story.status("1", "2", "3", "4") == ["failed", "blocked", "blocked", "running"]
    story.finishes("mobile")
    story.check_ends(passes=True)
    assert story.status("4") == ["done"]
    assert story.run.phase is not m.Phase.EXECUTE
    assert story.run.verdict is m.RunOutcome.FAILED


def test_a_go_no_go_wants_one_of_the_two() -> None:
    story = waiting(HumanKind.GO_NO_GO)
    story.refuses(story.reply(text="maybe"), UsageError, "wants one of: go, no-go")
    story.refuses(story.reply("accept"), UsageError, "has no choice 'accept'; there are: go, no-go")


def test_an_answer_after_the_end_of_its_run_is_refused_with_what_to_do() -> None:
    story = waiting()
    late = story.reply(text="online")
    story.tell(msg.CancelRun(run="R1", by="bob"))
    with pytest.raises(Refused) as caught:
        story.tell(late)
    assert caught.value.message == f"{late.id} has lapsed: the run was ended by bob"
    assert caught.value.hint == "tmuxorch checkpoints"


# -- secrets


def test_a_secret_is_recorded_as_given_and_told_to_what_depends_on_it() -> None:
    story = waiting(HumanKind.CREDENTIALS, secret=True)
    (field,) = story.the_checkpoint().card.fields
    assert field.secret
    given(story, SECRET)
    assert story.run.items["1"].decisions == (KEPT_BACK,)
    assert list(needed(story.state, story.turn("backend"))) == ["1"]
    assert [one.id for one in told(story.state, "backend")] == [
        needed(story.state, story.turn("backend"))["1"].id
    ]
    assert needed(story.state, story.turn("mobile")) == {}
    assert told(story.state, "mobile") == []


def woke(story: Story) -> list[str]:
    """A new controller starts; the checkpoints that it opens again."""
    events = story.tell(msg.Woke(pid=7, version="0.1.0"))
    return [event.id for event in events if isinstance(event, e.CheckpointReopened)]


def test_a_secret_that_is_lost_before_it_was_needed_is_asked_for_at_once() -> None:
    tasks = task("1", LEAD), task("2", "backend", "1", "4"), task("4", "mobile")
    story = gated(*tasks)
    assert story.run.plan
    secret = Human(do="Look.", expect="the token", kind=HumanKind.CREDENTIALS, secret=True)
    items = (replace(story.run.plan.items[0], human=secret), *story.run.plan.items[1:])
    story.tell(msg.PlanRead(plan=replace(story.run.plan, items=items)))
    story.accepts()
    checkpoint = story.the_checkpoint().id
    given(story, SECRET)
    assert woke(story) == [checkpoint]
    assert story.status("1", "2", "4") == ["waiting", "pending", "running"]
    assert woke(story) == [], "it is open already"
    story.finishes("mobile")
    story.check_ends(passes=True)
    assert story.status("2") == ["pending"]
    given(story, SECRET)
    assert story.status("1", "2") == ["done", "running"]
    assert story.run.items["1"].decisions == (KEPT_BACK,)


def test_a_secret_is_asked_for_when_it_is_to_be_sent_and_nobody_has_it() -> None:
    story = waiting(HumanKind.CREDENTIALS, secret=True)
    checkpoint = story.the_checkpoint().id
    given(story, SECRET)
    turn = story.turn("backend")
    world = World(links={"backend": Link(generation=1, loaded=True, idle=True)})
    assert f"turn {turn.id}" in [effect.key for effect in reconcile(story.state, world)]
    assert woke(story) == [], "whether Codex has the turn is not known yet"
    story.tell(msg.SecretLost(checkpoint=checkpoint))
    assert story.the_checkpoint().id == checkpoint
    assert f"turn {turn.id}" not in [effect.key for effect in reconcile(story.state, world)]
    given(story, SECRET)
    assert f"turn {turn.id}" in [effect.key for effect in reconcile(story.state, world)]


def test_a_turn_that_waits_for_its_place_waits_for_the_secret_too() -> None:
    story = waiting(HumanKind.CREDENTIALS, secret=True)
    story.dies("backend")
    given(story, SECRET)
    story.tell(msg.ProcessStarted(ref=story.ref("backend"), pid=1, host_pid=2))
    assert len(woke(story)) == 1
    story.loads("backend")
    (turn,) = story.turns_of("backend", m.Purpose.ITEM)
    assert isinstance(turn.state, m.TurnPending)
    given(story, SECRET)
    assert isinstance(story.turn("backend").state, m.TurnSent)


def test_a_secret_that_everybody_has_is_not_asked_for_again() -> None:
    story = waiting(HumanKind.CREDENTIALS, secret=True)
    given(story, SECRET)
    story.begins("backend")
    assert woke(story) == []
    story.finishes("backend")
    assert woke(story) == []


def test_a_secret_reply_that_is_lost_on_its_way_is_asked_for_again() -> None:
    story = executing()
    story.begins("backend")
    ask = asks("backend", codex_turn=story.turn_id("backend"))
    card = replace(ask.card, choices=(), fields=(m.Field(id="token", label="The token?", secret=True),))
    story.tell(replace(ask, card=card))
    checkpoint = story.the_checkpoint()
    assert (checkpoint.item, checkpoint.blocks) == ("1", ("1", "2"))
    given(story, m.Answer(secrets=("token",)))
    assert woke(story) == [], "Codex may have it: it tells when it is asked"
    story.on(
        msg.SecretLost(checkpoint=checkpoint.id),
        e.CheckpointReopened(
            id=checkpoint.id, reason="the secret was only in the memory of a controller that has ended"
        ),
    )
    given(story, m.Answer(secrets=("token",)))
    story.tell(msg.ServerResolved(agent="backend", generation=1, request=0))
    closed = story.state.checkpoints[checkpoint.id].state
    assert isinstance(closed, m.Closed)
    assert (closed.by, closed.answer) == ("ann", m.Answer(secrets=("token",)))
    story.on(msg.SecretLost(checkpoint=checkpoint.id))
