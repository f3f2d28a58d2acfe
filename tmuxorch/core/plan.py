"""The plan: what is to be done, by whom, in which order, and how it is proved.

A plan is a value. Statuses of its items belong to the run (model.ItemState) and are laid over it for
rendering.
Every text is in a normal form of `text.py`, so `parse(render(plan)) == plan` can hold. What makes a plan one that can
be executed is in plan_rules, how two plans differ in plan_changes.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import text

LEAD = "orchestrator"
"""Owner of what is not a child's work: human tasks and the lead's own."""


class ItemStatus(StrEnum):
    """Where a plan item stands; the words of the command line contract."""

    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


class HumanKind(StrEnum):
    """What sort of thing only a human can do or decide."""

    DEVICE = "device"
    UX = "ux"
    CREDENTIALS = "credentials"
    GO_NO_GO = "go-no-go"
    DECISION = "decision"


class Human(Struct, frozen=True, kw_only=True):
    """What a person has to do, and what is expected back. A `secret` answer is passed on and never kept."""

    do: str
    expect: str
    kind: HumanKind = HumanKind.DECISION
    secret: bool = False


class ContractStatus(StrEnum):
    """Where a contract stands: as planned, approved, being made, proved by its items' checks, or changed
    since its users were told of it.
    """

    PROPOSED = "proposed"
    AGREED = "agreed"
    CHANGING = "changing"
    KEPT = "kept"
    CHANGED = "changed"


class Contract(Struct, frozen=True, kw_only=True):
    """An interface between repos. `paths` are the files of the producer's repo in which it is written down."""

    name: str
    producer: str
    consumers: tuple[str, ...]
    shape: str
    paths: tuple[str, ...] = ()
    status: ContractStatus = ContractStatus.PROPOSED


class PlanItem(Struct, frozen=True, kw_only=True):
    """One row of the Working Plan. `verification` are shell commands, run in the owner's repo.

    An item with a `contract` changes it when its owner is the contract's producer, and uses it otherwise.
    `requests` names what the kickoff asked for and this item gives (model.Request).
    """

    id: str
    title: str
    owner: str
    depends: tuple[str, ...] = ()
    status: ItemStatus = ItemStatus.PENDING
    verification: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    contract: str = ""
    instructions: str = ""
    risk: str = ""
    human: Human | None = None
    requests: tuple[str, ...] = ()


class ChildContext(Struct, frozen=True, kw_only=True):
    """One row of the Child Context table."""

    child: str
    role: str = ""
    current_state: str = ""
    key_docs: str = ""
    releases: str = ""


class Plan(Struct, frozen=True, kw_only=True):
    """The whole plan, in the order of upstream's plan.md."""

    objective: str = ""
    success_criteria: tuple[str, ...] = ()
    children: tuple[ChildContext, ...] = ()
    items: tuple[PlanItem, ...] = ()
    parallel: tuple[str, ...] = ()
    contracts: tuple[Contract, ...] = ()
    human_checkpoints: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()

    def item(self, item_id: str) -> PlanItem | None:
        """The item of that id, if there is one."""
        return next((item for item in self.items if item.id == item_id), None)

    def contract(self, name: str) -> Contract | None:
        """The contract of that name, if there is one."""
        return next((one for one in self.contracts if one.name == name), None)

    def changes(self, item: PlanItem) -> bool:
        """Whether `item` makes or changes its contract, rather than uses it."""
        contract = self.contract(item.contract)
        return contract is not None and contract.producer == item.owner

    def needs(self, item: PlanItem) -> tuple[str, ...]:
        """Ids that must be settled before `item` begins: its dependencies, and of the contract that it uses
        every item that changes it.
        """
        if not item.contract or self.contract(item.contract) is None or self.changes(item):
            return item.depends
        return tuple(dict.fromkeys((*item.depends, *self._makers().get(item.contract, ()))))

    def all_needs(self) -> dict[str, tuple[str, ...]]:
        """`needs` of every item, by its id: as dear as that of one."""
        makers = self._makers()
        made = {item for ids in makers.values() for item in ids}
        return {
            item.id: item.depends
            if item.id in made
            else tuple(dict.fromkeys((*item.depends, *makers.get(item.contract, ()))))
            for item in self.items
        }

    def _makers(self) -> dict[str, list[str]]:
        """The items that make or change each contract."""
        producers = {contract.name: contract.producer for contract in self.contracts}
        makers: dict[str, list[str]] = {}
        for item in self.items:
            if item.contract and producers.get(item.contract) == item.owner:
                makers.setdefault(item.contract, []).append(item.id)
        return makers


def normal(plan: Plan) -> Plan:
    """`plan` with every text in its normal form; empty bullets, references and commands are dropped."""
    lines = _lines
    return Plan(
        objective=text.block(plan.objective),
        success_criteria=lines(plan.success_criteria),
        children=tuple(
            ChildContext(
                child=text.line(row.child),
                role=text.line(row.role),
                current_state=text.line(row.current_state),
                key_docs=text.line(row.key_docs),
                releases=text.line(row.releases),
            )
            for row in plan.children
        ),
        items=tuple(_normal_item(item) for item in plan.items),
        parallel=lines(plan.parallel),
        contracts=tuple(map(_normal_contract, plan.contracts)),
        human_checkpoints=lines(plan.human_checkpoints),
        risks=lines(plan.risks),
    )


def _lines(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in map(text.line, values) if value)


def _normal_contract(contract: Contract) -> Contract:
    return Contract(
        name=text.line(contract.name),
        producer=text.line(contract.producer),
        consumers=_lines(contract.consumers),
        shape=text.block(contract.shape),
        paths=_lines(contract.paths),
        status=contract.status,
    )


def _normal_item(item: PlanItem) -> PlanItem:
    human = item.human and replace(
        item.human, do=text.block(item.human.do), expect=text.block(item.human.expect)
    )
    return PlanItem(
        id=text.line(item.id),
        title=text.line(item.title),
        owner=text.line(item.owner),
        depends=_lines(item.depends),
        status=item.status,
        verification=_lines(item.verification),
        scope=_lines(item.scope),
        contract=text.line(item.contract),
        instructions=text.block(item.instructions),
        risk=text.line(item.risk),
        human=human,
        requests=_lines(item.requests),
    )


def bare(item: PlanItem) -> PlanItem:
    """`item` without how far it is."""
    return replace(item, status=ItemStatus.PENDING)


def without_status(plan: Plan) -> Plan:
    """`plan` without how far its items and contracts are: what it wants, and nothing else."""
    contracts = (replace(contract, status=ContractStatus.PROPOSED) for contract in plan.contracts)
    return replace(plan, items=tuple(map(bare, plan.items)), contracts=tuple(contracts))


def dependents(plan: Plan, *items: str) -> tuple[str, ...]:
    """Ids of all other items that wait, directly or not, for any of `items`, in plan order."""
    needs, reached = plan.all_needs(), set(items)
    grown = True
    while grown:
        more = {item for item in needs if item not in reached and not reached.isdisjoint(needs[item])}
        reached |= more
        grown = bool(more)
    return tuple(item for item in needs if item in reached and item not in items)
