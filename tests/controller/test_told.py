"""What is told of a repo beside the questions: facts, harmless, and from which run an agent's words are."""

from __future__ import annotations

from msgspec.structs import replace

from tests.core.play import BRIEF, Story, started
from tmuxorch.codex.appserver import PROMPT_LIMIT
from tmuxorch.controller import survey, understanding
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.store.config import Child

GIT = m.Git(branch="main", head="a" * 40, fingerprint="f")


def briefed(story: Story, said: str = BRIEF) -> m.Run:
    """The run, once its only child has given its brief."""
    story.heard("backend")
    story.finishes("backend", said)
    return story.run


def test_the_place_of_a_repo_in_words() -> None:
    assert understanding.place(m.Git()) == "branch: (detached)\nHEAD: (no commit)\nchanged files:\n  none"
    paths = ("a\x1b[2J\nb", *(f"f{number}" for number in range(40)))
    told = understanding.place(m.Git(branch="x", head="b", changed=paths)).splitlines()
    assert told[:4] == ["branch: x", "HEAD: b", "changed files:", "  a\\x1b[2J\\nb"]
    assert (len(told), told[-1]) == (34, "  … and 11 more")


def test_what_the_configuration_says_of_a_child() -> None:
    assert survey.notes(Child(name="a", path=".")) == ()
    child = Child(
        name="a",
        path=".",
        role="the\nservice",
        commit_policy="squash",
        release_policy="on Fridays",
        human_checkpoints=("try it", "sign it"),
        hints="slow tests",
    )
    assert survey.notes(child) == (
        "role: the service",
        "when and how it commits: squash",
        "how it releases: on Fridays",
        "hints: slow tests",
        "what only a human can do: try it; sign it",
    )


def test_a_child_is_told_what_the_tool_knows_before_its_brief() -> None:
    story = started("backend", settings=msg.Settings(tests={"backend": ("make test",)}))
    repo = m.RepoFacts(
        tests=(m.Found(command="make test", source="config"),),
        build=(m.Found(command="make build", source="Makefile"),),
        notes=("role: the service",),
    )
    story.tell(msg.SawRepo(agent="backend", repo=repo))
    story.check_ends(passes=False)
    for _ in range(3):
        story.finishes("backend")
    story.begins("backend")
    story.now += 900
    story.tell(msg.Tick())
    story.finishes("backend", outcome=m.TurnOutcome.INTERRUPTED)
    told = understanding.brief(story.state, story.run, story.state.agents["backend"])
    for fact in (
        "how it seems to be tested:\n>   `make test` (configured)",
        "how it seems to be built:\n>   `make build` (detected in Makefile)",
        "what the team's configuration says of it:\n>   role: the service",
        "how its tests went just now, before any work:\n>   `make test`: exit status 2",
        "what you took too long for, and so nobody knows:\n>   code",
    ):
        assert fact in told


def test_the_lead_is_told_from_which_run_a_brief_is() -> None:
    story = started("backend")
    story.tell(msg.SawGit(agent="backend", git=GIT))
    run = briefed(story)
    told = understanding.briefs(story.state, run)["backend"]
    assert told.startswith(f"branch: main\nHEAD: {'a' * 40}\n")
    assert '"role": "the service"' in told
    assert 'branch":' not in told  # what a child left empty is not told
    assert "R1" not in told
    story.begins(LEAD)
    story.tell(msg.CancelRun(run="R1", by="ann"))
    story.finishes(LEAD, outcome=m.TurnOutcome.INTERRUPTED)
    story.tell(msg.StartRun(problem="another thing", children=("backend",)))
    told = understanding.briefs(story.state, story.run)["backend"]
    assert "its words are of R1, which was about: they disagree\n" in told


def test_what_many_children_say_fits_into_a_prompt() -> None:
    story = started("backend")
    run = briefed(story, "x" * 5_000)
    brief = run.briefs["backend"]
    names = [f"child{number}" for number in range(1_000)]
    agent = story.state.agents["backend"]
    run = replace(run, briefs=dict.fromkeys(names, brief))
    state = m.State(agents=dict.fromkeys(names, agent), runs={run.id: run})
    told = understanding.briefs(state, run)
    assert 0 < sum(map(len, told.values())) <= PROMPT_LIMIT // 2
