"""The review story without its agents: what each scripted worker says, and does to the firmware."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.demo.scripted import holds, play
from tmuxorch.codex import workerprompt
from tmuxorch.core import results
from tmuxorch.core.pattern import Answer, Part, Step, parts
from tmuxorch.demo import sample_repos, scenario
from tmuxorch.demo.stories import REVIEW, Wanted
from tmuxorch.store.templates import Templates

RULES = scenario.load([REVIEW.script])
TEMPLATES = Templates(Path("/p"), {})
SUITE = "python3 -m unittest -q 2>&1 | tail -1 | grep -F"


def asked() -> list[tuple[Wanted, Step, Part]]:
    """Every worker that the story asks for, in the order in which it does."""
    return [
        (wanted, step, part)
        for wanted in REVIEW.extras.patterns
        for step in TEMPLATES.pattern(wanted.name).steps
        for part in parts(step, wanted.task, wanted.given)
    ]


def prompt(wanted: Wanted, step: Step, part: Part) -> str:
    form = "" if step.answer is Answer.TEXT else workerprompt.FORMS[step.answer]
    lens = TEMPLATES.lens(part.lens) if part.lens else ""
    role, data = TEMPLATES.role(step.role), "TASK: anything that others found" if step.needs else ""
    scope = "edit" if step.edit else "read-only"
    return workerprompt.build(role, part.task, scope, lens, {}, wanted.paths, data=data, form=form)


@pytest.fixture
def repos(tmp_path: Path) -> Path:
    sample_repos.create(tmp_path / "repos", REVIEW)
    return tmp_path / "repos"


def said(place: Path, wanted: Wanted, step: Step, part: Part) -> str:
    """What that worker says last, in the form that it was asked for."""
    output = play(RULES, prompt(wanted, step, part), place / wanted.cd)
    assert isinstance(output, scenario.Message | scenario.Json)
    words = output.text if isinstance(output, scenario.Message) else json.dumps(output.value)
    assert results.read(words, step.answer)
    return words


def test_every_worker_has_its_answer_and_the_change_holds(repos: Path) -> None:
    place, firmware = repos.parent, repos / "firmware"
    *looking, scout, change, verify = asked()
    words = [said(place, *one) for one in looking]
    assert len({*words}) == 4
    assert ["(scripted)" in one for one in words] == [False, False, False, True]

    assert json.loads(said(place, *verify))["verdict"] == "fail", "there is nothing to verify yet"
    assert holds(f"{SUITE} 'FAILED (failures=4)'", firmware)
    assert "says: FAILED (failures=4)." in said(place, *scout)
    for _ in range(2):  # it may be tried again
        assert "says: FAILED (failures=1)." in said(place, *change)
    assert holds(f"{SUITE} 'FAILED (failures=1)'", firmware)
    changed = subprocess.run(
        ["git", "-C", firmware, "diff", "--name-only"], capture_output=True, text=True, check=True
    )
    assert changed.stdout.split() == ["docs/architecture.md", "docs/release.md", "firmware/onboarding.py"]

    verdict = results.read(said(place, *verify), Answer.VERDICT)
    assert isinstance(verdict, results.Verdict)
    assert verdict.verdict is results.Judgement.PASS


def test_every_text_that_a_person_reads_says_that_it_is_scripted() -> None:
    for output in (output for rule in RULES.rules for step in rule.steps for output in step):
        match output:
            case scenario.Message(text=text) | scenario.Reasoning(text=text):
                assert "(scripted)" in text
            case scenario.Json(value=value):  # findings have no summary; what is made of them has
                assert "(scripted)" in value.get("summary", "(scripted)")
