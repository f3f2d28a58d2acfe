"""A project has one controller: an older one is replaced, a second one refused, and anybody may end it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading

from tests.controller.conftest import Make
from tests.e2e.project import Project
from tmuxorch.cli.client import dial
from tmuxorch.errors import ControllerUnavailable
from tmuxorch.store.lock import holder


def test_a_project_has_one_controller(make_lab: Make) -> None:
    lab = make_lab()
    _an_older_one_is_replaced(lab)
    _a_second_one_is_refused_and_the_first_goes_on(lab)
    _down_needs_no_greeting(lab)


def _an_older_one_is_replaced(lab: Project) -> None:
    """A server that speaks version 0 of the API stands for it."""
    lab.paths.ensure()
    path = lab.paths.bind_socket()
    heard: list[str] = []

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    request = json.loads(line)
                    heard.append(request["method"])
                    if request["method"] == "down":
                        path.unlink()
                        listener.close()
                        return
                    data = {"code": "refused", "message": "this controller speaks version 0", "hint": ""}
                    reply = {"id": request["id"], "error": {"code": -32000, "message": "", "data": data}}
                    connection.sendall(json.dumps(reply).encode() + b"\n")

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        old = threading.Thread(target=serve)
        old.start()
        lab.run("up")
        old.join(timeout=20)
    assert (set(heard[:-1]), heard[-1]) == ({"hello"}, "down")
    assert lab.call("status")["children"][0]["state"] == "idle"


def _a_second_one_is_refused_and_the_first_goes_on(lab: Project) -> None:
    first = lab.controller_pid()
    second = subprocess.run(
        [sys.executable, "-m", "tmuxorch.controller", "--project", str(lab.directory)],
        env=lab.environ,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 3
    assert f"process {first} is this project's controller already" in lab.paths.controller_log.read_text()
    assert (lab.controller_pid(), holder(lab.paths.controller_lock)) == (first, first)


def _down_needs_no_greeting(lab: Project) -> None:
    with dial(lab.paths) as client:
        client.call("down", {"kill_agents": False})
        with contextlib.suppress(ControllerUnavailable):
            while True:
                client.pump()
    assert not lab.paths.socket.exists()
