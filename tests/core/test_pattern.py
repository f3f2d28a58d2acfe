"""Patterns: what fills them, which can be run, and which values they take."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st
from msgspec.structs import replace

from tmuxorch.core.pattern import (
    Answer,
    Parameter,
    Part,
    Pattern,
    Step,
    edits,
    filled,
    parts,
    placeholders,
)
from tmuxorch.core.pattern_rules import STEPS, Wrong, given, problems
from tmuxorch.core.unknown import unknown
from tmuxorch.errors import UsageError

ROLES = ("free", "reviewer")

LENS = Parameter(about="What to look for", min=2, max=4, default=("tests", "risks"))
LOOK = Step(name="look", role="reviewer", task="See {{task}}", over="lens", lens="{{lens}}")
SUM = Step(name="sum", role="free", task="Sum up {{lens}}", needs=("look",), answer=Answer.BRIEF)
GOOD = Pattern(name="good", title="Good", about="", steps=(LOOK, SUM), parameters={"lens": LENS})


def first(**changes: Any) -> Pattern:
    """GOOD with another first step."""
    return replace(GOOD, steps=(replace(LOOK, **changes), SUM))


def last(**changes: Any) -> Pattern:
    """GOOD with another last step."""
    return replace(GOOD, steps=(LOOK, replace(SUM, **changes)))


def parameter(**changes: Any) -> Pattern:
    """GOOD with another parameter."""
    return replace(GOOD, parameters={"lens": replace(LENS, **changes)})


def named(name: str) -> Pattern:
    """GOOD with a parameter of that name."""
    steps = replace(LOOK, over=name, lens=""), replace(SUM, task="Sum up")
    return replace(GOOD, steps=steps, parameters={name: LENS})


def test_a_worker_for_each_value_and_all_values_where_there_is_one() -> None:
    values = {"lens": ("tests", "{{task}}")}
    assert list(parts(LOOK, "the door", values)) == [
        Part(about="tests", task="See the door", lens="tests"),
        Part(about="{{task}}", task="See the door", lens="{{task}}"),
    ]
    assert list(parts(SUM, "the door", values)) == [
        Part(about="", task="Sum up tests, {{task}}", lens=""),
    ]


@anything(st.dictionaries(st.sampled_from(["task", "lens", "x-1"]), st.text()), st.text())
def test_what_is_filled_in_is_not_looked_through_again(values: dict[str, str], between: str) -> None:
    between = between.replace("{", "").replace("}", "")
    said = filled(between.join(["{{task}}", "{{lens}}", "{{x-1}}"]), values)
    assert said == between.join(values.get(name, f"{{{{{name}}}}}") for name in ("task", "lens", "x-1"))


def test_placeholders() -> None:
    assert placeholders("{{task}} {{a-b_2}} {{task}} {{ no }} {{No}} {no} {{2}}") == {"task", "a-b_2"}


def test_a_pattern_edits_if_a_step_does() -> None:
    assert not edits(GOOD)
    assert edits(first(edit=True))


def test_a_good_one_has_no_problems() -> None:
    assert list(problems(GOOD, ROLES)) == []
    assert list(problems(named("a-2"), ROLES)) == []
    assert list(problems(replace(GOOD, letter="Q"), ROLES)) == []


THERE = "there are: free, reviewer"


@pytest.mark.parametrize(
    ("pattern", "where", "what", "hint"),
    [
        (replace(GOOD, title=""), ("title",), "it has no title", ""),
        (replace(GOOD, letter="a"), ("letter",), "expected one capital letter, got 'a'", ""),
        (replace(GOOD, letter="AB"), ("letter",), "expected one capital letter, got 'AB'", ""),
        (last(name="Sum"), ("steps", 1, "name"), "a step's name is 1 to 24 of a-z 0-9 -; got 'Sum'", ""),
        (last(name="a\n"), ("steps", 1, "name"), "a step's name is 1 to 24 of a-z 0-9 -; got 'a\\n'", ""),
        (last(name="look"), ("steps", 1, "name"), "two steps are named look", ""),
        (
            first(role="reviwer"),
            ("steps", 0, "role"),
            "there is no role 'reviwer'",
            f"did you mean 'reviewer'? {THERE}",
        ),
        (first(role="zz"), ("steps", 0, "role"), "there is no role 'zz'", THERE),
        (first(task=""), ("steps", 0, "task"), "the task is empty", ""),
        (
            first(over="lense"),
            ("steps", 0, "over"),
            "there is no parameter 'lense'",
            "did you mean 'lens'? there are: lens",
        ),
        (first(over="task"), ("steps", 0, "over"), "there is no parameter 'task'", "there are: lens"),
        (
            first(task="{{taks}}"),
            ("steps", 0, "task"),
            "there is no parameter 'taks'",
            "did you mean 'task'? there are: lens, task",
        ),
        (
            first(lens="{{ lens }}"),
            ("steps", 0, "lens"),
            "'{{ lens }}' is no placeholder",
            "write it as {{task}}, without blanks",
        ),
        (
            first(needs=("sum",)),
            ("steps", 0, "needs"),
            "it can only need earlier steps, and sum is not earlier",
            "the first step needs nothing",
        ),
        (
            last(needs=("look", "sum")),
            ("steps", 1, "needs"),
            "it can only need earlier steps, and sum is not earlier",
            "earlier ones: look",
        ),
        (
            last(needs=("lok",)),
            ("steps", 1, "needs"),
            "there is no step 'lok'",
            "did you mean 'look'? there are: look",
        ),
        (last(needs=("look", "look")), ("steps", 1, "needs"), "a step is named twice", ""),
        (
            last(over="lens"),
            ("steps", 1, "over"),
            "the last step has one worker, whose answer is the pattern's result",
            "",
        ),
        (
            last(answer=Answer.TEXT),
            ("steps", 1, "answer"),
            "the last step answers in one of: brief, verdict; got text",
            "",
        ),
        (
            named("task"),
            ("parameters", "task"),
            "a parameter's name is 1 to 24 of a-z 0-9 -, begins with a letter and is not task; got 'task'",
            "",
        ),
        (
            named("1st"),
            ("parameters", "1st"),
            "a parameter's name is 1 to 24 of a-z 0-9 -, begins with a letter and is not task; got '1st'",
            "",
        ),
        (parameter(about=""), ("parameters", "lens", "about"), "it does not say what it is", ""),
        (parameter(min=0), ("parameters", "lens"), "expected 1 <= min <= max <= 16, got min 0 and max 4", ""),
        (parameter(min=5), ("parameters", "lens"), "expected 1 <= min <= max <= 16, got min 5 and max 4", ""),
        (
            parameter(max=17),
            ("parameters", "lens"),
            "expected 1 <= min <= max <= 16, got min 2 and max 17",
            "",
        ),
        (
            parameter(default=("a",)),
            ("parameters", "lens", "default"),
            "expected 2 to 4 values, got 1",
            "",
        ),
        (parameter(default=("a", "")), ("parameters", "lens", "default"), "a value is empty", ""),
        (parameter(default=("a", "a")), ("parameters", "lens", "default"), "a value is there twice", ""),
        (
            replace(GOOD, parameters={"lens": LENS, "depth": LENS}),
            ("parameters", "depth"),
            "no step uses it: neither `over: depth` nor {{depth}}",
            "",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(pattern: Pattern, where: tuple[str | int, ...], what: str, hint: str) -> None:
    assert list(problems(pattern, ROLES)) == [Wrong(where=where, what=what, hint=hint)]


def test_there_are_steps_and_not_too_many() -> None:
    none = replace(GOOD, steps=(), parameters={})
    many = replace(
        GOOD, steps=(*(replace(LOOK, name=f"look-{n}") for n in range(STEPS)), replace(SUM, needs=()))
    )
    for pattern, number in ((none, 0), (many, STEPS + 1)):
        problem = f"expected 1 to 8 steps, got {number}"
        assert list(problems(pattern, ROLES)) == [Wrong(where=("steps",), what=problem)]


def test_values_count_once_as_lines_in_their_order() -> None:
    assert given(GOOD, {"lens": ["b \x1b[31m\n c", "a", "b c"]}) == {"lens": ("b c", "a")}


@pytest.mark.parametrize("none", [{}, {"lens": []}])
def test_without_values_the_default_counts(none: dict[str, list[str]]) -> None:
    assert given(GOOD, none) == {"lens": ("tests", "risks")}


@pytest.mark.parametrize(
    ("pattern", "values", "message", "hint"),
    [
        (
            GOOD,
            {"lense": ["a"]},
            "good: there is no parameter 'lense'",
            "did you mean 'lens'? there are: lens",
        ),
        (replace(GOOD, parameters={}), {"a": ["b"]}, "good: there is no parameter 'a'", "there is none"),
        (GOOD, {"lens": ["a"]}, "good: lens: expected 2 to 4 values, got 1", "lens: What to look for"),
        (GOOD, {"lens": ["a", "a "]}, "good: lens: expected 2 to 4 values, got 1", "lens: What to look for"),
        (GOOD, {"lens": list("abcde")}, "good: lens: expected 2 to 4 values, got 5", "lens: What to look for"),
        (GOOD, {"lens": ["a", " \t"]}, "good: lens: a value is empty", "lens: What to look for"),
        (parameter(default=()), {}, "good: lens: expected 2 to 4 values, got 0", "lens: What to look for"),
        (
            parameter(min=1, max=1, default=()),
            {"lens": ["a", "b"]},
            "good: lens: expected 1 value, got 2",
            "lens: What to look for",
        ),
    ],
)  # fmt: skip
def test_values_that_do_not_do(pattern: Pattern, values: Any, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        given(pattern, values)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_an_unknown_name_is_told_in_so_many_characters_without_its_controls() -> None:
    error = unknown("lens", "\x1b[2J" + "x" * 100, ["a", "b"], "read the list;")
    assert error.message == "there is no lens '\\x1b[2J" + "x" * 55 + "…'"
    assert error.hint == "read the list; there are: a, b"


@anything(st.text(), st.lists(st.text(), max_size=20))
def test_whatever_is_given_comes_out_within_the_bounds_or_is_refused(name: str, values: list[str]) -> None:
    try:
        found = given(GOOD, {name: values, "lens": values})
    except UsageError:
        return
    assert found.keys() == {"lens"}
    assert 2 <= len(set(found["lens"])) == len(found["lens"]) <= 4
    assert all(found["lens"])
