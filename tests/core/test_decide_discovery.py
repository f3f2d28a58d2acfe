"""How children are understood: topic by topic, in parts where it takes too long, and not at all where it is known."""

from __future__ import annotations

import pytest
from msgspec import convert, json

from tests.core.play import BRIEF, Story, asks, started
from tmuxorch.core import brief
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import discovery
from tmuxorch.core.decide.turns import TIME_LIMIT, deadline
from tmuxorch.core.plan import LEAD
from tmuxorch.core.said import BLOCK, LINE, LINES

REPO = m.RepoFacts(docs=("README.md", "docs/build.md"), directories=("src", "tests"))
CLEAN = m.Git(branch="main", head="a" * 40, fingerprint="clean")
LATE = m.TurnOutcome.TIMED_OUT


def topics(story: Story, child: str = "backend") -> list[str]:
    """What the child was asked about in the newest run, in order."""
    turns = story.turns_of(child, m.Purpose.DISCOVER)
    return [turn.topic for turn in turns if turn.run == story.run.id]


def too_late(story: Story, child: str = "backend") -> m.Turn:
    """The child's turn goes on until its time is over, and is ended."""
    turn = story.begins(child)
    story.now += story.settings.read_timeout
    assert story.tell(msg.Tick()) == [e.InterruptWanted(turn=turn.id, by=TIME_LIMIT)]
    story.finishes(child, "half", m.TurnOutcome.INTERRUPTED)
    return story.state.turns[turn.id]


@pytest.fixture
def story() -> Story:
    """One child whose repo was looked at, asked about its first topic."""
    story = Story()
    story.project("backend")
    story.up("backend", LEAD)
    story.tell(msg.SawRepo(agent="backend", repo=REPO))
    story.tell(msg.SawGit(agent="backend", git=CLEAN))
    begin(story)
    return story


def begin(story: Story, fresh: bool = False) -> None:
    story.tell(msg.StartRun(problem="they disagree", children=("backend",), fresh=fresh))


# -- topics


def test_a_child_is_asked_one_topic_after_the_other_and_then_its_brief(story: Story) -> None:
    story.heard("backend")
    assert topics(story) == ["place", "history", "docs", "code"]
    assert not any(turn.writes for turn in story.state.turns.values())
    story.finishes("backend", BRIEF)
    assert (story.run.briefs["backend"].role, story.run.fingerprints) == (
        "the service",
        {"backend": "clean"},
    )
    assert story.turn(LEAD).purpose is m.Purpose.CONTRACTS


def test_children_are_asked_side_by_side() -> None:
    story = started("backend", "mobile")
    story.finishes("mobile")
    assert (story.turn("backend").topic, story.turn("mobile").topic) == ("place", "history")


def test_a_topic_that_fails_is_a_matter_for_a_human_and_asked_again(story: Story) -> None:
    story.finishes("backend")
    story.fails("backend")
    assert story.the_checkpoint().card.title == "discover history turn of backend: failed"
    story.answers("instruct", "skip the tags")
    assert (story.turn("backend").topic, story.turn("backend").text) == ("history", "skip the tags")
    story.heard("backend")
    assert topics(story) == ["place", "history", "history", "docs", "code"]


# -- time


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("place", ["place cwd", "place status"]),
        ("history", ["history commits", "history branches"]),
        ("docs", ["docs README.md", "docs docs/build.md"]),
        ("code", ["code src", "code tests"]),
    ],
)
def test_a_topic_that_takes_too_long_is_asked_in_parts(story: Story, whole: str, parts: list[str]) -> None:
    while story.turn("backend").topic != whole:
        story.finishes("backend")
    turn = too_late(story)
    assert turn.over is not None
    assert (turn.over.outcome, turn.over.error) == (LATE, "it took longer than 900 s")
    story.heard("backend")
    place = discovery.TOPICS.index(whole) + 1
    assert topics(story) == [*discovery.TOPICS[:place], *parts, *discovery.TOPICS[place:]]
    story.finishes("backend", BRIEF)
    assert story.run.briefs["backend"].left_out == ()
    assert story.opened() == []


def test_a_part_that_takes_too_long_is_left_out_and_the_brief_says_so(story: Story) -> None:
    for _ in range(2):
        story.finishes("backend")
    for _ in range(3):
        too_late(story)
    assert discovery.left_out(story.state, story.run, "backend") == ("docs README.md", "docs docs/build.md")
    story.heard("backend")
    story.finishes("backend", BRIEF)
    assert story.run.briefs["backend"].left_out == ("docs README.md", "docs docs/build.md")
    assert story.turn(LEAD).purpose is m.Purpose.CONTRACTS


def test_what_has_one_part_only_is_not_split(story: Story) -> None:
    story.tell(msg.SawRepo(agent="backend", repo=m.RepoFacts(docs=("README.md",))))
    story.finishes("backend")
    story.finishes("backend")
    for _ in ("docs", "code"):
        too_late(story)
    assert story.turn("backend").purpose is m.Purpose.BRIEF
    assert topics(story) == list(discovery.TOPICS)


def test_a_brief_that_takes_too_long_is_a_matter_for_a_human(story: Story) -> None:
    story.heard("backend")
    too_late(story)
    card = story.the_checkpoint().card
    assert (card.title, card.body) == ("brief turn of backend: timed_out", "it took longer than 900 s")
    story.answers("retry")
    assert story.turn("backend").purpose is m.Purpose.BRIEF


def test_a_turn_that_ends_by_itself_at_the_last_moment_is_taken(story: Story) -> None:
    turn = story.begins("backend")
    story.now += story.settings.read_timeout
    story.tell(msg.Tick())
    story.finishes("backend", "just so")
    over = story.state.turns[turn.id].over
    assert over is not None
    assert (over.outcome, over.message) == (m.TurnOutcome.COMPLETED, "just so")


def test_a_server_that_dies_over_a_turn_that_took_too_long_ends_it(story: Story) -> None:
    story.begins("backend")
    story.now += story.settings.read_timeout
    story.tell(msg.Tick())
    story.dies("backend")
    story.up("backend")
    assert story.turn("backend").topic == "place cwd"


def test_a_turn_that_a_person_interrupts_is_not_too_late(story: Story) -> None:
    story.begins("backend")
    story.tell(msg.Interrupt(agent="backend", by="ann"))
    story.now += story.settings.read_timeout
    story.on(msg.Tick())
    story.finishes("backend", outcome=m.TurnOutcome.INTERRUPTED)
    assert story.the_checkpoint().card.title == "discover place turn of backend: interrupted"


def test_the_time_that_a_human_takes_for_an_answer_does_not_count(story: Story) -> None:
    turn = story.begins("backend")
    assert deadline(story.state, turn, story.settings) == story.now + 900
    story.tell(asks("backend", codex_turn=story.turn_id("backend")))
    assert deadline(story.state, turn, story.settings) is None
    story.now += 10_000
    story.on(msg.Tick())
    story.accepts()
    answered = story.now
    assert deadline(story.state, turn, story.settings) == answered + 900
    story.tell(msg.ServerResolved(agent="backend", generation=1, request=0))
    assert deadline(story.state, turn, story.settings) == story.now + 900


def test_what_a_person_asked_for_has_all_the_time(story: Story) -> None:
    story.tell(msg.Ask(agent=LEAD, text="how far?"))
    turn = story.begins(LEAD)
    assert deadline(story.state, turn, story.settings) is None


# -- what is known


def ends(story: Story) -> None:
    """The child is understood, and the run is given up."""
    story.heard("backend")
    story.finishes("backend", BRIEF)
    cancel(story)


def cancel(story: Story) -> None:
    story.begins(LEAD)
    story.tell(msg.CancelRun(run=story.run.id, by="ann"))
    story.finishes(LEAD, outcome=m.TurnOutcome.INTERRUPTED)


def test_a_second_run_on_a_repo_as_it_was_asks_nothing_again(story: Story) -> None:
    ends(story)
    said = story.run.briefs["backend"]
    begin(story)
    recorded = [event for _, event in story.journal if isinstance(event, e.BriefRecorded)]
    assert recorded[1:] == [
        e.BriefRecorded(run="R2", child="backend", brief=said, fingerprint="clean", reused="R1")
    ]
    assert (topics(story), story.run.briefs) == ([], {"backend": said})
    assert story.turn(LEAD).purpose is m.Purpose.CONTRACTS
    cancel(story)
    begin(story)
    assert story.run.briefs == {"backend": said}


@pytest.mark.parametrize("fingerprint", ["changed", ""])
def test_a_repo_that_changed_or_cannot_be_known_is_asked_about_anew(story: Story, fingerprint: str) -> None:
    ends(story)
    story.tell(msg.SawGit(agent="backend", git=m.Git(branch="main", fingerprint=fingerprint)))
    begin(story)
    assert topics(story) == ["place"]


def test_a_brief_of_a_repo_that_nobody_could_tell_is_not_used_again() -> None:
    story = started("backend")
    ends(story)
    begin(story)
    assert topics(story) == ["place"]


def test_fresh_asks_again_and_its_brief_is_the_one_that_counts(story: Story) -> None:
    ends(story)
    begin(story, fresh=True)
    assert topics(story) == ["place"]
    story.heard("backend")
    story.finishes("backend", "Quite another thing.")
    cancel(story)
    begin(story)
    assert story.run.briefs["backend"].current_state == "Quite another thing."


def test_a_repo_that_becomes_what_it_was_while_it_is_asked_about_is_heard_to_the_end(story: Story) -> None:
    ends(story)
    story.tell(msg.SawGit(agent="backend", git=m.Git(fingerprint="changed")))
    begin(story)
    story.tell(msg.SawGit(agent="backend", git=CLEAN))
    story.heard("backend")
    assert topics(story) == list(discovery.TOPICS)


# -- words


LISTS = {"commits", "constraints", "blockers", "tests", "key_docs", "questions"}


def test_a_brief_answers_every_question() -> None:
    questions = brief.BriefAnswer.__struct_fields__
    said = {name: [f"{name} \x1b[1m1", ""] if name in LISTS else f"{name}\x00" for name in questions}
    kept = {name: [f"{name} 1"] if name in LISTS else name for name in questions}
    assert brief.read(json.encode(said).decode(), ("code",)) == convert(
        {**kept, "left_out": ["code"]}, m.Brief
    )


@pytest.mark.parametrize("said", ["", "{}", "null", "[" * 100_000, "It is a service."])
def test_words_that_are_no_answer_are_the_state(said: str) -> None:
    kept = brief.read(said)
    assert kept == m.Brief(current_state=kept.current_state)
    assert said.startswith(kept.current_state[:100])


def test_a_brief_of_a_megabyte_is_clipped() -> None:
    huge = "x" * (1 << 20)
    assert len(brief.read(huge).current_state) == BLOCK
    said = brief.BriefAnswer(
        role=huge,
        current_state=huge,
        key_docs=(huge,) * 100,
        release_notes=huge,
        tests=("make",) * 10_000,
        constraints=(),
        questions=(),
    )
    kept = brief.read(json.encode(said).decode())
    assert len(kept.role) == len(kept.current_state) == BLOCK
    assert (len(kept.key_docs), len(kept.tests)) == (LINES, LINES)
    assert {len(line) for line in kept.key_docs} == {LINE}


def test_commands_say_where_they_are_from() -> None:
    found = m.Found(command="make test", source="Makefile"), m.Found(command="x", source="config")
    assert brief.commands(found) == "`make test` (detected in Makefile), `x` (configured)"
