"""Checkpoints: opened once, answered once, by whoever is first; what is no answer is refused and leaves no
trace.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import Story, asks, executing, gated, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.checkpoints import ALL_ATTEMPTS, ATTEMPTS, ONE_ACT, PLAN
from tmuxorch.core.decide.gates import digest
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import Bug, NotFound, Refused, UsageError

ACCEPT = m.Answer(choice="accept")


def answer(
    id: str = "C1", choice: str = "", text: str = "", digest: str = "", values: dict[str, str] | None = None
) -> msg.AnswerCheckpoint:
    given = m.Answer(choice=choice, text=text, values=values or {})
    return msg.AnswerCheckpoint(id=id, answer=given, by="ann", digest=digest)


@pytest.fixture
def asked() -> Story:
    """The agent of item 1 works on it, and asks whether it may run a command (C2; C1 was the gate)."""
    story = executing(
        task("1", "backend"), task("2", "mobile", "1"), task("3", "mobile", "2"), task("4", "mobile")
    )
    story.begins("backend")
    story.tell(asks("backend", codex_turn=story.turn_id("backend")))
    return story


def test_a_request_opens_a_checkpoint_that_says_what_it_holds_up(asked: Story) -> None:
    checkpoint = asked.the_checkpoint()
    assert (checkpoint.id, checkpoint.source, checkpoint.item) == ("C2", "backend", "1")
    assert checkpoint.blocks == ("1", "2", "3")
    assert isinstance(checkpoint.origin, m.FromServer)
    assert checkpoint.origin.turn == asked.turn("backend").id
    assert asked.status("1", "2", "3", "4") == ["waiting", "pending", "pending", "running"]


def test_a_request_that_is_replayed_is_the_same_checkpoint(asked: Story) -> None:
    asked.on(asks("backend", codex_turn=asked.turn_id("backend")))
    asked.tell(answer("C2", choice="accept"))
    asked.on(asks("backend", codex_turn=asked.turn_id("backend")))
    asked.tell(msg.ServerResolved(agent="backend", generation=1, request=0))
    asked.on(asks("backend", codex_turn=asked.turn_id("backend")))


def test_a_request_of_the_next_server_is_another_one(asked: Story) -> None:
    asked.dies("backend")
    asked.up("backend")
    asked.on(asks("backend", generation=1))
    assert isinstance(asked.tell(asks("backend", generation=2))[0], e.CheckpointOpened)
    assert asked.the_checkpoint().id == "C3"


def test_an_answer_to_codex_is_recorded_and_closed_when_codex_has_it(asked: Story) -> None:
    asked.on(
        answer("C2", choice="accept", digest="d1"),
        e.CheckpointAnswered(id="C2", answer=ACCEPT, by="ann", digest="d1"),
    )
    resolved = msg.ServerResolved(agent="backend", generation=1, request=0)
    asked.on(resolved, e.CheckpointClosed(id="C2", by="Codex's own TUI"))
    asked.on(resolved)
    assert asked.state.checkpoints["C2"].state == m.Closed(at=asked.now - 1, by="ann", answer=ACCEPT)


def test_the_first_answer_wins(asked: Story) -> None:
    asked.tell(answer("C2", choice="decline"))
    asked.refuses(answer("C2", choice="accept"), Refused, "C2 was answered already, by ann")


def test_an_answer_given_in_codex_own_tui_closes_it(asked: Story) -> None:
    asked.on(
        msg.ServerResolved(agent="backend", generation=1, request=0),
        e.CheckpointClosed(id="C2", by="Codex's own TUI"),
    )
    asked.refuses(answer("C2", choice="accept"), Refused, "C2 was answered already, by Codex's own TUI")


def test_an_answer_that_was_not_sent_yet_has_lost_against_one_in_codex_own_tui(asked: Story) -> None:
    asked.tell(answer("C2", choice="decline"))
    asked.on(
        msg.ServerResolved(agent="backend", generation=1, request=0, elsewhere=True),
        e.CheckpointReopened(id="C2", reason="an answer was given in Codex's own TUI before"),
        e.CheckpointClosed(id="C2", by="Codex's own TUI"),
    )
    assert asked.state.checkpoints["C2"].state == m.Closed(
        at=asked.now, by="Codex's own TUI", answer=m.Answer()
    )
    asked.refuses(answer("C2", choice="accept"), Refused, "C2 was answered already, by Codex's own TUI")


@pytest.mark.parametrize("late", [False, True])
def test_what_codex_withdraws_from_an_interrupted_turn_was_answered_by_nobody(
    asked: Story, late: bool
) -> None:
    asked.tell(msg.Interrupt(agent="backend", by="ann"))
    if late:
        asked.tell(answer("C2", choice="accept"))
    asked.on(
        msg.ServerResolved(agent="backend", generation=1, request=0, elsewhere=True),
        e.CheckpointLapsed(id="C2", reason="the turn that asked was interrupted"),
    )


def test_what_codex_withdraws_because_another_answer_ended_the_turn_was_answered_by_nobody(
    asked: Story,
) -> None:
    beside = asks("backend", request=1, codex_turn=asked.turn_id("backend"))
    offers = replace(beside.card, choices=(*beside.card.choices, m.Choice("cancel", "")))
    asked.tell(replace(beside, card=offers))
    asked.tell(answer("C3", choice="cancel"))
    asked.on(
        msg.ServerResolved(agent="backend", generation=1, request=0, elsewhere=True),
        e.CheckpointLapsed(id="C2", reason="the turn that asked was ended by the answer to C3"),
    )


def test_a_request_that_nobody_knows_resolves_nothing(asked: Story) -> None:
    asked.on(msg.ServerResolved(agent="backend", generation=1, request=77))


def test_what_has_lapsed_takes_no_answer(asked: Story) -> None:
    asked.finishes("backend")
    asked.refuses(answer("C2", choice="accept"), Refused, "C2 has lapsed: the turn that asked has ended")


@pytest.mark.parametrize("answered", [False, True])
def test_a_reply_that_nothing_waits_for_lapses(asked: Story, answered: bool) -> None:
    if answered:
        asked.tell(answer("C2", choice="accept"))
    impossible = msg.ReplyImpossible(checkpoint="C2", reason="it was withdrawn")
    asked.on(impossible, e.CheckpointLapsed(id="C2", reason="it was withdrawn"))
    asked.on(impossible)


def test_an_answer_to_another_card_than_is_shown_is_refused(asked: Story) -> None:
    asked.refuses(answer("C2", choice="accept", digest="d0"), Refused, "C2 has changed since it was shown")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (answer("C2", "maybe"), "C2 has no choice 'maybe'; there are: accept, decline"),
        (answer("C2"), "C2 wants one of: accept, decline"),
        (answer("C2", text="go on"), "C2 wants one of: accept, decline"),
        (answer("C2", "accept", values={"why": "x"}), "C2 has no field 'why'; there are: none"),
    ],
)
def test_what_is_no_answer_is_refused(asked: Story, given: msg.AnswerCheckpoint, says: str) -> None:
    asked.refuses(given, UsageError, says)
    asked.tell(answer("C2", choice="accept"))


def test_no_such_checkpoint(asked: Story) -> None:
    asked.refuses(answer("C9", choice="accept"), NotFound, "no checkpoint 'C9'")


# -- questions: fields beside choices


@pytest.fixture
def question() -> Story:
    """An agent asks for a colour, and for a token that is a secret; one may also give no answer."""
    story = Story()
    story.project()
    story.up(LEAD)
    ask = asks(LEAD)
    fields = m.Field(id="colour", label="Which?"), m.Field(id="token", label="The token?", secret=True)
    card = replace(ask.card, choices=(m.Choice("decline", "no answer"),), fields=fields)
    story.tell(replace(ask, card=card))
    return story


def test_a_question_is_answered_by_its_fields_or_by_a_choice(question: Story) -> None:
    question.refuses(answer(), UsageError, "C1 wants one of: decline, colour=…, token=…")
    question.refuses(
        answer(values={"color": "red"}), UsageError, "no field 'color'; there are: colour, token"
    )
    question.refuses(
        answer(values={"token": "s3cret"}), Bug, "the secret token of C1 was about to be recorded"
    )
    given = m.Answer(values={"colour": "red"}, secrets=("token",))
    question.on(
        msg.AnswerCheckpoint(id="C1", answer=given, by="ann"),
        e.CheckpointAnswered(id="C1", answer=given, by="ann", digest="d1"),
    )


@pytest.mark.parametrize("given", [answer(choice="decline"), answer(text="red")])
def test_other_ways_to_answer_a_question(question: Story, given: msg.AnswerCheckpoint) -> None:
    assert len(question.tell(given)) == 1


def test_a_secret_is_not_in_the_log(question: Story) -> None:
    given = m.Answer(values={"colour": "red"}, secrets=("token",))
    question.tell(msg.AnswerCheckpoint(id="C1", answer=given, by="ann"))
    assert question.state.log[-1].result == "Answered by ann: colour=red, token=(secret)"


# -- tmuxorch's own


def test_the_digest_is_of_the_whole_card() -> None:
    card = asks("backend").card
    assert digest(card) == digest(replace(card, title=card.title))
    assert len({digest(card), digest(replace(card, body="rm -rf /")), digest(replace(card, choices=()))}) == 3


def test_an_answer_of_ours_takes_effect_at_once() -> None:
    story = gated()
    gate = story.the_checkpoint()
    assert (gate.id, gate.source, gate.origin, gate.blocks) == ("C1", LEAD, m.FromPlan(run="R1"), ("R1",))
    assert gate.digest == digest(gate.card)
    story.on(
        answer(choice="accept", digest=gate.digest),
        e.CheckpointAnswered(id="C1", answer=ACCEPT, by="ann", digest=gate.digest),
        e.PhaseEntered(run="R1", phase=m.Phase.EXECUTE),
        e.CheckpointClosed(id="C1"),
    )


def test_the_log_says_who_answered_what() -> None:
    story = gated()
    story.answers("revise", "less at once")
    assert story.state.log[-1].intent == "checkpoint C1 · plan: the plan of R1: 2 items"
    assert story.state.log[-1].result == "Answered by ann: revise · less at once"


# -- agents who try


def tries(
    checkpoint: str = "C2", by: str = "backend", how: str = "by the command `x`", refused: bool = False
) -> msg.AttemptSeen:
    return msg.AttemptSeen(checkpoint=checkpoint, by=by, how=how, refused=refused)


def test_an_attempt_is_on_record_wherever_people_and_the_lead_look(asked: Story) -> None:
    before = asked.the_checkpoint()
    how = "by the command `tmuxorch approve C2`"
    asked.on(tries(how=how), e.AnswerAttempted(id="C2", by="backend", how=how))
    assert asked.the_checkpoint() == replace(
        before, attempts=(m.Attempt(at=asked.now, by="backend", how=how),)
    ), "what was shown stays what may be answered"
    said = f"backend tried to answer this itself, which only a human can: {how}"
    assert (asked.state.log[-1].intent.split(" · ")[0], asked.state.log[-1].result) == ("checkpoint C2", said)
    news = asked.state.news[-1]
    assert (news.about, news.wakes) == ("C2", False)
    assert "backend tried to answer C2 itself" in news.text
    asked.tell(answer("C2", choice="accept", digest=before.digest))


def test_a_command_that_was_seen_and_its_refusal_are_one_attempt(asked: Story) -> None:
    asked.tell(tries())
    asked.on(tries(how="through the controller", refused=True))
    asked.clock(asked.now + ONE_ACT)
    assert len(asked.tell(tries(how="through the controller", refused=True))) == 1
    asked.on(tries(how="by the command `y`"))
    asked.on(tries())
    assert len(asked.tell(tries(by="W1", how="through the controller", refused=True))) == 1
    assert [one.by for one in asked.the_checkpoint().attempts] == ["backend", "backend", "W1"]


def test_whoever_goes_on_trying_fills_no_journal(asked: Story) -> None:
    for number in range(ATTEMPTS + 5):
        asked.tell(tries(how=f"by the command `{number}`"))
    assert len(asked.the_checkpoint().attempts) == ATTEMPTS
    for number in range(ALL_ATTEMPTS):
        asked.tell(tries(by=f"W{number}"))
    assert len(asked.the_checkpoint().attempts) == ALL_ATTEMPTS
    asked.on(tries(by="W99"))


def test_who_wants_to_pass_the_gate_need_not_name_it() -> None:
    story = gated()
    story.tell(tries(PLAN))
    assert [one.by for one in story.the_checkpoint().attempts] == ["backend"]
    story.answers("accept")
    story.on(tries(PLAN, by="W1"))
    story.on(tries("C99"))
