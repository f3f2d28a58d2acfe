"""The structured answers that turns are asked for: their shape, and what becomes of them.

The shape of an answer is a Struct; its JSON Schema (made strict by codex.schemas) goes to the model. Codex
does not validate what comes back, so it is decoded here, and what does not fit is told in words a model
can act on.
"""

from __future__ import annotations

from msgspec import Struct, json

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.brief import BriefAnswer, commands
from tmuxorch.core.plan import ChildContext, Human, Plan, PlanItem, normal, problems
from tmuxorch.core.said import UNREADABLE, lines
from tmuxorch.core.work import WorkAnswer
from tmuxorch.errors import PlanError


class ContractAnswer(Struct, frozen=True, kw_only=True):
    """One interface between repos."""

    name: str
    producer: str
    consumers: tuple[str, ...]
    shape: str


class ContractsAnswer(Struct, frozen=True, kw_only=True):
    """Answer to the contracts turn."""

    contracts: tuple[ContractAnswer, ...]
    parallel: tuple[str, ...]
    risks: tuple[str, ...]


class HumanAnswer(Struct, frozen=True, kw_only=True):
    """What a person has to do, and what is expected back."""

    do: str
    expect: str


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


class PlanAnswer(Struct, frozen=True, kw_only=True):
    """Answer to the plan turn."""

    objective: str
    success_criteria: tuple[str, ...]
    items: tuple[ItemAnswer, ...]
    parallel: tuple[str, ...]
    human_checkpoints: tuple[str, ...]
    risks: tuple[str, ...]


ANSWERS: dict[m.Purpose, type[Struct]] = {
    m.Purpose.BRIEF: BriefAnswer,
    m.Purpose.CONTRACTS: ContractsAnswer,
    m.Purpose.PLAN: PlanAnswer,
    m.Purpose.ITEM: WorkAnswer,
    m.Purpose.FIX: WorkAnswer,
}
"""Which turns are asked for a structured answer."""


def contracts(message: str) -> tuple[tuple[m.Contract, ...], tuple[str, ...], tuple[str, ...]]:
    """Contracts, parallel work and risks in `message`; none, and a risk that says so, when it is no
    answer.
    """
    try:
        said = json.decode(message, type=ContractsAnswer)
    except UNREADABLE as error:
        return (), (), (f"The lead named no contracts in the form asked for: {text.line(str(error))}",)
    found = tuple(
        m.Contract(
            name=text.line(one.name),
            producer=text.line(one.producer),
            consumers=lines(one.consumers),
            shape=text.block(one.shape),
        )
        for one in said.contracts
    )
    return found, lines(said.parallel), lines(said.risks)


def plan(message: str, run: m.Run, agents: dict[str, m.Agent]) -> Plan:
    """The plan in `message`, with the rows of Child Context from briefs and git.

    Raises PlanError; its message has one line for each thing to mend.
    """
    try:
        said = json.decode(message, type=PlanAnswer)
    except UNREADABLE as error:
        raise PlanError(f"the answer is not the JSON asked for: {error}") from None
    found = normal(
        Plan(
            objective=said.objective,
            success_criteria=said.success_criteria,
            children=tuple(context(name, run, agents) for name in run.children),
            items=tuple(map(_item, said.items)),
            parallel=(*said.parallel, *_contract_lines(run)),
            human_checkpoints=said.human_checkpoints,
            risks=(*said.risks, *run.risks),
        )
    )
    if wrong := problems(found, frozenset(run.children)):
        raise PlanError("\n".join(wrong))
    return found


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
        human=Human(do=said.human.do, expect=said.human.expect) if said.human else None,
    )


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


def _contract_lines(run: m.Run) -> tuple[str, ...]:
    return tuple(
        f"Contract {one.name}: {one.producer} → {', '.join(one.consumers)}. {one.shape}"
        for one in run.contracts
    )
