"""What the real Codex says of each way to fail, and whether it is tried again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codex.live import Bench as CodexBench
from tests.codex.tinymodel import hold, tell
from tests.demo.codex import Bench, bench, serving
from tests.waiting import until
from tmuxorch.codex import execargs
from tmuxorch.codex.execstream import ThreadStarted, parse_line
from tmuxorch.codex.failures import last_words, may_pass

SCENARIO = "rules: [{match: '^cut$', steps: [[{do: message, text: never}]]}]"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    directory, log = tmp_path_factory.mktemp("f"), list[str]()
    with serving(SCENARIO, log) as server:
        yield bench(server, log, directory / "home", directory)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://nowhere.invalid/v1"])
async def test_a_provider_out_of_reach_may_come_back(world: Bench, url: str) -> None:
    done = await world.exec("cut", *execargs.BOUNDED, "-c", f'model_providers.scripted.base_url="{url}"')
    assert may_pass(done.failure), done.failure


def run(world: Bench, *options: str) -> str:
    """The last words of an exec that does not get as far as a turn."""
    done = subprocess.run(
        world.exec_command("cut", *options), env=world.env, stdin=subprocess.DEVNULL, capture_output=True
    )
    assert (done.returncode, done.stdout) == (1, b"")
    return last_words(done.stderr.decode())


def test_what_cannot_begin_says_why_and_is_not_tried_again(world: Bench) -> None:
    schema = world.cwd / "schema.json"
    schema.write_text("{no")
    refused = [
        (f"Output schema file {schema} is not valid JSON", ("--output-schema", str(schema))),
        ("Error: Model provider `nope` not found", ("-c", 'model_provider="nope"')),
    ]
    for begin, options in refused:
        words = run(world, *options)
        assert words.startswith(begin)
        assert "<unknown>" not in words
        assert not may_pass(words)


def whole_lines(file: Path) -> list[bytes]:
    return file.read_bytes().split(b"\n")[:-1]


def test_a_thread_that_somebody_still_has_may_be_let_go(own: CodexBench, tmp_path: Path) -> None:
    out = tmp_path / "out"
    argv = execargs.exec_new(own.binary, cwd=own.repo, sandbox="read-only", last_message=tmp_path / "1")
    with (
        out.open("wb") as stdout,
        subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            env=own.environment,
            cwd=own.repo,
        ) as holder,
    ):
        assert holder.stdin
        holder.stdin.write(tell(hold("end")).encode())
        holder.stdin.close()
        until(lambda: own.model.requests, what="the first turn")
        started = parse_line(until(lambda: whole_lines(out), what="its first line")[0])
        assert isinstance(started, ThreadStarted)
        late = own.run(
            execargs.exec_resume(
                own.binary, started.thread, sandbox="read-only", last_message=tmp_path / "2"
            ),
            "once more",
        )
        own.model.open("end")
    assert late.stdout == b""
    assert may_pass(last_words(late.stderr.decode())), late.stderr
