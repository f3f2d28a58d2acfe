"""What only a human can decide."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class CheckpointKind(StrEnum):
    """The words of the command line contract."""

    APPROVAL = "approval"
    QUESTION = "question"
    PERMISSION = "permission"
    ELICITATION = "elicitation"
    PLAN = "plan"
    HUMAN = "human"
    STALL = "stall"
    FAILURE = "failure"


class Choice(Struct, frozen=True):
    """One offered answer."""

    key: str
    label: str


class Field(Struct, frozen=True, kw_only=True):
    """One thing to fill in.

    `type` is string, number, integer or boolean; `options` closes it unless `other`.
    """

    id: str
    label: str
    type: str = "string"
    options: tuple[Choice, ...] = ()
    other: bool = False
    required: bool = True
    secret: bool = False


class Card(Struct, frozen=True, kw_only=True):
    """What a person is shown: exactly what to do, what is expected back, and the whole matter verbatim."""

    kind: CheckpointKind
    title: str
    body: str
    do: str
    expect: str
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()


class Answer(Struct, frozen=True, kw_only=True):
    """What a person answered: a choice's key, free text, values of fields.

    `secrets` names the fields whose value is not here: the controller has it in memory, and nobody stores it.
    """

    choice: str = ""
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


class FromServer(Struct, frozen=True, kw_only=True, tag="server"):
    """A request of Codex, which waits for a reply with this id of this server process."""

    agent: str
    generation: int
    request: int | str
    method: str
    params: str
    turn: str = ""


class FromPlan(Struct, frozen=True, tag="plan"):
    """The gate of a run's plan."""

    run: str


class FromHumanItem(Struct, frozen=True, tag="human"):
    """A human task of the plan."""

    run: str
    item: str


class FromItem(Struct, frozen=True, tag="item"):
    """An item that cannot go on: its check or its turn failed."""

    run: str
    item: str


class FromRun(Struct, frozen=True, tag="run"):
    """A phase that cannot go on: its turn or its checks failed, or the plan stays invalid."""

    run: str
    turn: str = ""


class FromAgent(Struct, frozen=True, tag="agent"):
    """A server that dies again and again."""

    agent: str


class FromPlace(Struct, frozen=True, tag="place"):
    """The repo in which a child is to work is not as it should be."""

    run: str
    child: str


class FromCommit(Struct, frozen=True, tag="commit"):
    """What an item (or without one, the run) changed in a child's repo could not be committed."""

    run: str
    item: str
    child: str


class FromReplan(Struct, frozen=True, tag="replan"):
    """A change of the plan that the lead proposes, the `number`th of the run."""

    run: str
    number: int


class FromPause(Struct, frozen=True, tag="pause"):
    """An account that is refused until a human logs in again."""

    account: str


class FromWorker(Struct, frozen=True, tag="worker"):
    """A worker that is silent."""

    worker: str


class FromLead(Struct, frozen=True, kw_only=True, tag="lead"):
    """What a lead asks a human; while it waits, the checkpoint's `blocks` do not begin in the run."""

    run: str = ""


class FromWake(Struct, frozen=True, tag="wake"):
    """A turn that was to wake the lead has failed."""

    turn: str


Origin = (
    FromServer
    | FromPlan
    | FromHumanItem
    | FromItem
    | FromRun
    | FromPlace
    | FromCommit
    | FromReplan
    | FromPause
    | FromAgent
    | FromWorker
    | FromLead
    | FromWake
)


class Open(Struct, frozen=True, tag="open"):
    """Nobody has answered."""


class Answered(Struct, frozen=True, tag="answered"):
    """Answered here; the answer has not had its effect yet."""

    at: float
    by: str
    answer: Answer


class Closed(Struct, frozen=True, tag="closed"):
    """The answer had its effect. Answered elsewhere (Codex's own TUI) leaves `answer` empty."""

    at: float
    by: str
    answer: Answer


class Lapsed(Struct, frozen=True, tag="lapsed"):
    """What it asked for is gone."""

    at: float
    reason: str


CheckpointState = Open | Answered | Closed | Lapsed


class Attempt(Struct, frozen=True, kw_only=True):
    """That an agent tried to answer: `how`. `refused`: the controller was asked, and refused; else its command was
    seen."""

    at: float
    by: str
    how: str
    refused: bool = False


class Checkpoint(Struct, frozen=True, kw_only=True):
    """Something only a human can decide. `digest` fingerprints the card as it was shown; `attempts` are those of agents
    to decide it themselves.
    """

    id: str
    source: str
    item: str
    origin: Origin
    card: Card
    digest: str
    blocks: tuple[str, ...]
    opened: float
    state: CheckpointState = Open()
    attempts: tuple[Attempt, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether an answer is still possible."""
        return isinstance(self.state, Open)
