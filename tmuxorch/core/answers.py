"""The structured answers that turns are asked for: their shape, and what becomes of them.

The shape of an answer is a Struct; its JSON Schema (made strict by codex.schemas) goes to the model. Codex
does not validate what comes back, so it is decoded here, and what does not fit is told in words a model
can act on.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct, convert, json, to_builtins
from msgspec.structs import replace

from tmuxorch.core import model as m
from tmuxorch.core import text, work
from tmuxorch.core.brief import BriefAnswer, commands
from tmuxorch.core.plan import (
    ChildContext,
    Contract,
    Human,
    HumanKind,
    Plan,
    PlanItem,
    normal,
)
from tmuxorch.core.plan_changes import merged
from tmuxorch.core.plan_rules import contract_problems, problems, untouched
from tmuxorch.core.said import UNREADABLE, lines
from tmuxorch.core.work import WorkAnswer
from tmuxorch.errors import PlanError


class ContractAnswer(Struct, frozen=True, kw_only=True):
    """One interface between repos. `paths` are the files of the producer's repo in which it is written down."""

    name: str
    producer: str
    consumers: tuple[str, ...]
    shape: str
    paths: tuple[str, ...] = ()


class ContractsAnswer(Struct, frozen=True, kw_only=True):
    """Answer to the contracts turn."""

    contracts: tuple[ContractAnswer, ...]
    parallel: tuple[str, ...]
    risks: tuple[str, ...]


class HumanAnswer(Struct, frozen=True, kw_only=True):
    """What a person has to do, and what is expected back."""

    do: str
    expect: str
    kind: HumanKind = HumanKind.DECISION
    secret: bool = False


class ItemAnswer(Struct, frozen=True, kw_only=True):
    """One proposed item."""

    id: str
    title: str
    owner: str
    depends: tuple[str, ...]
    scope: tuple[str, ...]
    contract: str
    instructions: str
    verification: tuple[str, ...]
    risk: str
    human: HumanAnswer | None
    requests: tuple[str, ...] = ()


class PlanAnswer(Struct, frozen=True, kw_only=True):
    """Answer to the plan turn."""

    objective: str
    success_criteria: tuple[str, ...]
    items: tuple[ItemAnswer, ...]
    parallel: tuple[str, ...]
    human_checkpoints: tuple[str, ...]
    risks: tuple[str, ...]


class ReplanAnswer(PlanAnswer, frozen=True, kw_only=True):
    """Answer to a turn that is to change the plan: the whole plan as it should be, and of the contracts those that
    are new or have other terms.
    """

    contracts: tuple[ContractAnswer, ...] = ()


Said = TypeVar("Said", PlanAnswer, ReplanAnswer)

ANSWERS: dict[m.Purpose, type[Struct]] = {
    m.Purpose.BRIEF: BriefAnswer,
    m.Purpose.CONTRACTS: ContractsAnswer,
    m.Purpose.PLAN: PlanAnswer,
    m.Purpose.REPLAN: ReplanAnswer,
    m.Purpose.ITEM: WorkAnswer,
    m.Purpose.FIX: WorkAnswer,
}
"""Which turns are asked for a structured answer."""


def words(purpose: m.Purpose, message: str) -> str:
    """What an agent says to people in a turn's last message; what it fills in (a brief, a plan) are no words."""
    if ANSWERS.get(purpose) is WorkAnswer:
        return work.read(message).summary
    return "" if purpose in ANSWERS else text.block(message)


def contracts(message: str) -> tuple[tuple[m.Contract, ...], tuple[str, ...], tuple[str, ...]]:
    """Contracts, parallel work and risks in `message`; none, and a risk that says so, when it is no
    answer.
    """
    try:
        said = json.decode(message, type=ContractsAnswer)
    except UNREADABLE as error:
        return (), (), (f"The lead named no contracts in the form asked for: {text.line(str(error))}",)
    return tuple(map(_contract, said.contracts)), lines(said.parallel), lines(said.risks)


def _contract(said: ContractAnswer) -> Contract:
    return Contract(
        name=text.line(said.name),
        producer=text.line(said.producer),
        consumers=lines(said.consumers),
        shape=text.block(said.shape),
        paths=lines(said.paths),
    )


def plan(message: str, run: m.Run, agents: dict[str, m.Agent], references: frozenset[str]) -> Plan:
    """The plan in `message`, with the rows of Child Context from briefs and git, and the contracts on record.

    What a human has edited meanwhile in the plan that the lead was to write anew stays. Raises PlanError; its message
    has one line for each thing to mend.
    """
    said = _read(message, PlanAnswer)
    agreed, unclear = _agreed(run)
    found = replace(
        _planned(said),
        children=tuple(context(name, run, agents) for name in run.children),
        contracts=agreed,
        risks=(*said.risks, *run.risks, *unclear),
    )
    return _checked(found, run, references)


def proposal(message: str, run: m.Run, agents: dict[str, m.Agent], references: frozenset[str]) -> Plan:
    """The plan in `message` of who leads the run by itself, its contracts with it. Raises PlanError as `plan`."""
    said = _read(message, ReplanAnswer)
    found = replace(
        _planned(said),
        children=tuple(context(name, run, agents) for name in run.children),
        contracts=tuple(map(_contract, said.contracts)),
    )
    return _checked(found, run, references)


def replan(message: str, run: m.Run, references: frozenset[str]) -> Plan:
    """The plan in `message`, a change of the one in force: its contracts have the shapes that they have in truth,
    unless the lead says otherwise; items that have begun are as they are. Raises PlanError as `plan`.
    """
    said = _read(message, ReplanAnswer)
    assert run.plan is not None
    named = {one.name: one for one in map(_contract, said.contracts)}
    kept = (
        named.pop(one.name, replace(one, shape=run.contract_changes.get(one.name, one.shape)))
        for one in run.plan.contracts
    )
    found = replace(_planned(said), children=run.plan.children, contracts=(*kept, *named.values()))
    return _checked(found, run, references)


def as_answer(plan: Plan, shape: type[Said]) -> Said:
    """`plan` in the shape in which the lead gives one: what it has to leave as it is, it can repeat to the letter. No
    contract has other terms then.
    """
    return convert({**to_builtins(plan), "contracts": []}, shape)


def _read(message: str, shape: type[Said]) -> Said:
    try:
        return json.decode(message, type=shape)
    except UNREADABLE as error:
        raise PlanError(f"the answer is not the JSON asked for: {error}") from None


def _planned(said: PlanAnswer) -> Plan:
    return Plan(
        objective=said.objective,
        success_criteria=said.success_criteria,
        items=tuple(map(_item, said.items)),
        parallel=said.parallel,
        human_checkpoints=said.human_checkpoints,
        risks=said.risks,
    )


def _checked(found: Plan, run: m.Run, references: frozenset[str]) -> Plan:
    found = normal(found)
    if run.base and run.plan:
        found = merged(run.base, run.plan, found)
    wrong = problems(found, frozenset(run.children), references, run.asked_for)
    if wrong := wrong or (untouched(run.plan, found, run.begun) if run.plan else []):
        raise PlanError("\n".join(wrong))
    return found


def _agreed(run: m.Run) -> tuple[tuple[Contract, ...], tuple[str, ...]]:
    """The contracts on record, and a line for each that is none: the lead cannot mend it in a plan."""
    agreed: dict[str, Contract] = {}
    unclear = []
    for one in run.contracts:
        wrong = contract_problems(one, frozenset(run.children))
        if one.name in agreed:
            wrong = [*wrong, "it is there twice"]
        if wrong:
            unclear.append(f"No contract was made of {one.name or one.shape!r}: {'; '.join(wrong)}")
        else:
            agreed[one.name] = one
    return tuple(agreed.values()), tuple(unclear)


def _item(said: ItemAnswer) -> PlanItem:
    return PlanItem(
        id=said.id,
        title=said.title,
        owner=said.owner,
        depends=said.depends,
        scope=said.scope,
        contract=said.contract,
        instructions=said.instructions,
        verification=said.verification,
        risk=said.risk,
        human=_human(said.human) if said.human else None,
        requests=said.requests,
    )


def _human(said: HumanAnswer) -> Human:
    return Human(do=said.do, expect=said.expect, kind=said.kind, secret=said.secret)


def context(name: str, run: m.Run, agents: dict[str, m.Agent]) -> ChildContext:
    """A row of Child Context: what the tool read of the repo first, then what the child said of it."""
    said, git, repo = run.briefs.get(name, m.Brief()), agents[name].git, agents[name].repo
    dirty = f", {len(git.changed)} changed files" if git.changed else ""
    where = f"{git.branch or 'detached'} at {git.head[:12] or 'no commit'}{dirty}."
    tested = f"Tests: {commands(repo.tests)}." if repo.tests else ""
    built = f"Build: {commands(repo.build)}." if repo.build else ""
    unheard = f"Not heard on: {', '.join(said.left_out)}." if said.left_out else ""
    state = (where, tested, built, unheard, said.current_state)
    return ChildContext(
        child=name,
        role=said.role,
        current_state=" ".join(part for part in state if part),
        key_docs=", ".join(dict.fromkeys((*repo.docs, *said.key_docs))),
        releases="\n".join(part for part in (said.commit_rules, said.release_notes) if part),
    )
