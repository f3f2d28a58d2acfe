"""A hundred times several people answer one checkpoint at the same moment: one wins, the others are told who it was."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import getpass
import json
import struct
import termios
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec
import pytest
from msgspec import Struct

from tests.codex.live import Client as Codex
from tests.controller.conftest import SCENARIOS
from tests.controller.test_checkpoints import told
from tests.e2e.project import Json, Project
from tests.waiting import auntil, until
from tmuxorch.cli.client import Client, connect
from tmuxorch.core.decide.checkpoints import CODEX
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer
from tmuxorch.errors import Refused

TASKS, TYPED, APPROVALS, THERE = 20, 4, 46, 30
"""A hundred races: of five for a human task, of two commands and somebody at the API for another, of two for an
approval, and of somebody with a client of Codex's own for another."""

TOO_LATE_HERE, TOO_LATE_THERE = 0, 3
"""Of every four races with Codex's own client, those in which one answer was taken before the other was given."""

SEATS = ("inbox", "popup", "menu", "another window", "phone")

HUMAN = {"do": "Decide.", "expect": "go or no-go.", "kind": "go-no-go", "secret": False}
ITEM: Json = {"depends": [], "contract": "", "instructions": "", "requests": [], "risk": "", "human": None}
PLAN: Json = {"objective": "(scripted) races", "success_criteria": [], "contracts": [], "parallel": []}
TELL = {"do": "message", "text": "told: <<told>>", "if_output": r"(?P<told>[\s\S]*)"}


def script() -> Json:
    """A plan of human tasks that all wait at once, and an item whose commands all wait for an approval at once."""
    work: Json = {"id": "wires", "title": "wires", "owner": "app", "scope": ["."], "verification": ["true"]}
    decision = {"owner": "orchestrator", "scope": [], "verification": [], "human": HUMAN}
    tasks = [{"id": f"{n}", "title": f"race {n}", **decision} for n in range(1, TASKS + TYPED + 1)]
    items = [ITEM | item for item in (work, *tasks)]
    commands = [
        {"do": "command", "cmd": f"echo ran >> wire-{n}", "escalate": True, "justification": "must"}
        for n in range(APPROVALS + THERE)
    ]
    plan = {"do": "json", "value": PLAN | {"items": items, "human_checkpoints": [], "risks": []}}
    return {
        "rules": [
            {"match": r"^# tmuxorch: plan[\s\S]*?lab: races", "steps": [[plan]]},
            {"match": r"is yours: wires\n", "steps": [commands, [TELL]]},
        ]
    }


@pytest.fixture(scope="module")
def lab(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a hundred open checkpoints."""
    place = tmp_path_factory.mktemp("r")
    (place / "races.yaml").write_bytes(msgspec.yaml.encode(script()))
    with ModelServer(scenario.load([place / "races.yaml", SCENARIOS]), lambda line: None) as model:
        project = Project(place / "p", model.base_url, "gates: {dirty: proceed}\n", ("app",))
        project.run("up")
        project.call("run", problem="lab: races", yes=True, children=["app"])
        until(lambda: len(project.call("checkpoints")) == 100, 60, "a hundred checkpoints")
        try:
            yield project
        finally:
            project.run("down", "--kill-agents", status=None)


@contextlib.contextmanager
def seats(lab: Project) -> Iterator[list[Client]]:
    """Connections to the controller; at each sits somebody who answers from a place of SEATS."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connect(lab.paths)) for _ in SEATS]


class Sent:
    """An answer that somebody has sent."""

    def __init__(self, client: Client, card: Json, choice: str, via: str) -> None:
        self.choice, self.via = choice, via
        self.by = f"{getpass.getuser()} ({via})"
        self._client = client
        words = {"id": card["id"], "choice": choice, "digest": card["digest"], "via": via}
        self._number = client.send("answer", words)

    @cached_property
    def refusal(self) -> str:
        """Why it was refused; empty when it won."""
        while not self._client.answered(self._number):
            self._client.pump()
        try:
            self._client.taken(self._number)
        except Refused as refused:
            return refused.message
        return ""


class Typed:
    """`tmuxorch answer`, which has read the first letters of its answer from stdin and waits for the last."""

    def __init__(self, lab: Project, card: Json, choice: str) -> None:
        self.choice, self.by = choice, f"{getpass.getuser()} (command line)"
        self._process = lab.start("answer", card["id"], "-", "--json", stdin="")
        assert self._process.stdin is not None
        self._pipe = self._process.stdin
        self._pipe.write(choice[:-1])
        self._pipe.flush()

    def has_read(self) -> bool:
        return struct.unpack("i", fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4))) == (0,)

    def enter(self) -> None:
        self._pipe.write(self.choice[-1])
        self._pipe.close()
        self._process.stdin = None

    @cached_property
    def refusal(self) -> str:
        """Why it was refused; empty when it won."""
        out, _ = self._process.communicate(timeout=30)
        if self._process.returncode == 0:
            return ""
        assert self._process.returncode == 3
        return str(json.loads(out)["error"]["message"])


def shown(lab: Project, ids: Iterable[str]) -> list[Json]:
    """Those checkpoints, whole, as somebody else sees them."""
    with connect(lab.paths) as client:
        numbers = [client.send("show", {"id": one}) for one in ids]
        while not all(map(client.answered, numbers)):
            client.pump()
        return [client.taken(number) for number in numbers]


def is_closed(lab: Project, name: str) -> bool:
    """Whether it is, as the controller knows."""
    return bool(shown(lab, [name])[0]["state"] == "closed")


def waiting(lab: Project, kind: str, count: int) -> list[Json]:
    """The cards of the next open checkpoints of that kind."""
    return shown(lab, [one["id"] for one in lab.call("checkpoints") if one["kind"] == kind][:count])


def output(lab: Project, card: Json) -> str:
    """What the command of an approval has left; nothing if it has not run."""
    file = lab.repos["app"] / card["body"].partition(">> ")[2].partition("'")[0]
    return file.read_text() if file.exists() else ""


class Decision(Struct, frozen=True):
    """What a checkpoint came to."""

    choice: str
    by: str


def assert_decided(lab: Project, decisions: dict[str, Decision]) -> None:
    """Each was answered once, in that way, and everybody can see so."""
    for card in shown(lab, decisions):
        assert card["state"] == "closed"
        assert Decision(card["answer"]["choice"], card["answered_by"]) == decisions[card["id"]]
    recorded = [event for event in lab.events("checkpoint_answered") if event["id"] in decisions]
    assert sorted(event["id"] for event in recorded) == sorted(decisions)
    for event in recorded:
        assert Decision(event["answer"]["choice"], event["by"]) == decisions[event["id"]]
    assert {lab.ends()[name] for name in decisions} == {1}


def won(card: Json, answers: list[Sent | Typed]) -> Sent | Typed:
    """The one that was not refused; all others were told whose it is."""
    (found,) = (one for one in answers if not one.refusal)
    refusals = {one.refusal for one in answers if one is not found}
    assert refusals == {f"{card['id']} was answered already, by {found.by}"}
    return found


def _of_several_answers_one_wins(
    lab: Project, kind: str, races: int, people: int, choices: tuple[str, str]
) -> None:
    def race(clients: list[Client], card: Json, number: int) -> list[Typed | Sent]:
        places = [(number + place) % len(SEATS) for place in range(people)]
        return [
            Sent(clients[place], card, choices[(number + turn) % 2], SEATS[place])
            for turn, place in enumerate(places)
        ]

    decisions: dict[str, Decision] = {}
    cards = waiting(lab, kind, races)
    with seats(lab) as clients:
        sent = [race(clients, card, number) for number, card in enumerate(cards)]
        for card, answers in zip(cards, sent, strict=True):
            first = won(card, answers)
            decisions[card["id"]] = Decision(first.choice, first.by)
    assert_decided(lab, decisions)
    # Who wins is left to chance, and may be the same person each time; what wins is not, as each gives both answers.
    assert len({one.choice for one in decisions.values()}) > 1
    if kind == "approval":
        ran = {card["id"]: "ran\n" * (decisions[card["id"]].choice == "accept") for card in cards}
        until(
            lambda: {card["id"]: output(lab, card) for card in cards} == ran, what="the ends of the commands"
        )


def _two_commands_and_somebody_at_the_api(lab: Project) -> None:
    cards = waiting(lab, "human", TYPED)
    typed = [[Typed(lab, card, choice) for choice in ("go", "no-go")] for card in cards]
    until(
        lambda: all(one.has_read() for pair in typed for one in pair),
        timeout=60,
        what="all commands at their stdin",
    )
    with contextlib.ExitStack() as stack:
        called = []
        for card, pair in zip(cards, typed, strict=True):
            for one in pair:
                one.enter()
            called.append(Sent(stack.enter_context(connect(lab.paths)), card, "no-go", "popup"))
        winners = [won(card, [*pair, sent]) for card, pair, sent in zip(cards, typed, called, strict=True)]
    assert_decided(
        lab, {card["id"]: Decision(one.choice, one.by) for card, one in zip(cards, winners, strict=True)}
    )


async def _codexs_own_client(lab: Project) -> None:
    """Somebody accepts there, somebody declines here: too late here, at the same moment, or too late there. Which one
    of two answers that were on their way at once it took, Codex does not say.
    """
    cards = waiting(lab, "approval", THERE)
    codex = await Codex().connect(lab.paths.app_socket("app"))
    await codex.resume(lab.call("status")["children"][0]["thread"])
    await codex.request(THERE)
    asked = {f"$ {codex.params(one)['command']}": one for one in codex.requests}
    here: list[Sent] = []
    with seats(lab) as clients:
        for number, card in enumerate(cards):
            request = asked[card["body"].partition("\n")[0]]
            if first_there := number % 4 < 2:
                await codex.answer(request, "accept")
            if number % 4 == TOO_LATE_HERE:
                await auntil(lambda id=card["id"]: is_closed(lab, id), what="the end there")  # type: ignore[misc]
            here.append(Sent(clients[0], card, "decline", SEATS[0]))
            if number % 4 == TOO_LATE_THERE:
                assert await asyncio.to_thread(lambda: here[-1].refusal) == ""
            if not first_there:
                await codex.answer(request, "accept")
        await asyncio.to_thread(lambda: [one.refusal for one in here])
    await codex.link.close()
    assert told(lab, "R1").count("exited with code 0") >= THERE // 3

    decisions, there = dict[str, Decision](), list[str]()
    for number, (card, sent) in enumerate(zip(cards, here, strict=True)):
        if sent.refusal:
            assert number % 4 != TOO_LATE_THERE
            assert sent.refusal == f"{card['id']} was answered already, by {CODEX}"
            assert output(lab, card) == "ran\n"
            there.append(card["id"])
        else:
            assert number % 4 != TOO_LATE_HERE
            assert number % 4 != TOO_LATE_THERE or not output(lab, card)
            decisions[card["id"]] = Decision(sent.choice, sent.by)
    assert_decided(lab, decisions)
    assert {(one["state"], one["answered_by"]) for one in shown(lab, there)} == {("closed", CODEX)}
    assert {lab.ends()[name] for name in there} == {1}


def test_of_answers_at_the_same_moment_one_wins_and_the_others_are_told_who(lab: Project) -> None:
    """All in one run, which ends only when everything that it asks for is answered."""
    _of_several_answers_one_wins(lab, "human", TASKS, 5, ("go", "no-go"))
    _of_several_answers_one_wins(lab, "approval", APPROVALS, 2, ("accept", "decline"))
    _two_commands_and_somebody_at_the_api(lab)
    asyncio.run(_codexs_own_client(lab))
