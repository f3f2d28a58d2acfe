"""What Codex itself has written down of its threads, which is whole whoever was killed meanwhile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.project import Json, Project


def _items(project: Project, cwd: Path | None = None) -> Iterator[Json]:
    """What was said and called in the threads that were begun in `cwd` (None: in all), thread by thread."""
    for file in sorted((project.directory / "codex-home" / "sessions").rglob("rollout-*.jsonl")):
        whole = file.read_bytes().rpartition(b"\n")[0]  # the last line may not be yet
        lines = [json.loads(line) for line in whole.split(b"\n") if line]
        if lines and (cwd is None or Path(lines[0]["payload"]["cwd"]) == cwd):
            yield from (line["payload"] for line in lines if line["type"] == "response_item")


def told(project: Project, begin: str) -> list[str]:
    """What agents were told that begins so, turn by turn."""
    said = (item["content"] for item in _items(project) if item.get("role") == "user")
    return [part["text"] for content in said for part in content if part["text"].startswith(begin)]


def patched(project: Project, repo: Path) -> set[str]:
    """The files of a repo that its agent has changed by Codex's own apply_patch."""
    items = list(_items(project, repo))
    calls = {item["call_id"] for item in items if item.get("name") == "apply_patch"}
    outputs = (item for item in items if item["type"] == "custom_tool_call_output")
    said = "\n".join(item["output"] for item in outputs if item["call_id"] in calls)
    return set(re.findall(r"^[AMD] (.+)$", said, re.MULTILINE))
