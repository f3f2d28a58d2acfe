"""Everything that could happen next: the messages that the world and people might send in a state."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tests.core import chance_lead, chance_workers
from tests.core.play import BRIEF, CONTRACTS, Story, asks, codex_turn, place, plan_said, task, work_said
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.answers import HumanAnswer
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.plan import LEAD, HumanKind
from tmuxorch.core.secrets import answer_of

CHILDREN = ("backend", "mobile")
TOKEN = HumanAnswer(do="Make one.", expect="the token", kind=HumanKind.CREDENTIALS, secret=True)
RELEASE = HumanAnswer(do="Decide.", expect="go or no-go", kind=HumanKind.GO_NO_GO)
PLANS = (
    (task("1", "backend"), task("2", "mobile", "1"), task("3", LEAD, "2"), task("4", "backend")),
    (task("1", "backend"), task("2", "backend"), task("3", "mobile", "1", "2", verification=("a", "b"))),
    (task("1", LEAD), task("2", "mobile", "1"), task("3", "backend")),
    (
        task("1", "backend", contract="token"),
        task("2", "mobile", contract="token"),
        task("3", "mobile"),
        task("4", "backend", "1"),
    ),
    (
        replace(task("1", LEAD), human=TOKEN),
        task("2", "mobile", "1", "3"),
        task("3", "backend"),
        task("4", "backend", "1"),
    ),
    (
        replace(task("1", LEAD), human=RELEASE),
        task("2", "mobile", "1"),
        task("3", "mobile", "2"),
        task("4", "backend"),
    ),
)


DISTURBING = (
    "decline",
    "revise",
    "instruct",
    "skip",
    "abort",
    "worktree",
    "recheck",
    "replan",
    "keep",
    "no-go",
    "stop",
)
"""Answers that do not bring the work on."""


def messages(story: Story) -> tuple[list[msg.Message], list[msg.Message]]:
    """What may come next: what brings the work on, and what disturbs it."""
    return [*_forward(story)], [*_trouble(story)]


def _forward(story: Story) -> Iterator[msg.Message]:
    state = story.state
    for ref, life in _processes(state):
        if isinstance(life, m.Starting):
            yield msg.ProcessStarted(ref=ref, pid=2, host_pid=1)
        elif isinstance(life, m.Stopping):
            yield msg.ProcessEnded(ref=ref, outcome=m.Outcome.KILLED)
        elif isinstance(life, m.Running) and "#" not in ref:
            yield msg.ProcessEnded(ref=ref, outcome=m.Outcome.SUCCEEDED, code=0)
            yield msg.ProcessEnded(ref=ref, outcome=m.Outcome.FAILED, code=1)
    yield from chance_workers.forward(story)
    for agent in state.agents.values():
        if agent.is_connectable and not agent.ready:
            yield _loaded(agent)
            if agent.endpoint:
                yield replace(_loaded(agent), generation=agent.generation + 1)
    for turn in state.turns.values():
        if isinstance(turn.state, m.TurnSent):
            yield msg.TurnBegan(id=turn.id, codex_turn=codex_turn(turn))
        elif isinstance(turn.state, m.TurnActive):
            touched = ("src/a.py",) if turn.writes else ()
            yield _finished(turn, m.TurnOutcome.COMPLETED, _said(turn, story), touched=touched)
    for effect in story.due():
        yield _done(story, effect)
        if isinstance(effect, f.PreparePlace):
            dirty = place(effect.child, "notes.txt")
            yield msg.PlaceFound(run=effect.run, child=effect.child, place=dirty)
    for checkpoint in state.checkpoints.values():
        if checkpoint.is_open:
            yield from _answers(checkpoint, ("accept", "retry", "proceed", "go", "wait"))
        elif isinstance(checkpoint.state, m.Answered):
            yield _resolved(checkpoint)
    if state.pauses:
        yield msg.ResumeNow(by="ann")
    if story.alarm() is not None:
        yield msg.Tick()
    if state.active_run is None:
        number = len(state.runs)
        led = chance_lead.LEADERS[number % 3]
        yield msg.StartRun(problem="they disagree", children=CHILDREN, auto=number % 2 == 1, led=led)
    yield from chance_lead.forward(story, chance_lead.proposal(_plan(story)))


def _trouble(story: Story) -> Iterator[msg.Message]:
    state = story.state
    yield msg.Woke(pid=1, version="1")
    yield msg.Tick()
    for ref, life in _processes(state):
        if m.is_live(life):
            yield msg.ProcessEnded(ref=ref, outcome=m.Outcome.FAILED, code=1)
            yield msg.ProcessEnded(ref=ref, outcome=m.Outcome.LOST)
        if "#" not in ref:
            yield msg.StopJob(id=msg.job_id(ref), by="ann")
    for agent in state.agents.values():
        yield from _of_agent(state, agent)
    for turn in state.turns.values():
        yield from _of_turn(turn)
    yield from _of_repos(story)
    for checkpoint in state.checkpoints.values():
        if checkpoint.is_open:
            yield from _answers(checkpoint, DISTURBING)
        if isinstance(checkpoint.origin, m.FromServer):
            yield _resolved(checkpoint)
            yield msg.ReplyImpossible(checkpoint=checkpoint.id, reason="nobody asks")
        if answer_of(checkpoint).secrets:
            yield msg.SecretLost(checkpoint=checkpoint.id)
    if run := state.active_run:
        yield msg.CancelRun(run=run.id, by="ann")
        if run.plan:
            yield msg.PlanRead(plan=replace(run.plan, objective=run.plan.objective + "!"))
            yield msg.PlanRead(plan=replace(run.plan, items=run.plan.items[:-1]))
            shapes = (replace(one, shape=f"shape {len(story.journal)}") for one in run.plan.contracts)
            yield msg.PlanRead(plan=replace(run.plan, contracts=tuple(shapes)))
    yield from chance_workers.trouble(story)
    yield from chance_lead.trouble(story, chance_lead.proposal(_plan(story)))


def _of_agent(state: m.State, agent: m.Agent) -> Iterator[msg.Message]:
    name = agent.name
    yield msg.WantAgent(name=name, wanted=True, by="ann")
    yield msg.WantAgent(name=name, wanted=False, by="ann")
    yield msg.RestartAgent(name=name, by="ann")
    yield msg.RemoveAgent(name=name)
    yield msg.SawGit(agent=name, git=m.Git(branch="main", head=f"{len(state.turns):040}"))
    yield msg.SawRepo(agent=name, repo=m.RepoFacts(directories=("src", "tests")))
    yield msg.Ask(agent=name, text="how far are you?")
    yield msg.Steer(agent=name, text="look at the docs")
    yield msg.Interrupt(agent=name, by="ann")
    yield asks(name, len(state.checkpoints), generation=agent.generation)
    yield asks(name, len(state.checkpoints), generation=agent.generation - 1)
    yield msg.AddAgent(name=name, path=agent.path, endpoint="" if agent.endpoint else "ws://localhost:1")
    yield msg.LinkDown(agent=name, generation=agent.generation, reason="no close frame")
    yield msg.Unreachable(agent=name, generation=agent.generation, reason=f"try {len(state.checkpoints)}")
    if agent.is_connectable:
        yield _loaded(agent)
        for outcome in (None, m.TurnOutcome.COMPLETED, m.TurnOutcome.INTERRUPTED):
            yield _loaded(
                agent, *(_seen(turn, outcome) for turn in state.turns.values() if turn.agent == name)
            )


def _of_repos(story: Story) -> Iterator[msg.Message]:
    """Git says no, or says something that nobody waits for any more."""
    for effect in story.due():
        if isinstance(effect, f.PreparePlace):
            yield msg.PlaceFailed(run=effect.run, child=effect.child, reason="no commit yet")
        else:
            yield msg.CommitFailed(run=effect.run, item=effect.item, child=effect.child, reason="locked")
    if story.state.run:
        yield msg.PlaceFound(run=story.run.id, child="mobile", place=place("mobile"))
        yield msg.PlaceFailed(run=story.run.id, child="mobile", reason="it is gone")
    for effect in dict.fromkeys(_commits_so_far(story)):
        yield _done(story, effect)
        yield msg.CommitFailed(run=effect.run, item=effect.item, child=effect.child, reason="locked")


def _commits_so_far(story: Story) -> Iterator[f.CommitWork]:
    """Those that were to be made at some time."""
    for _, event in story.journal:
        if isinstance(event, e.CommitWanted):
            yield f.CommitWork(event.run, "", event.child)
        elif isinstance(event, e.ItemMoved) and isinstance(event.progress, m.ItemCommitting):
            plan = story.state.runs[event.run].plan
            item = plan.item(event.item) if plan else None
            assert item is not None
            yield f.CommitWork(event.run, item.id, item.owner)


def _done(story: Story, effect: f.PreparePlace | f.CommitWork) -> msg.Message:
    """The effect has happened; a commit that was made is found again, not made twice."""
    if isinstance(effect, f.PreparePlace):
        worktrees = story.state.runs[effect.run].worktrees
        worktree = story.settings.isolation == "worktree" or effect.child in worktrees
        there = place(effect.child, worktree=worktree)
        return msg.PlaceFound(run=effect.run, child=effect.child, place=there)
    commit = f"{effect.run}-{effect.item}-{effect.child}"
    return msg.CommitMade(run=effect.run, item=effect.item, child=effect.child, commit=commit)


def _of_turn(turn: m.Turn) -> Iterator[msg.Message]:
    match turn.state:
        case m.TurnSent():
            yield msg.TurnRefused(id=turn.id, error="too long")
        case m.TurnActive(generation=generation):
            yield _finished(turn, m.TurnOutcome.FAILED, "")
            yield _finished(turn, m.TurnOutcome.INTERRUPTED, "")
            yield _finished(turn, m.TurnOutcome.COMPLETED, "no JSON")
            for kind in m.LimitKind:
                yield _refused(turn, kind)
            yield asks(turn.agent, f"of {turn.id}", codex_turn=codex_turn(turn), generation=generation)
            yield from (msg.SteerEnded(turn=turn.id, number=number) for number, _ in turn.steers)
            yield from _of_writer(turn) if turn.writes else ()
        case _:
            pass


def _of_writer(turn: m.Turn) -> Iterator[msg.Message]:
    """It does what its item does not allow, and puts it back."""
    done, failed = m.TurnOutcome.COMPLETED, m.TurnOutcome.INTERRUPTED
    moved = m.Git(branch="other", head="1" * 40, changed=("docs/a.md",))
    yield _finished(turn, done, touched=("src/a.py", "docs/a.md"))
    yield _finished(turn, done, touched=("docs/a.md",), after=m.Git(branch="main", head="0" * 40))
    yield _finished(turn, failed, touched=("docs/a.md",))
    yield _finished(turn, done, strays={"web": ("b.md",)})
    yield _finished(turn, done, touched=("docs/a.md",), moved="on another branch", after=moved)
    yield _finished(turn, failed, moved="on another branch", after=moved)


def _processes(state: m.State) -> Iterator[tuple[str, m.Life]]:
    for agent in state.agents.values():
        yield msg.server_ref(agent.name, agent.generation), agent.server
    for job in state.jobs:
        yield msg.job_ref(job), job.life


def _loaded(agent: m.Agent, *turns: msg.SeenTurn) -> msg.ThreadLoaded:
    return msg.ThreadLoaded(
        agent=agent.name, generation=agent.generation, thread=f"thread of {agent.name}", turns=turns
    )


def _seen(turn: m.Turn, outcome: m.TurnOutcome | None) -> msg.SeenTurn:
    return msg.SeenTurn(codex_turn=codex_turn(turn), mark=mark(turn), outcome=outcome, message="seen")


def _finished(
    turn: m.Turn,
    outcome: m.TurnOutcome,
    message: str = "I did it.",
    *,
    touched: tuple[str, ...] = (),
    strays: dict[str, tuple[str, ...]] | None = None,
    moved: str = "",
    after: m.Git | None = None,
) -> msg.TurnFinished:
    return msg.TurnFinished(
        agent=turn.agent,
        codex_turn=codex_turn(turn),
        outcome=outcome,
        message=message,
        touched=touched,
        strays=strays or {},
        moved=moved,
        after=after,
    )


def _refused(turn: m.Turn, kind: m.LimitKind) -> msg.TurnFinished:
    limit = m.Limit(kind=kind, until=turn.state.at + 20 if kind is m.LimitKind.RATE else None)
    return replace(_finished(turn, m.TurnOutcome.FAILED, ""), error="refused", limit=limit)


def _plan(story: Story) -> str:
    return plan_said(*PLANS[len(story.journal) % len(PLANS)])


def _said(turn: m.Turn, story: Story) -> str:
    if turn.purpose is m.Purpose.REPLAN:
        return chance_lead.changed(story, story.state.runs[turn.run])
    plan = _plan(story)
    said = {m.Purpose.BRIEF: BRIEF, m.Purpose.CONTRACTS: CONTRACTS, m.Purpose.PLAN: plan}
    changed = work_said(token=f"shape {len(story.journal)}") if len(story.journal) % 5 == 0 else "I did it."
    return said.get(turn.purpose, changed)


def _answers(checkpoint: m.Checkpoint, choices: tuple[str, ...]) -> Iterator[msg.Message]:
    offered = [choice.key for choice in checkpoint.card.choices]
    for choice in choices:
        if choice in offered:
            answer = m.Answer(choice=choice, text="with care")
            yield msg.AnswerCheckpoint(id=checkpoint.id, answer=answer, by="ann")
    if checkpoint.card.fields:
        secrets = tuple(field.id for field in checkpoint.card.fields if field.secret)
        seen = m.Answer(secrets=secrets) if secrets else m.Answer(text="I saw it")
        yield msg.AnswerCheckpoint(id=checkpoint.id, answer=seen, by="ann")


def _resolved(checkpoint: m.Checkpoint) -> msg.ServerResolved:
    origin = checkpoint.origin
    assert isinstance(origin, m.FromServer)
    return msg.ServerResolved(agent=origin.agent, generation=origin.generation, request=origin.request)
