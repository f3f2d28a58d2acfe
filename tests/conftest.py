"""Every test runs in a home of its own and leaves nothing running.

Paths are short (`/tmp/to…/popen-gw0/12`): a Unix socket's path may have 104 bytes (macOS) or 108 (Linux).
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import reaping

# Whatever the person who runs the tests has set of these must not reach the programs under test, nor what they ignore.
FOREIGN = (
    "TMUX",
    "CODEX_",
    "OPENAI_",
    "TMUXORCH_",
    "PYTHONDONTWRITEBYTECODE",
    "GIT_",
    "XDG_",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "COLUMNS",
    "LINES",
)

# A slow machine fails no property, and what was found is in the test's output, not in a file.
hypothesis.settings.register_profile("tests", deadline=None, database=None)
hypothesis.settings.load_profile("tests")

BASE = pytest.StashKey[Path]()  # of the process that the user started, not of xdist's workers
_numbers = itertools.count(1)


def _isolate(home: Path) -> dict[str, str]:
    """Makes the directories of one home; the environment variables that lead there."""
    directories = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / "config",
        "XDG_STATE_HOME": home / "state",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_DATA_HOME": home / "data",
        "XDG_RUNTIME_DIR": home / "run",
        "CODEX_HOME": home / "codex",
        "TMUX_TMPDIR": home / "tmux",
    }
    for directory in directories.values():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: str(directory) for name, directory in directories.items()} | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "TERM": "xterm-256color",
    }


def pytest_configure(config: pytest.Config) -> None:
    if config.option.basetemp is None:  # xdist gives its workers theirs, below this one
        config.option.basetemp = tempfile.mkdtemp(prefix="to", dir="/tmp")
        config.stash[BASE] = Path(config.option.basetemp)
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    for signum in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(signum) is signal.SIG_IGN:  # as by nohup, or in the background of a script
            signal.signal(signum, signal.SIG_DFL)


def _bugs(home: Path) -> str:
    """The reports that commands have left there of bugs; a test that wants one takes it away."""
    return "\n".join(report.read_text() for report in home.glob("state/tmuxorch/bug-*.txt"))


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The home of fixtures that outlive one test."""
    home = tmp_path_factory.getbasetemp() / "0h"
    os.environ.update(_isolate(home))
    yield
    if bugs := _bugs(home):
        pytest.fail(f"bugs in what outlives one test: {bugs}")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This test's $HOME, empty but for the XDG directories; a process left of it fails the test, and so does a bug."""
    home = tmp_path_factory.getbasetemp() / f"{next(_numbers)}h"
    for name, value in _isolate(home).items():
        monkeypatch.setenv(name, value)
    yield home
    if left := reaping.left_of(home):
        pytest.fail(f"left running: {left}")
    if bugs := _bugs(home):
        pytest.fail(f"bugs: {bugs}")


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory of this test, with a short path."""
    path = tmp_path_factory.getbasetemp() / str(next(_numbers))
    path.mkdir(mode=0o700)
    return path


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing of the whole run may be left, neither a process nor, if all went well, a file."""
    base = session.config.stash.get(BASE, None)
    if base is None:
        return
    if left := reaping.left_of(base):
        print(f"\nleft running by the tests: {left}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if session.exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(base, ignore_errors=True)
    else:
        print(f"\nfiles of this run: {base}")
