"""Who is at the other end of the socket: people, agents however they cut themselves loose, programs that lead."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.host.hosting import HostDir
from tests.tmuxfixture import end_servers, run_tmux
from tests.waiting import until
from tmuxorch.controller import peers
from tmuxorch.controller.api.context import METHODS, May, check
from tmuxorch.controller.api.server import HANDLERS
from tmuxorch.controller.who import UNKNOWN, Caller, Who
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import Refused
from tmuxorch.host import tree

ASK = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1)"
"""Connects, and waits until it is hung up on."""

HURRY = ASK.replace("s.recv(1)", "s.close()")

LOOSE = "import os\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"
"""What daemons begin with."""

CLOSING = "import subprocess, sys; subprocess.run(sys.argv[1:])"
"""Runs a command that inherits no open file, and so no lease."""

HAND_ON = """
import array, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
to = socket.socket(socket.AF_UNIX); to.connect(sys.argv[2])
to.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])
to.recv(1)
"""

PROGRAM = """
import json, socket, subprocess, sys
started = []
for line in sys.stdin:
    argv, kind = json.loads(line)
    ours, its = socket.socketpair()
    stdin = {"socket": its, "pipe": subprocess.PIPE, "null": subprocess.DEVNULL}[kind]
    started.append((ours, subprocess.Popen(argv, stdin=stdin)))
    its.close()
for _, one in started:
    one.kill()
    one.wait()
"""
"""Starts what it is told to, with such a stdin."""


class Door:
    """A socket at which callers are told apart as at the controller's; `hosts` are those of agents."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hosts: list[tuple[str, Path]] = []
        self.servers: list[tuple[str, tree.Process]] = []
        self.who = Who(lambda: self.hosts, lambda: self.servers)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(20)
        self._open: list[socket.socket] = []
        self.chain: list[int] = []
        """Of whoever came last."""

    def meets(self) -> socket.socket:
        """Takes the next who connects."""
        connection, _ = self._listener.accept()
        self._open.append(connection)
        pid, _ = peers.peer(connection)
        self.chain = peers.chain(connection, pid)
        self.who.meets(connection, self.chain)
        return connection

    def caller(self) -> Caller:
        """Who connects next."""
        return self.asks(self.meets())

    def asks(self, connection: socket.socket) -> Caller:
        """Who is at that connection, if that came last."""
        return self.who.asks(peers.peer(connection)[0], self.chain, connection)

    def asking(self, code: str = ASK) -> list[str]:
        """The command that connects."""
        return [sys.executable, "-SIE", "-c", code, str(self.path)]

    def close(self) -> None:
        for one in (*self._open, self._listener):
            one.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with contextlib.closing(Door(tmp_path / "s")) as door:
        yield door


@pytest.fixture
def agent(tmp_path: Path, door: Door) -> Iterator[HostDir]:
    """The host directory of W7."""
    agent = HostDir(tmp_path)
    door.hosts = [("W7", agent.path)]
    yield agent
    door.close()
    agent.clear_away()


def test_somebody_else_is_a_person(door: Door) -> None:
    with subprocess.Popen(door.asking()) as person:
        caller = door.caller()
        assert (caller.pid, caller.agent, caller.leads) == (person.pid, "", False)
        assert door.chain[:2] == [person.pid, os.getpid()]
        door.close()


def test_one_who_is_gone_before_it_is_met_is_taken_for_an_agent(door: Door) -> None:
    subprocess.run(door.asking(HURRY), check=True)
    assert door.caller().agent == UNKNOWN
    assert door.chain == []


@pytest.mark.parametrize(
    "script",
    [
        "exec {}",
        "{closing} {}",
        "setsid -f {closing} {}; sleep 60",
        "{daemon}; sleep 60",
        "({} &) ; sleep 60",
    ],
)
def test_an_agent_stays_one_however_it_cuts_itself_loose(door: Door, agent: HostDir, script: str) -> None:
    daemon = shlex.join(door.asking(LOOSE + ASK))
    closing = shlex.join([sys.executable, "-SIE", "-c", CLOSING])
    agent.shell(script.format(shlex.join(door.asking()), daemon=daemon, closing=closing))
    agent.start()
    caller = door.caller()
    assert (caller.agent, caller.leads) == ("W7", False)
    assert peers.agent_among(door.chain, door.hosts) == "W7", (
        "by its ancestry alone, as where no lease can be seen"
    )


def test_an_agent_whose_host_it_killed_is_known_by_its_lease(door: Door, agent: HostDir) -> None:
    wait = f"while [ ! -e go ]; do sleep 0.02; done; exec {shlex.join(door.asking())}"
    agent.shell(f"setsid -f sh -c {shlex.quote(f'echo $$ > loose; {wait}')}; sleep 60")
    host = agent.start()
    loose = agent.pid_in("loose")
    until(lambda: peers.ancestry(loose)[1:2] == [host.pid], what="its parent is the host")
    host.kill()
    host.wait()
    (agent.work / "go").touch()
    caller = door.caller()
    assert host.pid not in door.chain
    assert (caller.pid, caller.agent) == (loose, "W7")


def test_a_connection_stays_the_agents_when_it_is_handed_on_and_the_agent_ends(
    door: Door, agent: HostDir, tmp_path: Path
) -> None:
    with contextlib.closing(Door(tmp_path / "h")) as friend:
        agent.spec(*door.asking(HAND_ON), str(friend.path))
        agent.start()
        connection = door.meets()
        taking = friend.meets()
        _, (fd,), _, _ = socket.recv_fds(taking, 1, 1)
        taking.close()
    agent.end()
    door.hosts = []
    assert door.asks(connection).agent == "W7"
    door.who.gone(connection)
    assert door.asks(connection).agent == "", "nothing is kept of whoever hung up"
    os.close(fd)


def test_a_server_that_is_not_ours_is_the_agent_with_all_that_it_starts(door: Door) -> None:
    shell = ["sh", "-c", f"{shlex.join(door.asking())}; true"]
    with subprocess.Popen(shell) as server:
        process = tree.find(server.pid)
        assert process
        door.servers = [("far", process)]
        assert (door.caller().agent, door.chain[1]) == ("far", server.pid)
        door.close()


@pytest.mark.parametrize("kind", ["pipe", "socket"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_program_leads_with_all_that_it_starts_while_our_mcp_server_is_connected(
    door: Door, kind: str, wrapped: bool
) -> None:
    program = [sys.executable, "-SIE", "-c", PROGRAM]
    shell = ["sh", "-c", f"{shlex.join(door.asking())}; true"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, text=True, bufsize=1) as running:
        assert running.stdin
        running.stdin.write(json.dumps([shell if wrapped else door.asking(), kind]) + "\n")
        server = door.meets()
        assert peers.client(door.chain) == running.pid
        door.who.leads(server, door.chain, "a client")
        assert (door.asks(server).agent, door.asks(server).leads) == ("a client (mcp)", True)
        running.stdin.write(json.dumps([shell, "null"]) + "\n")
        command = door.meets()
        assert (door.asks(command).agent, door.asks(command).leads) == ("a client (mcp)", True)
        door.who.gone(server)
        assert door.asks(command).agent == "a client (mcp)", "one who was met as its command stays that"
        running.stdin.write(json.dumps([shell, "null"]) + "\n")
        assert door.caller().agent == ""
        running.stdin.write(json.dumps([door.asking(), "null"]) + "\n")
        door.who.leads(door.meets(), door.chain, "nobody's")
        assert peers.client(door.chain) == 0, "who has no client on its stdin speaks for itself alone"


def test_neither_an_agent_nor_tmux_leads_by_saying_so(door: Door, agent: HostDir) -> None:
    agent.shell(f"{shlex.join(door.asking())} & {shlex.join(door.asking())} & wait")
    agent.start()
    for _ in range(2):
        one = door.meets()
        door.who.leads(one, door.chain, LEAD)
        assert (door.asks(one).agent, door.asks(one).leads) == ("W7", False)
    run_tmux("-f", "/dev/null", "new-session", "-d", "cat")
    run_tmux("run-shell", "-b", f"exec {shlex.join(door.asking())}")
    door.who.leads(door.meets(), door.chain, "tmux")
    run_tmux("run-shell", "-b", f"cat | {shlex.join(door.asking())}")
    door.who.leads(door.meets(), door.chain, "a pipe in tmux")
    run_tmux("new-window", shlex.join(door.asking()))
    assert door.caller().agent == "", "people in tmux stay people"
    door.close()
    end_servers()


@settings(max_examples=40)
@given(st.text() | st.sampled_from([LEAD, "W7", "\x00", "\u202e", "#(id)", " ", "x" * 500, "a\nb"]))
def test_what_a_program_calls_itself_is_no_agents_name_and_harmless(name: str) -> None:
    who = Who(lambda: [], lambda: [])
    who.leads("c", [], name)
    caller = who.asks(1, [1], "c")
    assert caller.leads
    assert caller.agent.endswith(" (mcp)")
    assert text.is_line(caller.agent)
    assert len(caller.agent) <= 46
    assert who.asks(1, [1], "another").agent == ""


MAY = {
    May.ANYBODY: "answer briefs checkpoints finished news next pattern patterns plan plan_answer prompt report result "
    "runs show standing status turn wait wait_run",
    May.LEADS: "ask ask_human cancel child_add child_restart child_start child_stop exec interrupt pattern_run "
    "propose_plan report_run rerun resume revise_plan run start_items steer stop up",
    May.PEOPLE: "child_rm down edit_plan lead_close lead_open mute prune resume_now tui unmute",
}
"""`answer` is not refused before it is on record; that only people are heard is tested by the real thing."""


def test_each_method_says_who_may_call_it() -> None:
    assert HANDLERS
    found = {may: {name for name, (_, one, _) in METHODS.items() if one is may} for may in May}
    assert found == {may: set(names.split()) for may, names in MAY.items()}


@pytest.mark.parametrize("name", METHODS)
def test_workers_look_leads_work_and_people_decide(name: str) -> None:
    may = METHODS[name][1]
    callers = [Caller(pid=1, agent=""), Caller(pid=1, agent=LEAD, leads=True), Caller(pid=1, agent="W7")]

    def is_let(caller: Caller) -> bool:
        with contextlib.suppress(Refused):
            check(caller, name, may)
            return True
        return False

    wanted = {May.ANYBODY: 3, May.LEADS: 2, May.PEOPLE: 1}[may]
    assert [is_let(caller) for caller in callers] == [True] * wanted + [False] * (3 - wanted)
