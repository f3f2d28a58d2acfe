"""Role templates, lenses and patterns: which there are, and whose counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.conftest import PATTERN, ROLE, Place
from tmuxorch.core.pattern import Answer, Parameter, Pattern, Step
from tmuxorch.core.pattern_rules import given
from tmuxorch.errors import UsageError
from tmuxorch.store.templates import BUILT_IN, Listed, Templates

ROLES = ["free", "implementer", "researcher", "reviewer", "scout", "verifier"]


# ---- what is built in ---------------------------------------------------------------------------------------------


def test_the_built_in_roles(templates: Templates) -> None:
    assert [one.name for one in templates.roles()] == ROLES
    assert all(one.title and not one.problem for one in templates.roles())
    assert templates.role("free").calls_itself == "worker"
    assert templates.role("SCOUT").calls_itself == "scout"


def outline(pattern: Pattern) -> list[str]:
    """A line for each step."""
    return [
        f"{step.name}: {step.role}{' over ' + step.over if step.over else ''}{' edits' if step.edit else ''}"
        f"{' given ' + '+'.join(step.needs) if step.needs else ''} -> {step.answer}"
        for step in pattern.steps
    ]


@pytest.mark.parametrize(
    ("letter", "name", "steps", "parameters"),
    [
        (
            "A",
            "review",
            ["review: reviewer over lens -> findings", "synthesis: free given review -> brief"],
            {"lens": (2, 4, 3)},
        ),
        (
            "B",
            "review-fix",
            [
                "review: reviewer over lens -> findings",
                "fix: implementer edits given review -> text",
                "verify: verifier given review+fix -> verdict",
            ],
            {"lens": (1, 4, 3)},
        ),
        (
            "C",
            "scout",
            [
                "scout: scout -> text",
                "change: implementer edits given scout -> text",
                "verify: verifier given scout+change -> verdict",
            ],
            {},
        ),
        (
            "D",
            "sections",
            ["section: reviewer over section -> findings", "synthesis: free given section -> brief"],
            {"section": (2, 16, 0)},
        ),
        (
            "E",
            "research",
            [
                "research: researcher over question -> notes",
                "synthesis: free given research -> brief",
                "next-actions: free given research+synthesis -> brief",
            ],
            {"question": (1, 8, 3)},
        ),
        (
            "F",
            "options",
            ["option: free over option -> options", "choice: free given option -> brief"],
            {"option": (2, 6, 3)},
        ),
    ],
)
def test_a_built_in_pattern(
    templates: Templates, letter: str, name: str, steps: list[str], parameters: dict[str, object]
) -> None:
    pattern = templates.pattern(letter)
    assert (pattern.name, pattern.letter) == (name, letter)
    assert templates.pattern(name) == templates.pattern(name.upper()) == templates.pattern(letter.lower())
    assert outline(pattern) == steps
    bounds = {
        name: (parameter.min, parameter.max, len(parameter.default))
        for name, parameter in pattern.parameters.items()
    }
    assert bounds == parameters
    assert all("{{task}}" in step.task for step in pattern.steps)
    assert all("DATA" in step.task for step in pattern.steps if step.needs)
    if all(parameter.default for parameter in pattern.parameters.values()):
        assert given(pattern, {}).keys() == pattern.parameters.keys()


def test_the_list_of_patterns(templates: Templates, user: Place) -> None:
    mine = user.write("patterns/about.yaml", PATTERN)
    broken = user.write("patterns/scout.yaml", PATTERN + "lettr: C\n")
    found = templates.patterns()
    assert [(one.letter, one.name) for one in found] == [
        ("A", "review"),
        ("B", "review-fix"),
        ("D", "sections"),
        ("E", "research"),
        ("F", "options"),
        ("", "about"),
        ("", "scout"),
    ]
    assert found[0].source == str(BUILT_IN / "patterns" / "review.yaml")
    assert found[0].title == "Review through several lenses, one list"
    assert found[-2] == Listed(name="about", source=str(mine), title="T")
    problem = f"{broken}, line 4: unknown key lettr; the nearest known key is letter"
    assert found[-1] == Listed(name="scout", source=str(broken), problem=problem)


# ---- whose counts -------------------------------------------------------------------------------------------------


def test_the_project_wins_over_the_user_who_wins_over_the_built_in(
    templates: Templates, project: Place, user: Place
) -> None:
    built_in = templates.role("scout")
    user.write("roles/scout.yaml", ROLE)
    assert templates.role("scout").do == "Do it."  # at once, from the same object
    project.write(
        "roles/scout.yaml", "{do: 'Do that.', output: o, calls_itself: ranger, do_not: n, about: a}"
    )
    scout = templates.role("scout")
    assert (scout.do, scout.calls_itself, scout.do_not, scout.about) == ("Do that.", "ranger", "n", "a")
    assert [one.name for one in templates.roles()] == ROLES
    (project.directory / "roles" / "scout.yaml").unlink()
    (user.directory / "roles" / "scout.yaml").unlink()
    assert templates.role("scout") == built_in

    user.write("lenses.yaml", "security: mine\nspeed: also mine\n")
    project.write("lenses.yaml", "speed: ours\n")
    assert templates.lens("security") == "security: mine"
    assert templates.lens("speed") == "speed: ours"
    assert templates.lens("risks").startswith("risks: what could go wrong")


def test_a_letter_leads_to_the_own_pattern_of_that_name(
    templates: Templates, project: Place, user: Place
) -> None:
    user.write("patterns/review.yaml", PATTERN)
    assert templates.pattern("a").title == "T"
    user.write("patterns/audit.yaml", PATTERN + "letter: A\n")
    user.write("patterns/a-broken-one.yaml", "letter: A")
    assert templates.pattern("A").name == "audit"
    user.write("patterns/a.yaml", PATTERN)
    assert templates.pattern("A").name == "a"


def test_without_a_configuration_directory_it_is_in_the_home(tmp_path: Path) -> None:
    Place(tmp_path / "h" / ".config" / "tmuxorch").write("roles/mine.yaml", ROLE)
    for environ in ({"HOME": str(tmp_path / "h")}, {"HOME": str(tmp_path / "h"), "XDG_CONFIG_HOME": "x"}):
        assert Templates(tmp_path, environ).role("mine").name == "mine"


def test_all_of_a_pattern(templates: Templates, project: Place) -> None:
    project.write("roles/judge.yaml", ROLE)
    project.write(
        "patterns/mine.yaml",
        """\
letter: Q
title: A pattern
about: "For \\e[31mwhat \\
  it is for"
x-mine: 1
parameters:
  part-1: {about: Which part, min: 2, max: 3, default: [a, " b \\n c"]}
steps:
  - name: look
    role: JUDGE
    task: |
      Look at {{part-1}}
        of {{task}}
    lens: "for {{part-1}} only"
    over: part-1
    edit: true
    answer: notes
  - {name: end, role: judge, task: End it, needs: [look], answer: verdict, x-why: [1]}
""".replace("JUDGE", "judge"),
    )
    look = Step(
        name="look",
        role="judge",
        task="Look at {{part-1}}\n  of {{task}}",
        lens="for {{part-1}} only",
        over="part-1",
        edit=True,
        answer=Answer.NOTES,
    )
    assert templates.pattern("mine") == Pattern(
        name="mine",
        title="A pattern",
        about="For what it is for",
        letter="Q",
        parameters={"part-1": Parameter(about="Which part", min=2, max=3, default=("a", "b c"))},
        steps=(
            look,
            Step(name="end", role="judge", task="End it", needs=("look",), answer=Answer.VERDICT),
        ),
    )


# ---- lenses -------------------------------------------------------------------------------------------------------


def test_lenses_are_named_or_ones_own(templates: Templates) -> None:
    known = templates.lenses()
    assert list(known) == sorted(known)
    assert templates.lens("Tests") == f"tests: {known['tests']}"
    assert templates.lens(" RISKS,tests , risks,") == f"risks: {known['risks']}; tests: {known['tests']}"
    assert templates.lens("what a child\nwould ask") == "what a child would ask"
    assert templates.lens("tests, and how long they take") == "tests, and how long they take"
    assert templates.lens(" \n") == ""
    told = templates.lens("tests, risks")
    assert templates.lens(told) == told


# ---- names that are not there -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nothing", "", "../roles/free", "/etc/passwd", "free\0", "x" * 5000])
def test_a_name_that_is_not_there(templates: Templates, name: str) -> None:
    for ask in (templates.role, templates.pattern):
        with pytest.raises(UsageError, match=f"^there is no {ask.__name__} '"):
            ask(name)


def test_the_nearest_and_all_names_are_told(templates: Templates) -> None:
    with pytest.raises(UsageError) as role:
        templates.role("Reviwer")
    assert role.value.message == "there is no role 'Reviwer'"
    assert role.value.hint == f"did you mean 'reviewer'? there are: {', '.join(ROLES)}"
    with pytest.raises(UsageError) as pattern:
        templates.pattern("section")
    assert pattern.value.hint.startswith("did you mean 'sections'? there are: options, research, review, ")
    with pytest.raises(UsageError) as lens:
        templates.lens("secruity")
    assert lens.value.message == "there is no lens 'secruity'"
    assert lens.value.hint.startswith(
        "did you mean 'security'? a lens of your own has several words; there are: accessibility, "
    )
    with pytest.raises(UsageError, match="there is no lens 'speed'"):
        templates.lens("tests, speed")


# ---- what it costs ------------------------------------------------------------------------------------------------


def test_no_yaml_is_imported_before_a_file_is_read() -> None:
    loaded = "import sys, tmuxorch.store.templates; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"yaml", "asyncio", "websockets"} & set(modules)
