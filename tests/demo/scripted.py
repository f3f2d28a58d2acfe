"""Plays a prompt of a story in a repo without Codex's agent: real script, real commands, Codex's own apply_patch."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.demo.codex import CODEX
from tmuxorch.demo import scenario, script
from tmuxorch.demo.conversation import Conversation, Prompt


def play(rules: scenario.Scenario, prompt: str, cwd: Path) -> scenario.AnyOutput:
    """Carries out what the script answers to `prompt` in `cwd`; its last output."""
    outputs: list[str] = []
    while True:
        asked = Prompt(prompt, opens_turn=True, outputs=tuple(outputs))
        talk = Conversation("thread", str(cwd), wants_title=False, size=0, characters=0, prompts=(asked,))
        answered = script.answer(rules, talk, lambda *place: False).outputs
        calls = [output for output in answered if isinstance(output, scenario.Call)]
        if not calls:
            return answered[-1]
        outputs += [_result(call, cwd) for call in calls]


def _result(call: scenario.Call, cwd: Path) -> str:
    match call:
        case scenario.Command(cmd=cmd):
            done = _run(["sh", "-c", cmd], cwd)
            return f"Output:\n{done.stdout}{done.stderr}"
        case scenario.Patch(patch=patch):
            done = subprocess.run(
                ["apply_patch", patch], executable=CODEX, cwd=cwd, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            return done.stdout
        case _:
            return "done"


def holds(command: str, cwd: Path) -> bool:
    """Whether a check passes."""
    return _run(["sh", "-c", command], cwd).returncode == 0


def _run(argv: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True)
