"""What a message means: state + message → events. Pure; raises Refused or NotFound for requests it turns
down.

After the events of the message itself come those that follow from the state alone (`follow`): the next
phase, the next item, the next server to start. They are found anew each time, so a restart needs no
special path.
"""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core.decide import (
    agents,
    brake,
    checkpoints,
    commits,
    endpoints,
    jobs,
    lead,
    led,
    loading,
    muting,
    patterns,
    places,
    runs,
    secrets,
    stalls,
    turns,
    workers,
)
from tmuxorch.core.decide.follow import follow
from tmuxorch.core.draft import Draft
from tmuxorch.core.model import State


def decide(
    state: State, message: msg.Message, settings: msg.Settings, now: float
) -> tuple[State, list[e.Event]]:
    """The events that `message` causes at `now` (epoch seconds), and the state after them."""
    draft = Draft(state, settings, now)
    _take(draft, message)
    follow(draft)
    return draft.state, draft.events


def _take(draft: Draft, message: msg.Message) -> None:
    match message:
        case msg.Woke(pid=pid, version=version):
            draft.emit(e.ControllerStarted(pid=pid, version=version))
            secrets.woke(draft)
        case msg.SawTmux(server=server):
            if draft.state.tmux != server:
                draft.emit(e.TmuxAttached(server=server))
        case msg.SawWindow():
            _saw_window(draft, message)
        case msg.ProcessStarted() | msg.ProcessEnded():
            if "#" in message.ref:
                agents.process(draft, message)
            else:
                jobs.process(draft, message)
        case msg.WorkerTold():
            workers.told(draft, message)
        case msg.WorkerSilent():
            stalls.silent(draft, message)
        case msg.WorkerSpoke():
            stalls.spoke(draft, message)
        case msg.WorkerHasPlace():
            workers.has_place(draft, message)
        case msg.WorkerHasNoPlace():
            workers.has_no_place(draft, message)
        case msg.HookDone():
            workers.hook_done(draft, message)
        case msg.StepPrepared():
            patterns.prepared(draft, message)
        case msg.StepImpossible():
            patterns.impossible(draft, message)
        case msg.PatternCurated():
            patterns.curated(draft, message)
        case msg.ThreadLoaded():
            loading.thread_loaded(draft, message)
        case msg.TurnBegan():
            turns.began(draft, message)
        case msg.TurnRefused():
            turns.refused(draft, message)
        case msg.TurnFinished():
            turns.finished(draft, message)
        case msg.TurnSeen():
            turns.seen(draft, message)
        case msg.AttemptSeen():
            checkpoints.attempted(draft, message)
        case msg.SteerEnded():
            turns.steer_ended(draft, message)
        case msg.ServerAsked():
            checkpoints.asked(draft, message)
        case msg.ServerResolved():
            checkpoints.resolved(draft, message)
        case msg.ReplyImpossible():
            checkpoints.impossible(draft, message)
        case msg.SecretLost():
            secrets.lost(draft, message)
        case msg.SawGit(agent=name, git=git):
            known = draft.state.agents.get(name)
            if known and known.git != git:
                draft.emit(e.GitSeen(name=name, git=git))
        case msg.SawRepo(agent=name, repo=repo):
            agent = draft.state.agents.get(name)
            if agent and agent.repo != repo:
                draft.emit(e.RepoSeen(name=name, repo=repo))
        case msg.LinkDown():
            endpoints.link_down(draft, message)
        case msg.Unreachable():
            endpoints.unreachable(draft, message)
        case msg.PlaceFound():
            places.found(draft, message)
        case msg.PlaceFailed():
            places.failed(draft, message)
        case msg.CommitMade():
            commits.made(draft, message)
        case msg.CommitFailed():
            commits.failed(draft, message)
        case msg.Tick():
            pass
        case msg.ResumeNow():
            brake.resume_now(draft, message)
        case msg.PlanRead():
            runs.plan_read(draft, message)
        case msg.StartRun():
            runs.start(draft, message)
        case msg.CancelRun():
            runs.cancel(draft, message)
        case msg.AnswerCheckpoint():
            checkpoints.answered(draft, message)
        case msg.AddAgent():
            agents.add(draft, message)
        case msg.RemoveAgent():
            agents.remove(draft, message)
        case msg.WantAgent():
            agents.want(draft, message)
        case msg.RestartAgent():
            agents.restart(draft, message)
        case msg.Ask():
            turns.ask(draft, message)
        case msg.Steer():
            turns.steer(draft, message)
        case msg.Interrupt():
            turns.interrupt(draft, message)
        case msg.QueueWorker():
            workers.queue(draft, message)
        case msg.StopJob():
            jobs.stop(draft, message)
        case msg.StartPattern():
            patterns.start(draft, message)
        case msg.StopPattern():
            patterns.stop(draft, message)
        case msg.Mute():
            muting.mute(draft, message)
        case _:
            _take_of_lead(draft, message)


def _take_of_lead(draft: Draft, message: msg.LeadWish) -> None:
    match message:
        case msg.ProposePlan():
            led.propose(draft, message)
        case msg.RevisePlan():
            led.revise(draft, message)
        case msg.OrderItems():
            led.order(draft, message)
        case msg.GiveReport():
            led.report(draft, message)
        case msg.AskHuman():
            lead.ask_human(draft, message)
        case msg.OpenLead():
            lead.open_lead(draft, message)
        case msg.CloseLead():
            lead.close_lead(draft, message)
        case msg.WakeLead():
            lead.wake(draft, message)
        case msg.TellNews():
            lead.tell(draft, message)
        case _:
            assert_never(message)


def _saw_window(draft: Draft, message: msg.SawWindow) -> None:
    known = draft.state.windows.get(message.key)
    if message.window is None:
        if known:
            draft.emit(e.WindowClosed(key=message.key))
    elif message.window != known:
        draft.emit(e.WindowOpened(key=message.key, window=message.window))
