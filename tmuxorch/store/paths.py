"""Where everything of a project lies: the only place that knows.

Imports nothing that is slow to import: every command begins here. (platformdirs would cost 20 ms, and would put the
state elsewhere on macOS than on Linux.)
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path

from tmuxorch.errors import ConfigError, StorageError

CONFIG_NAME = "orchestrator.config.yaml"
LINK_NAME = ".orchestrator"

SOCKET_PATH_LIMIT = 103
"""Bytes that a Unix socket's path may have everywhere (sun_path: 104 with its end on macOS, 108 on Linux)."""


def find_project(start: Path) -> Path:
    """The nearest directory from `start` upwards that holds a configuration, else `start` itself."""
    start = Path(os.path.realpath(start))
    return next((place for place in (start, *start.parents) if (place / CONFIG_NAME).is_file()), start)


def slug(name: str) -> str:
    """`name` as a label of [A-Za-z0-9_-], never empty."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:40] or "project"


def is_text(name: str) -> bool:
    """Whether a name or path can be written as UTF-8: Python reads other bytes of names as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


class ProjectPaths:
    """The files of the project in `project`. Making one touches no disk but to resolve links; `ensure` makes it all.
    Raises ConfigError for a path that is not UTF-8.

    `environ` gives XDG_STATE_HOME and XDG_RUNTIME_DIR, `temporary` is where the socket goes without the latter.
    """

    def __init__(
        self, project: Path, environ: Mapping[str, str] | None = None, temporary: Path = Path("/tmp")
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._temporary = temporary
        self.project = Path(os.path.realpath(project))
        if not is_text(str(self.project)):
            raise ConfigError(
                f"the project's path is not UTF-8: {str(self.project)!a}", hint="rename the directory"
            )
        self.key = f"{zlib.crc32(os.fsencode(self.project)):08x}"
        self.config = self.project / CONFIG_NAME
        self.plan = self.project / "plan.md"
        self.runs = self.project / "runs.md"
        self.link = self.project / LINK_NAME
        self.state = self._state_home() / "tmuxorch" / f"{slug(self.project.name)}-{self.key}"
        self.journal = self.state / "journal"
        self.children = self.state / "children"
        self.workers = self.state / "workers"
        self.patterns = self.state / "patterns"
        self.checks = self.state / "checks"
        self.reports = self.state / "reports"
        self.archive = self.state / "archive"
        self.worktrees = self.state / "worktrees"
        self.snapshots = self.state / "snapshots"
        self.controller_lock = self.state / "controller.lock"
        self.controller_log = self.state / "controller.log"

    # ---- one agent, worker, check ---------------------------------------------------------------------------------

    def child(self, name: str) -> Path:
        return self.children / name

    def frames(self, name: str) -> Path:
        """What a child's App Server sent."""
        return self.children / name / "frames.jsonl"

    def app_socket(self, name: str) -> Path:
        """Where a child's App Server listens: Codex makes it a link, connect to its realpath."""
        return self.children / name / "app.sock"

    def tui_socket(self, name: str) -> Path:
        """The way of Codex's own TUI to an App Server: a link that is there while the thread is loaded."""
        return self.children / name / "tui.sock"

    def server(self, name: str, generation: int) -> Path:
        """The host dir of a child's App Server; each start is a new generation."""
        return self.children / name / f"server-{generation}"

    def worker(self, worker_id: str) -> Path:
        return self.workers / worker_id

    def attempt(self, worker_id: str, number: int) -> Path:
        """The host directory of a worker's try; the first one is in the worker's directory itself."""
        first = self.workers / worker_id
        return first if number == 1 else first / f"try-{number}"

    def pattern(self, pattern_id: str) -> Path:
        """Where the result of a run of a pattern is."""
        return self.patterns / pattern_id

    def check(self, check_id: str) -> Path:
        return self.checks / check_id

    def report(self, run_id: str) -> Path:
        return self.reports / f"{run_id}.md"

    def worktree(self, run_id: str, child: str) -> Path:
        """Where a child is worked on in a run, if not in its repo itself."""
        return self.worktrees / run_id / child

    def snapshot(self, turn_id: str) -> Path:
        """How the repos were before a turn that may write."""
        return self.snapshots / f"{turn_id}.json"

    def archived_runs(self, first: int) -> Path:
        """The page of the archive whose first entry has that number; the pages sort by their names."""
        return self.archive / f"runs-{first:08d}.md"

    # ---- the controller's socket ----------------------------------------------------------------------------------

    @property
    def socket(self) -> Path:
        """Where to reach the controller: where it last said that it listens, else where it would."""
        try:
            return Path(os.readlink(self._socket_link))
        except OSError:
            return self._own_socket()

    def bind_socket(self) -> Path:
        """For the controller: where to listen. Makes the directory and leaves word in the state directory, because a
        command may run with another XDG_RUNTIME_DIR, or with none. Raises ConfigError if the directory is not safe."""
        socket = self._own_socket()
        private_directory(socket.parent)
        self._socket_link.unlink(missing_ok=True)
        self._socket_link.symlink_to(socket)
        return socket

    @property
    def _socket_link(self) -> Path:
        return self.state / "controller.sock"

    def _own_socket(self) -> Path:
        runtime = self._environ.get("XDG_RUNTIME_DIR", "")
        if os.path.isabs(runtime) and os.access(runtime, os.W_OK | os.X_OK):
            socket = Path(runtime, "tmuxorch", f"{self.key}.sock")
            if len(os.fsencode(socket)) <= SOCKET_PATH_LIMIT:
                return socket
        return self._temporary / f"tmuxorch-{os.getuid()}" / f"{self.key}.sock"

    # ---- making it all --------------------------------------------------------------------------------------------

    def ensure(self) -> None:
        """Makes the state directory and the project's link to it. Raises ConfigError if something is in the way, and
        StorageError if the disk refuses."""
        self._check_link()
        private_directory(self.state.parent)
        private_directory(self.state)
        self._claim_state()
        for directory in (
            *(self.journal, self.children, self.workers, self.patterns, self.checks, self.reports),
            *(self.archive, self.worktrees, self.snapshots),
        ):
            private_directory(directory)
        try:
            if not self.link.is_symlink():
                self.link.symlink_to(self.state)
        except OSError as error:
            raise StorageError(
                f"{self.link} cannot be made: {error.strerror}", hint="tmuxorch doctor"
            ) from error

    def _check_link(self) -> None:
        if not os.path.lexists(self.link):
            return
        if not self.link.is_symlink():
            raise ConfigError(
                f"{self.link} is in the way: it has to be a link to this project's state in {self.state}",
                hint=f"mv {LINK_NAME} {LINK_NAME}.old",
            )
        if os.path.realpath(self.link) != os.path.realpath(self.state):
            raise ConfigError(
                f"{self.link} leads to {os.readlink(self.link)}, which is not this project's state ({self.state}): "
                "the project was copied, renamed or moved, or XDG_STATE_HOME is another",
                hint=f"to begin anew here, type: rm {LINK_NAME}",
            )

    def _claim_state(self) -> None:
        """Two projects must never share a state, not even by a collision of their keys."""
        claim = self.state / "project"
        try:
            owner = os.fsdecode(claim.read_bytes())
        except FileNotFoundError:
            from tmuxorch.store.atomic import write_atomic  # once in a project's life; the import is slow

            write_atomic(claim, os.fsencode(self.project))
            return
        if owner != str(self.project):
            raise ConfigError(f"{self.state} is the state of {owner}", hint="rename one of the two projects")

    def _state_home(self) -> Path:
        given = self._environ.get("XDG_STATE_HOME", "")
        if os.path.isabs(given):  # anything else is to be ignored, says the XDG specification
            return Path(given)
        return Path(self._environ.get("HOME") or os.path.expanduser("~"), ".local", "state")


def private_directory(path: Path) -> None:
    """Makes `path` a directory that only its owner can look into. Raises ConfigError if it is somebody else's, is no
    directory or cannot be made."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise ConfigError(f"{path} cannot be made: {error.strerror}", hint="tmuxorch doctor") from error
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{path} is not a directory of its own but a link", hint=f"rm {path}")
    if found.st_uid != os.getuid():
        raise ConfigError(
            f"{path} belongs to another user (uid {found.st_uid}): it is not used", hint="tmuxorch doctor"
        )
    if found.st_mode & 0o077:
        # Whoever could get in may have put something there; of our own directory, only close it for the future.
        path.chmod(0o700)
