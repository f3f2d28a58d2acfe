"""Bringing the controller up: session, window, process, until its API answers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tmuxorch import environment
from tmuxorch.cli import output
from tmuxorch.cli.client import Client, OtherVersion, connect, dial, greet, is_older
from tmuxorch.errors import ConfigError, ControllerUnavailable
from tmuxorch.store.paths import ProjectPaths, slug

if TYPE_CHECKING:
    from tmuxorch.store.config import Config
    from tmuxorch.tmux.model import Session, WindowSpec
    from tmuxorch.tmux.server import Address

WINDOW = "controller"

PATIENCE = 30.0
"""Seconds for a controller to answer: a cold interpreter on a busy machine, a long journal, a slow tmux."""

STEP = 0.01
LOOK = 0.25
"""Seconds between tries to connect, and between looks at whether its window's program has ended."""

TOLD_LINES = 12


def ensure_controller(paths: ProjectPaths) -> Client:
    """A connection to the project's controller, which is started if it does not run, and replaced if it is older."""
    try:
        return _current(paths)
    except (ControllerUnavailable, OtherVersion):
        start(paths)
        return connect(paths)


def start(paths: ProjectPaths) -> None:
    """Starts the controller in its window, and everything that the project wants; no harm if it runs.

    Raises ConfigError, also for a child that is no repo, and what `open_controller` raises.
    """
    from tmuxorch.store.children import check_children
    from tmuxorch.store.config import load

    config = load(paths.config)
    check_children(config, paths.project)
    with open_controller(paths) as client:
        with _alone(paths):
            session = ensure_session(paths, config)
        client.call("up", {"socket": session.socket_path})


def open_controller(paths: ProjectPaths) -> Client:
    """A connection to the controller, which is started in its window if it does not run, and nothing else with it.

    Raises ConfigError, ToolMissing, StorageError, or ControllerUnavailable with the end of the controller's log.
    """
    from tmuxorch.store.atomic import check_room
    from tmuxorch.store.config import load
    from tmuxorch.tmux.binary import find_tmux

    config = load(paths.config)
    find_tmux()
    _find_codex(config)
    _ensure_codex_home(paths, config)
    paths.ensure()
    check_room(paths.state)
    with _alone(paths):
        try:
            client = _current(paths)
        except OtherVersion as error:
            output.note(f"{error.message}: it is restarted; agents go on meanwhile")
            _end_other(paths)
            client = _open(paths, config)
        except ControllerUnavailable:
            client = _open(paths, config)
    return client


def _find_codex(config: Config) -> None:
    """Raises ToolMissing unless there is a Codex that is new enough."""
    from tmuxorch.codex import binary
    from tmuxorch.controller.installed import codex_version

    codex_version(binary.find(config.codex.bin))


def agent_environment(paths: ProjectPaths, config: Config) -> dict[str, str]:
    """What agents get: our environment, and the configured CODEX_HOME."""
    env = environment.handed_on(os.environ)
    if config.codex.home:
        env["CODEX_HOME"] = str((paths.project / os.path.expanduser(config.codex.home)).resolve())
    return env


def _ensure_codex_home(paths: ProjectPaths, config: Config) -> None:
    """Makes CODEX_HOME: where it is missing, App Servers end at once (Codex 0.163). Raises ConfigError if it cannot
    be made or written to."""
    from tmuxorch.codex.binary import codex_home

    home = codex_home(agent_environment(paths, config))
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = "" if os.access(home, os.W_OK | os.X_OK) else "permission denied"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ConfigError(f"CODEX_HOME {home} cannot be written to: {reason}", hint="tmuxorch doctor")


def ensure_session(paths: ProjectPaths, config: Config) -> Session:
    """The project's session; a new one begins with a view of the controller's log."""
    from tmuxorch.host import records
    from tmuxorch.tmux import server

    log = (*records.command(), "view", "log", str(paths.controller_log), "--title", WINDOW)
    return find_session(paths, config) or server.ensure_session(
        address(config), session_name(paths, config), str(paths.project), _window(paths, log)
    )


def find_session(paths: ProjectPaths, config: Config) -> Session | None:
    """The project's session: on the server that last had it, else on the one that would get it now.

    The two differ when commands are typed in several tmux servers, or outside of all.
    """
    from tmuxorch.cli.offline import tmux_socket
    from tmuxorch.tmux import server

    known = "" if config.tmux.socket_name else tmux_socket(paths)
    places = [*([server.Address(socket_path=known)] if known else []), address(config)]
    found = (server.find_session(place, str(paths.project)) for place in places)
    return next((session for session in found if session), None)


def address(config: Config) -> Address:
    """Which tmux server the configuration wants."""
    from tmuxorch.tmux.server import Address

    return Address(socket_name=config.tmux.socket_name or None)


def session_name(paths: ProjectPaths, config: Config) -> str:
    """The session's name, as people see it."""
    return config.tmux.session or f"tmuxorch-{slug(paths.project.name)}"


def _current(paths: ProjectPaths) -> Client:
    """A connection to a controller that is not older than we are."""
    client = dial(paths)
    try:
        version = str(greet(client).get("version", ""))
        if is_older(version):
            raise OtherVersion(f"the controller that runs is of tmuxorch {version}, which is older")
    except BaseException:
        client.close()
        raise
    return client


def _end_other(paths: ProjectPaths) -> None:
    """Ends a controller of another version."""
    with contextlib.suppress(ControllerUnavailable), dial(paths) as client:
        client.end_controller(kill_agents=False)


def _open(paths: ProjectPaths, config: Config) -> Client:
    """Opens the controller's window and waits until its API answers."""
    from tmuxorch.tmux import server

    argv = (*environment.program("tmuxorch.controller"), "--project", str(paths.project))
    spec = _window(paths, argv)
    session = find_session(paths, config)
    old = [row.window_id for row in server.list_windows(session) if row.key == WINDOW] if session else []
    log = _Log(paths.controller_log)
    if session:
        server.open_window(session, spec)
        for window_id in old:
            server.close_window(session, window_id)
    else:
        session = server.ensure_session(
            address(config), session_name(paths, config), str(paths.project), spec
        )
    return _answering(paths, session, log)


def _answering(paths: ProjectPaths, session: Session, log: _Log) -> Client:
    """Waits for the controller in the window that was just opened."""
    deadline = time.monotonic() + PATIENCE
    look = time.monotonic() + LOOK
    while (now := time.monotonic()) < deadline:
        with contextlib.suppress(ControllerUnavailable):
            return connect(paths)
        if now > look:
            look = now + LOOK
            if _has_ended(session):
                raise _not_up("the controller ended at once", log)
        time.sleep(STEP)
    raise _not_up(f"the controller does not answer within {PATIENCE:.0f} s", log)


def _has_ended(session: Session) -> bool:
    from tmuxorch.tmux import server

    mine = [row for row in server.list_windows(session) if row.key == WINDOW]
    return all(pane.dead for row in mine for pane in row.panes)


def _not_up(what: str, log: _Log) -> ControllerUnavailable:
    told = log.new_lines()
    return ControllerUnavailable("\n".join([what + (":" if told else ""), *told]), hint="tmuxorch doctor")


def _window(paths: ProjectPaths, argv: tuple[str, ...]) -> WindowSpec:
    from tmuxorch.tmux.model import WindowSpec

    env = environment.handed_on(os.environ)
    return WindowSpec(key=WINDOW, name=WINDOW, argv=argv, cwd=paths.project, env=env)


@contextlib.contextmanager
def _alone(paths: ProjectPaths) -> Iterator[None]:
    """Only one command at a time starts a controller; the next finds it running."""
    descriptor = os.open(paths.state / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class _Log:
    """What the controller's log grows by from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin = path.stat().st_size if path.exists() else 0

    def new_lines(self) -> list[str]:
        """The last lines of it."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._begin)
                return file.read().decode(errors="replace").splitlines()[-TOLD_LINES:]
        except OSError:
            return []
