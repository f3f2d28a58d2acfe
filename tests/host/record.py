"""Records what the real Codex sends while a scripted model works: `python -m tests.host.record` writes work-exec.jsonl
and work-frames.jsonl anew. Look at the golden files that change with them."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from pathlib import Path

from tests.codex.live import Bench, Server, client
from tests.codex.tinymodel import MARK, Step, TinyModel, call, fail, mcp, patch, say, shell, tell
from tmuxorch.codex import execargs

GOLDEN = Path(__file__).parent / "golden"
ANSWER = (GOLDEN / "work.md").read_text()
PROMPT = "Make the session fixture work on every platform, and say what you found."
PROMPTS = {"T1": PROMPT, "T2": "Ask somebody about Windows.", "T3": "Go on."}

EDIT = """\
*** Add File: src/fixtures.py
+import os
+
+def session():
+    return os.getcwd()
*** Update File: tests/old_name.py
*** Move to: tests/new_name.py
@@
-import session
+from fixtures import session
+import os
*** Delete File: notes.txt
"""
FAILING = (
    "for n in 1 2 3 4 5 6 7 8 9; do echo tests/t_$n.py ok; done; seq 1 5000; echo 'E   assert 1 == 2'; exit 1"
)
WIDE = 'head -c 10000 /dev/zero | tr "\\0" x; echo; echo end'


def plan(*statuses: str) -> Step:
    names = ("Read the failing tests", "Change the fixture", "Run everything again")
    return call("update_plan", plan=[{"step": n, "status": s} for n, s in zip(names, statuses, strict=True)])


def steps() -> list[Step]:
    thinking = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "**Looking** at it\nmore"}]}
    search = {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "cwd"}}
    return [
        [thinking, *say("I read the tests first."), *plan("in_progress", "pending", "pending")],
        shell("ls; cat notes.txt"),
        shell(FAILING),
        plan("completed", "in_progress", "pending"),
        patch(EDIT),
        shell(WIDE),
        [search, *mcp("lab", "write")],
        plan("completed", "completed", "completed"),
        say(ANSWER),
    ]


def helped() -> list[Step]:
    spawn = call("spawn_agent", message="Look at Windows.")
    return [[{**spawn[0], "namespace": "multi_agent_v1"}], shell("true"), say("I have asked another one.")]


def prepare(directory: Path, model: TinyModel) -> Bench:
    directory.mkdir()
    bench = Bench(directory, model)
    (bench.repo / "tests").mkdir()
    (bench.repo / "tests" / "old_name.py").write_text("import session\n\nprint(session)\n")
    (bench.repo / "notes.txt").write_text("one\ntwo\nthree\n")
    return bench


def record_exec(bench: Bench) -> list[str]:
    out = bench.repo.parent / "out"
    argv = execargs.exec_new(bench.binary, cwd=bench.repo, sandbox="workspace-write", last_message=out)
    argv = [*argv[:2], "-c", "tools.update_plan.enabled=true", *argv[2:]]
    work = bench.run(argv, tell(*steps(), text=PROMPT)).stdout
    asked = bench.run(argv, tell(*helped())).stdout
    failed = bench.run(argv, tell(fail(400, message="The model has no such option."))).stdout
    return (work + asked + failed).decode().splitlines()


async def record_frames(bench: Bench) -> list[str]:
    with Server(bench):
        async with client(bench) as codex:
            await codex.ended(await codex.turn(*steps(), writes=True, approval="never"))
            await codex.ended(await codex.turn(*helped()))
            await codex.ended(await codex.turn(fail(400, message="The model has no such option.")))
            return [frame for frame in codex.frames if "remoteControl/" not in frame]


def settled(line: str, bench: Bench) -> str:
    """Without what differs from run to run, and with the words that a person would have written."""
    line = line.replace(str(bench.repo), "/repo").replace(str(bench.home), "/home/codex")
    line = re.sub(
        r"\b01[0-9a-f]{6}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-([0-9a-f]{12})\b", r"thread-\1", line
    )
    frame = json.loads(line)
    item = frame.get("params", {}).get("item", {})
    if item.get("type") == "userMessage":
        for part in item["content"]:
            part["text"] = part["text"].partition(MARK)[0].strip() or PROMPTS[item["clientId"]]
    return json.dumps(frame)


def main() -> None:
    with tempfile.TemporaryDirectory() as name, TinyModel() as model:
        place = Path(name).resolve()
        exec_bench, frames_bench = prepare(place / "e", model), prepare(place / "f", model)
        lines = [settled(line, exec_bench) for line in record_exec(exec_bench)]
        (GOLDEN / "work-exec.jsonl").write_text("".join(f"{line}\n" for line in lines))
        frames = asyncio.run(record_frames(frames_bench))
        lines = [settled(line, frames_bench) for line in frames]
        (GOLDEN / "work-frames.jsonl").write_text("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
