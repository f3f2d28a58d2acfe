"""A project as a user has it: sample repos, the real Codex on the scripted model, the real tmux, the real command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.demo import codex_home, sample_repos
from tmuxorch.demo.stories import ONBOARDING, Story
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.reading import Cursor

Json = dict[str, Any]

TEST = "python3 -m unittest -q"
PROBLEM = "the app shows 'device registration timed out' although the device comes online"

OURS = """\
codex: {{home: codex-home}}
tmux: {{socket_name: {socket}}}
"""

QUIET = "windows: {views: [controller]}\n"


class Project:
    """The project in `directory`, asking the model at `base_url`; it keeps the environment in which it was made.

    It has the story's repos and configuration, or empty repos of the names in `children`. Without `screens` it has no
    windows `overview` and `checkpoints`: drawing them takes time from everything else, and few tests look at them.
    """

    def __init__(
        self,
        directory: Path,
        base_url: str,
        extra: str = "",
        children: Sequence[str] = (),
        story: Story = ONBOARDING,
        screens: bool = False,
    ) -> None:
        self.directory = directory
        self.environ = dict(os.environ)
        directory.mkdir(parents=True)
        place = directory / "repos"
        self.repos = {name: _repo(place / name) for name in children} or sample_repos.create(place, story)
        codex_home.make(directory / "codex-home", base_url)
        self.socket = f"t{uuid.uuid4().hex[:8]}"
        lines = "".join(f"  - {{name: {name}, path: repos/{name}}}\n" for name in children)
        given = f"children:\n{lines}" if children else story.config
        self.config = directory / "orchestrator.config.yaml"
        quiet = "" if screens or "windows:" in given + extra else QUIET
        self.config.write_text(given + OURS.format(socket=self.socket) + quiet + extra)
        self.paths = ProjectPaths(directory, self.environ)
        self._cursor = Cursor(self.paths.journal)  # what was read once is not read again while a test waits
        self._events: list[Json] = []

    # -- the command

    def run(
        self,
        *words: str,
        status: int | None = 0,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> str:
        """What `tmuxorch WORDS` prints; the test fails on another exit status (None: any)."""
        done = self.start(*words, env=env, stdin=stdin)
        out, err = done.communicate(stdin, timeout=120)
        assert status is None or done.returncode == status, f"{words}: {done.returncode}\n{out}\n{err}"
        return out

    def start(
        self, *words: str, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.Popen[str]:
        """`tmuxorch WORDS`, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "tmuxorch", "-C", str(self.directory), *words],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environ, **(env or {})},
        )

    def ask(self, *words: str, status: int | None = 0, env: Mapping[str, str] | None = None) -> Any:
        """What `tmuxorch WORDS --json` says."""
        return json.loads(self.run(*words, "--json", status=status, env=env))

    def call(self, method: str, **params: object) -> Any:
        """What the controller's API says to one request."""
        with connect(self.paths) as client:
            return client.call(method, params)

    # -- what happens

    def next(self, kind: str = "", timeout: int = 60) -> Json:
        """The next checkpoint, which has to be of that kind."""
        found: Json = self.ask("next", "--timeout", str(timeout))
        assert kind in ("", found["kind"]), found
        return found

    def answer(self, checkpoint: Json) -> None:
        """Answers as the story expects."""
        name = checkpoint["id"]
        match checkpoint["kind"]:
            case "human":
                self.run("answer", name, "online within 5 s: yes")
            case "question":
                self.run("answer", name, "retry_policy=Backoff with jitter")
            case "failure":
                self.run("answer", name, "retry")
            case _:
                self.run("approve", name)

    def play(self, run: str = "R1", kinds: list[str] | None = None) -> list[str]:
        """Answers until the run has ended; the kinds of what was asked, in order."""
        asked = kinds if kinds is not None else []

        def ended() -> bool:
            # The command is started only when it has something to say.
            waiting = self.call("checkpoints") and self.ask("checkpoints")
            for checkpoint in waiting:
                asked.append(checkpoint["kind"])
                self.answer(checkpoint)
            return self.has_ended(run)

        until(ended, 120, f"the end of {run}")
        return asked

    def has_ended(self, run: str = "R1") -> bool:
        """Whether the controller says so. It is asked without a process, so that waiting costs nothing."""
        return self._told(run)["ended"] is not None

    def run_object(self, run: str = "R1") -> Json:
        """The public object of a run."""
        return next(one for one in self.ask("runs") if one["id"] == run)

    def runs_md(self) -> str:
        """runs.md with all that has happened until now: by itself the controller writes it a moment later."""
        self.call("runs")
        return self.paths.runs.read_text()

    def phase(self, run: str, phase: str, timeout: float = 60) -> None:
        """Waits until the run is in that phase."""
        until(lambda: self._told(run)["phase"] == phase, timeout, f"phase {phase}")

    def _told(self, run: str) -> Json:
        return next(one for one in self.call("runs") if one["id"] == run)

    # -- what was recorded

    def events(self, kind: str = "") -> list[Json]:
        """The journal's events, of one kind or all."""
        self._events += (json.loads(bytes(record.e)) for record in self._cursor.read())
        return [event for event in self._events if kind in ("", event["type"])]

    def items_done(self) -> Counter[str]:
        """How often each item was recorded as done."""
        moved = self.events("item_moved")
        return Counter(event["item"] for event in moved if event["progress"]["type"] == "done")

    def answers(self) -> Counter[str]:
        """How often each checkpoint was recorded as answered."""
        return Counter(event["id"] for event in self.events("checkpoint_answered"))

    def ends(self) -> Counter[str]:
        """How often each checkpoint was recorded as closed or lapsed."""
        return Counter(
            event["id"]
            for event in self.events()
            if event["type"] in ("checkpoint_closed", "checkpoint_lapsed")
        )

    def frames(self, agent: str) -> Iterator[Json]:
        """What an agent's App Server sent, but for the last moment, in which it is gathered."""
        for line in self.paths.frames(agent).read_bytes().split(b"\n")[:-1]:
            yield json.loads(line)

    # -- violence

    def controller_pid(self) -> int:
        """The process that decides now."""
        return int(self.call("status")["project"]["controller"]["pid"])

    def kill_controller(self) -> None:
        """kill -9."""
        os.kill(self.controller_pid(), signal.SIGKILL)

    def server_pid(self, agent: str) -> int:
        """The App Server process of an agent."""
        hosts = sorted(self.paths.child(agent).glob("server-*"), key=lambda path: int(path.name[7:]))
        return int(json.loads((hosts[-1] / "start.json").read_text())["pid"])

    def tmux(self, *words: str) -> str:
        """What tmux says of our private server."""
        done = subprocess.run(
            ["tmux", "-u", "-L", self.socket, *words],
            capture_output=True,
            text=True,
            check=True,
            env=self.environ,
            timeout=60,
        )
        return done.stdout

    def windows(self) -> list[str]:
        """Names of the windows there are."""
        return self.tmux("list-windows", "-a", "-F", "#{window_name}").split()


def _repo(directory: Path) -> Path:
    """An empty git repo."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(directory)], check=True)
    return directory
