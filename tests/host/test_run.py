"""One run of one child: what it gets, and what is on record afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import time

import pytest

from tests.host.hosting import PYTHON, HostDir, alive
from tests.waiting import until
from tmuxorch.host import records

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_success_is_on_record(host: HostDir) -> None:
    host.shell("echo out; echo err >&2")
    ended = host.run()
    started = host.started()
    assert started is not None
    assert started.argv == ("/bin/sh", "-c", "echo out; echo err >&2")
    assert started.host_pid != started.pid
    assert UTC.fullmatch(started.started)
    assert UTC.fullmatch(ended.ended)
    assert (ended.code, ended.signal, ended.error, ended.stopped_by) == (0, None, None, None)
    assert ended.started == started.started <= ended.ended
    assert 0 <= ended.duration_ms < 20_000
    assert (host.read("events.jsonl"), host.read("stderr.log"), host.code) == ("out\n", "err\n", 0)


def test_failure_is_on_record_with_the_last_words_drawn(host: HostDir) -> None:
    host.shell("echo 'no git repo' >&2; exit 3")
    ended = host.run()
    assert (ended.code, ended.signal, host.code) == (3, None, 3)
    assert host.drawn.splitlines()[-2:] == ["  no git repo", f"exited 3 · {ended.duration_ms / 1000:.1f} s"]


def test_death_by_signal_is_on_record(host: HostDir) -> None:
    host.shell("kill -SEGV $$")
    ended = host.run()
    assert (ended.code, ended.signal, ended.stopped_by, host.code) == (None, 11, None, 128 + 11)
    assert host.drawn.splitlines()[-1].startswith("killed by SEGV · ")


def test_a_missing_program_is_a_spawn_error(host: HostDir) -> None:
    host.spec("no-such-program", "x")
    ended = host.run()
    assert (ended.code, ended.signal) == (None, None)
    assert ended.error == "no-such-program: No such file or directory"
    assert host.code == 127
    assert host.drawn.splitlines()[-1] == f"could not be started: {ended.error}"


def test_a_missing_working_directory_is_a_spawn_error(host: HostDir) -> None:
    host.spec("true", cwd=str(host.work / "nowhere"))
    assert host.run().error == f"directory {host.work}/nowhere: No such file or directory"


def test_a_missing_stdin_file_is_a_spawn_error(host: HostDir) -> None:
    host.spec("cat", stdin="prompt.md")
    assert host.run().error == f"{host.path}/prompt.md: No such file or directory"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "spec.json: "),
        ("[]", "spec.json: not an object"),
        ('{"cwd": "/"}', "spec.json: argv must be there"),
        ('{"cwd": "/", "argv": []}', "spec.json: argv must be a list of texts, not empty"),
        ('{"cwd": "/", "argv": "ls"}', "spec.json: argv must be a list"),
        ('{"cwd": "/", "argv": ["a\\u0000b"]}', "spec.json: argv must be a list of texts, not empty"),
        ('{"cwd": "here", "argv": ["ls"]}', "spec.json: cwd must be an absolute path"),
        ('{"cwd": "/", "argv": ["ls"], "grace": [1, -1]}', "spec.json: grace must be two numbers of seconds"),
        ('{"cwd": "/", "argv": ["ls"], "view": "raw"}', "spec.json: view must be one of exec, log, none"),
    ],
)
def test_a_bad_spec_starts_nothing(host: HostDir, text: str, error: str) -> None:
    (host.path / "spec.json").write_text(text)
    ended = host.run()
    assert ended.error is not None
    assert ended.error.startswith(error)
    assert host.started() is None


def test_a_directory_has_one_run(host: HostDir) -> None:
    host.shell("echo once >> ran")
    first = host.run()
    host.start()
    assert host.end() == first
    assert (host.code, host.drawn) == (75, "")
    assert host.complaints == f"not started: {host.path}: it had its run, see start.json there\n"
    assert (host.work / "ran").read_text() == "once\n"


def test_a_running_directory_is_refused(host: HostDir) -> None:
    host.shell("read wait < go; echo once >> ran")
    os.mkfifo(host.work / "go")
    first = host.start()
    second = host.start()
    assert second.wait(20) == 75
    assert "the lease is held" in host.complaints
    (host.work / "go").write_text("\n")
    assert first.wait(20) == 0
    assert host.ended() is not None
    assert (host.work / "ran").read_text() == "once\n"


def test_a_host_that_is_forbidden_before_it_begins_never_does(host: HostDir) -> None:
    host.shell("read wait < go")
    os.mkfifo(host.work / "go")
    assert records.forbid(host.path)
    refused = host.start()
    assert refused.wait(20) == 75
    assert (host.started(), host.end().stopped_by) == (None, "stop")
    assert not records.forbid(host.path), "it is over already"
    (host.path / records.ENDED).unlink()
    running = host.start()
    until(host.started)
    assert not records.forbid(host.path)
    assert host.ended() is None
    (host.work / "go").write_text("\n")
    assert running.wait(20) == 0


def test_the_child_gets_the_prompt_on_stdin(host: HostDir) -> None:
    (host.path / "prompt.md").write_text("# Goal\nünï `$(x)`\n")
    host.spec("cat", stdin="prompt.md", view="none")
    host.run()
    assert host.read("events.jsonl") == "# Goal\nünï `$(x)`\n"


def test_without_a_file_stdin_is_empty(host: HostDir) -> None:
    host.spec("cat")
    assert host.run().code == 0


def test_the_environment_is_exactly_the_one_given(host: HostDir) -> None:
    host.spec("/usr/bin/env", "-0", stdout="out")
    given = {"A": "1", "PATH": "/usr/bin", "ODD": 'a\n"é\t#{x}'}
    assert host.run(TMUXORCH_ENV=json.dumps(given), STALE="yes").code == 0
    assert sorted(host.read("out").split("\0")) == sorted(["", *(f"{k}={v}" for k, v in given.items())])
    kept = {path.name: path.read_text() for path in host.path.iterdir() if path.name != "out"}
    assert not [name for name, content in kept.items() if "ODD" in content]


def test_the_program_is_searched_in_the_given_path(host: HostDir) -> None:
    tool = host.work / "tool"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o700)
    host.spec("tool", stdout="out")
    assert host.run(TMUXORCH_ENV=json.dumps({"PATH": str(host.work)})).code == 0
    assert host.read("out") == "found\n"


def test_without_one_the_child_gets_the_hosts_environment(host: HostDir) -> None:
    host.shell('echo "$GIVEN"', stdout="out")
    host.run(GIVEN="yes")
    assert host.read("out") == "yes\n"


def test_an_environment_that_is_none_is_a_spawn_error(host: HostDir) -> None:
    host.spec("true")
    assert host.run(TMUXORCH_ENV="[1]").error == "TMUXORCH_ENV: not an object of texts"


def test_files_are_private_and_the_child_keeps_its_umask(host: HostDir) -> None:
    before = os.umask(0o027)
    try:
        host.shell("umask > mask")
        host.run()
    finally:
        os.umask(before)
    assert (host.work / "mask").read_text().strip() in ("027", "0027")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in host.path.iterdir()}
    del modes["spec.json"]
    names = ("start.json", "exit.json", "lease", "events.jsonl", "stderr.log")
    assert modes == dict.fromkeys(names, 0o600)


def test_signals_reach_the_child_as_a_program_expects_them(host: HostDir) -> None:
    code = """import signal as s
wanted = (s.SIGHUP, s.SIGQUIT, s.SIGTERM, s.SIGCHLD, s.SIGWINCH)
print([n for n in wanted if s.getsignal(n) != s.SIG_DFL], s.pthread_sigmask(s.SIG_BLOCK, ()))"""
    host.spec(*PYTHON, code, stdout="out")
    host.run()
    assert host.read("out") == "[] set()\n"


def test_output_is_appended_and_stdout_and_stderr_can_be_one_file(host: HostDir) -> None:
    (host.path / "log").write_text("before\n")
    host.shell("echo a; echo b >&2; echo c", stdout="log", stderr="log", view="log")
    host.run()
    assert host.read("log") == "before\na\nb\nc\n"


def test_stale_results_are_deleted_before_the_start(host: HostDir) -> None:
    (host.path / "last_message.md").write_text("of another time")
    host.shell("exit 1", fresh=["last_message.md", "never-there"])
    host.run()
    assert not (host.path / "last_message.md").exists()


def test_time_over_is_on_record(host: HostDir) -> None:
    host.spec("sleep", "600", timeout=0.1)
    ended = host.run()
    assert (ended.signal, ended.stopped_by) == (2, "timeout")
    assert 100 <= ended.duration_ms < 20_000
    assert "timed out after 0.1 s · killed by INT" in host.drawn


def test_what_ended_in_time_was_not_too_late_however_busy_its_host_was(host: HostDir) -> None:
    host.shell("read wait < go", timeout=3)
    os.mkfifo(host.work / "go")
    host.start()
    begin = time.monotonic()
    started = host.started()
    assert started is not None
    host.stop(signal.SIGSTOP)
    (host.work / "go").write_text("\n")
    until(
        lambda: not alive(started.pid) and time.monotonic() > begin + 3, what="the end, and of the time too"
    )
    host.stop(signal.SIGCONT)
    ended = host.end()
    assert (ended.code, ended.stopped_by) == (0, None)


def test_the_child_leads_its_own_session(host: HostDir) -> None:
    host.spec(*PYTHON, "import os; print(os.getpid() == os.getsid(0) == os.getpgid(0))", stdout="out")
    host.run()
    assert host.read("out") == "True\n"


def test_nothing_runs_before_its_start_is_on_record(host: HostDir) -> None:
    record = host.path / "start.json"
    host.shell(f"cat {record}", stdout="out")
    host.run()
    started = host.started()
    assert started is not None
    assert json.loads(host.read("out"))["pid"] == started.pid


def test_a_record_that_cannot_be_written_is_tried_again(host: HostDir) -> None:
    host.shell("read wait < go")
    os.mkfifo(host.work / "go")
    host.start()
    obstacle = host.path / "exit.json.tmp"
    obstacle.mkdir()
    (host.work / "go").write_text("\n")
    started = host.started()
    assert started is not None
    complaint = "exit.json cannot be written, trying again: Is a directory"
    until(lambda: complaint in host.drawn, what="the complaint")
    assert records.lease_held(host.path)
    assert not alive(started.pid)
    obstacle.rmdir()
    assert host.end().code == 0


def test_wrong_usage_is_explained(host: HostDir) -> None:
    done = subprocess.run([*records.command(), "walk"], capture_output=True, check=False)
    assert (done.returncode, done.stderr[:15]) == (2, b"usage: host run")
