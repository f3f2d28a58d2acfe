"""What happened in a run."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Brief, Contract, ItemProgress, Phase, Place, Request, RunOutcome
from tmuxorch.core.plan import Plan


class RunStarted(Struct, frozen=True, kw_only=True, tag="run_started"):
    """A run began. `auto` when its plan needs no human approval; `led` is the agent that leads it (model.Run)."""

    id: str
    problem: str
    children: tuple[str, ...]
    auto: bool
    requests: tuple[Request, ...] = ()
    fresh: bool = False
    led: str = ""


class PhaseEntered(Struct, frozen=True, kw_only=True, tag="phase_entered"):
    """The run is in its next phase."""

    run: str
    phase: Phase


class BriefRecorded(Struct, frozen=True, kw_only=True, tag="brief_recorded"):
    """A child has described its repo in the state `fingerprint`; or had done so in the run `reused`."""

    run: str
    child: str
    brief: Brief
    fingerprint: str = ""
    reused: str = ""


class ContractsRecorded(Struct, frozen=True, kw_only=True, tag="contracts_recorded"):
    """The lead has named the interfaces between the repos."""

    run: str
    contracts: tuple[Contract, ...]
    parallel: tuple[str, ...]
    risks: tuple[str, ...]


class PlanRefused(Struct, frozen=True, kw_only=True, tag="plan_refused"):
    """A proposed plan cannot be executed, for these reasons."""

    run: str
    problems: tuple[str, ...]


class PlanProposed(Struct, frozen=True, kw_only=True, tag="plan_proposed"):
    """The run has a plan that can be executed."""

    run: str
    plan: Plan


class PlanEdited(Struct, frozen=True, kw_only=True, tag="plan_edited"):
    """A human edited plan.md, or accepted the lead's change (`by`); this is the plan now, and `changes` says in lines
    what is another in it.
    """

    run: str
    plan: Plan
    by: str = ""
    changes: tuple[str, ...] = ()


class ItemMoved(Struct, frozen=True, kw_only=True, tag="item_moved"):
    """An item is further, or elsewhere. Empty texts change nothing. `changed` are paths that it changed too,
    `restored` those of before that are as if it never had.
    """

    run: str
    item: str
    progress: ItemProgress
    fixing: bool = False
    decision: str = ""
    summary: str = ""
    changed: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class ItemsOrdered(Struct, frozen=True, kw_only=True, tag="items_ordered"):
    """Who leads the run wants these items to begin as soon as they can."""

    run: str
    items: tuple[str, ...]
    by: str


class ItemFlagged(Struct, frozen=True, kw_only=True, tag="item_flagged"):
    """An item has to be looked at again, for `reason`; an empty one says that it was."""

    run: str
    item: str
    reason: str


class PlaceRecorded(Struct, frozen=True, kw_only=True, tag="place_recorded"):
    """Where a child's items are worked on."""

    run: str
    child: str
    place: Place


class WorktreeWanted(Struct, frozen=True, kw_only=True, tag="worktree_wanted"):
    """A child's items are to be worked on in a worktree of its repo."""

    run: str
    child: str
    by: str


class CommitWanted(Struct, frozen=True, kw_only=True, tag="commit_wanted"):
    """All that a run changed in a child's repo is proved, and to be committed."""

    run: str
    child: str


class WorkCommitted(Struct, frozen=True, kw_only=True, tag="work_committed"):
    """What an item (without one: the run) changed in a child's repo is committed; `left` are paths that are not,
    because they were dirty before. Without anything to commit, `commit` is empty. `note` is
    what a person should know: that git does not know whose it is.
    """

    run: str
    item: str
    child: str
    commit: str
    left: tuple[str, ...] = ()
    note: str = ""


class ContractChanged(Struct, frozen=True, kw_only=True, tag="contract_changed"):
    """A contract has another shape than its users were told, since `by` (an item, or who edited the plan)."""

    run: str
    contract: str
    shape: str
    by: str
    why: str


class ReplanWanted(Struct, frozen=True, kw_only=True, tag="replan_wanted"):
    """The plan has to be looked at again, for `cause`; `holds` do not begin until that is settled."""

    run: str
    cause: str
    holds: tuple[str, ...] = ()


class ReplanAsked(Struct, frozen=True, kw_only=True, tag="replan_asked"):
    """The lead is asked for a change of the plan, for all causes so far: in `turn`, or (none) it leads the run and is
    told; or (`by`) wants one itself.
    """

    run: str
    number: int
    turn: str
    by: str = ""


class ReplanRefused(Struct, frozen=True, kw_only=True, tag="replan_refused"):
    """The change cannot be executed, for these reasons; the lead is asked again in `turn`."""

    run: str
    problems: tuple[str, ...]
    turn: str


class ReplanProposed(Struct, frozen=True, kw_only=True, tag="replan_proposed"):
    """The lead's change of the plan, which could be executed."""

    run: str
    plan: Plan


class ReplanSettled(Struct, frozen=True, kw_only=True, tag="replan_settled"):
    """A human took the change, or keeps the plan."""

    run: str
    accepted: bool
    by: str


class VerdictReached(Struct, frozen=True, kw_only=True, tag="verdict_reached"):
    """The run will not succeed, for `reason`; it goes on to its report."""

    run: str
    outcome: RunOutcome
    reason: str


class ReportGiven(Struct, frozen=True, kw_only=True, tag="report_given"):
    """The lead's own words on the run."""

    run: str
    words: str


class RunEnded(Struct, frozen=True, kw_only=True, tag="run_ended"):
    """The run is over."""

    run: str
    outcome: RunOutcome
    reason: str = ""


ReplanEvent = ReplanWanted | ReplanAsked | ReplanRefused | ReplanProposed | ReplanSettled
LaterRunEvent = (
    PhaseEntered
    | BriefRecorded
    | ContractsRecorded
    | PlanRefused
    | PlanProposed
    | PlanEdited
    | ItemMoved
    | ItemsOrdered
    | ItemFlagged
    | PlaceRecorded
    | WorktreeWanted
    | CommitWanted
    | WorkCommitted
    | ContractChanged
    | VerdictReached
    | ReportGiven
    | RunEnded
    | ReplanEvent
)
RunEvent = RunStarted | LaterRunEvent
