"""What makes a pattern one that can be run, and which values it may be given."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from tmuxorch.core import text
from tmuxorch.core.pattern import FINAL, PLACEHOLDER, TASK, Parameter, Pattern, Step, placeholders
from tmuxorch.core.unknown import sayings
from tmuxorch.errors import UsageError

STEPS = 8
"""Steps that a pattern may have."""

VALUES = 16
"""Values that a parameter may have, and so workers that a step may have at once."""

LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,23}\Z")
"""What patterns and steps are named; workers' windows have a step's name."""

PARAMETER = re.compile(r"[a-z][a-z0-9-]{0,23}\Z")
"""What parameters are named: as labels, and placeholders begin with a letter."""

_BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)


class Wrong(Struct, frozen=True, kw_only=True):
    """What keeps a pattern from being run: where in it (keys and indexes), what it is, and what may help."""

    where: tuple[str | int, ...]
    what: str
    hint: str = ""


def problems(pattern: Pattern, roles: Collection[str]) -> Iterator[Wrong]:
    """All that keeps `pattern` from being run with these roles, in the order in which it is written."""
    if not pattern.title:
        yield Wrong(where=("title",), what="it has no title")
    if not re.fullmatch("[A-Z]?", pattern.letter):
        yield Wrong(where=("letter",), what=f"expected one capital letter, got {pattern.letter!r}")
    for name, parameter in pattern.parameters.items():
        yield from _parameter(name, parameter, pattern)
    if not 1 <= len(pattern.steps) <= STEPS:
        problem = f"expected 1 to {STEPS} steps, got {len(pattern.steps)}"
        yield Wrong(where=("steps",), what=problem)
    for index in range(len(pattern.steps)):
        yield from _step(index, pattern, roles)


def _parameter(name: str, parameter: Parameter, pattern: Pattern) -> Iterator[Wrong]:
    where = ("parameters", name)
    if not PARAMETER.match(name) or name == TASK:
        problem = f"a parameter's name is 1 to 24 of a-z 0-9 -, begins with a letter and is not {TASK}"
        yield Wrong(where=where, what=f"{problem}; got {text.clip(name, 60)!r}")
    if not parameter.about:
        yield Wrong(where=(*where, "about"), what="it does not say what it is")
    if not 1 <= parameter.min <= parameter.max <= VALUES:
        problem = f"expected 1 <= min <= max <= {VALUES}, got min {parameter.min} and max {parameter.max}"
        yield Wrong(where=where, what=problem)
    elif parameter.default and (problem := _unfit(parameter.default, parameter)):
        yield Wrong(where=(*where, "default"), what=problem)
    used = {step.over for step in pattern.steps}.union(
        *(placeholders(said) for step in pattern.steps for said in (step.task, step.lens))
    )
    if name not in used:
        yield Wrong(where=where, what=f"no step uses it: neither `over: {name}` nor {{{{{name}}}}}")


def _step(index: int, pattern: Pattern, roles: Collection[str]) -> Iterator[Wrong]:
    step, before = pattern.steps[index], [each.name for each in pattern.steps[:index]]

    def wrong(key: str, what: str, hint: str = "") -> Wrong:
        return Wrong(where=("steps", index, key), what=what, hint=hint)

    if not LABEL.match(step.name):
        yield wrong("name", f"a step's name is 1 to 24 of a-z 0-9 -; got {text.clip(step.name, 60)!r}")
    if step.name in before:
        yield wrong("name", f"two steps are named {step.name}")
    if step.role not in roles:
        yield wrong("role", *sayings("role", step.role, roles))
    if not step.task:
        yield wrong("task", "the task is empty")
    if step.over and step.over not in pattern.parameters:
        yield wrong("over", *sayings("parameter", step.over, pattern.parameters))
    for key, said in (("task", step.task), ("lens", step.lens)):
        for problem in _places(said, pattern):
            yield wrong(key, *problem)
    yield from (wrong("needs", *problem) for problem in _needs(step, pattern, before))
    if index == len(pattern.steps) - 1:
        if step.over:
            yield wrong("over", "the last step has one worker, whose answer is the pattern's result")
        if step.answer not in FINAL:
            yield wrong("answer", f"the last step answers in one of: {', '.join(FINAL)}; got {step.answer}")


def _places(said: str, pattern: Pattern) -> Iterator[tuple[str, str]]:
    for place in _BRACES.findall(said):
        if not (name := PLACEHOLDER.fullmatch(place)):
            yield f"{text.clip(place, 60)!r} is no placeholder", "write it as {{task}}, without blanks"
        elif name[1] != TASK and name[1] not in pattern.parameters:
            yield sayings("parameter", name[1], [*pattern.parameters, TASK])


def _needs(step: Step, pattern: Pattern, before: Sequence[str]) -> Iterator[tuple[str, str]]:
    names = [each.name for each in pattern.steps]
    for name in step.needs:
        if name in names and name not in before:
            hint = f"earlier ones: {', '.join(before)}" if before else "the first step needs nothing"
            yield f"it can only need earlier steps, and {name} is not earlier", hint
        elif name not in names:
            yield sayings("step", name, before)
    if len(set(step.needs)) < len(step.needs):
        yield "a step is named twice", ""


def given(pattern: Pattern, values: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The values of each parameter of the pattern: as they were given, each once and as a line; else the default.

    Raises UsageError for a parameter that it does not have, for empty values, for too few and too many.
    """
    for name in values:
        if name not in pattern.parameters:
            problem, hint = sayings("parameter", name, pattern.parameters)
            raise UsageError(f"{pattern.name}: {problem}", hint=hint)
    found = {}
    for name, parameter in pattern.parameters.items():
        kept = tuple(dict.fromkeys(map(text.line, values.get(name, ())))) or parameter.default
        if problem := _unfit(kept, parameter):
            raise UsageError(f"{pattern.name}: {name}: {problem}", hint=f"{name}: {parameter.about}")
        found[name] = kept
    return found


def _unfit(values: Sequence[str], parameter: Parameter) -> str:
    """Why these cannot be the values, if so."""
    if not all(values):
        return "a value is empty"
    if len(set(values)) < len(values):
        return "a value is there twice"
    least, most = parameter.min, parameter.max
    if least <= len(values) <= most:
        return ""
    number = f"{least}" if least == most else f"{least} to {most}"
    return f"expected {number} value{'s' if most > 1 else ''}, got {len(values)}"
