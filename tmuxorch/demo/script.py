"""Which outputs of a scenario answer a conversation. Pure, but for the count of failures already served."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import msgspec

from tmuxorch.demo.conversation import Conversation, Prompt
from tmuxorch.demo.scenario import PLACEHOLDER, AnyOutput, Call, Fail, Json, Message, Rule, Scenario

# (thread, rule, step, times): whether the failure of that place should happen once more.
StillFails: TypeAlias = Callable[[str, str, int, int], bool]


@dataclass(frozen=True)
class Counts:
    """Whether a failure of that step should happen once more, of so many: in this thread, or wherever this is asked."""

    thread: Callable[[int, int], bool]
    anywhere: Callable[[int, int], bool]


@dataclass(frozen=True)
class Answer:
    """One response. `about`: the prompt's first line and the place in its script, for the model's log."""

    about: str
    outputs: tuple[AnyOutput, ...]


def answer(scenario: Scenario, talk: Conversation, still_fails: StillFails) -> Answer:
    """What the scripted model says next in this conversation."""
    if talk.wants_title:
        return Answer("thread title", (Json(value={"title": "Scripted model"}),))
    for prompt in talk.prompts:
        for rule in scenario.rules:
            if (found := re.search(rule.match, prompt.text)) and re.search(rule.when.cwd, talk.cwd):
                names = {"cwd": talk.cwd} | _texts(found)
                counts = Counts(
                    thread=partial(still_fails, talk.thread, rule.match),
                    anywhere=partial(still_fails, prompt.text, rule.match),
                )
                return _next_step(rule, prompt, names, counts)
        if prompt.opens_turn:
            return _say(
                prompt, f"no rule of this scenario fits the prompt that begins: {prompt.text[:200]!r}"
            )
    return Answer("no prompt", (Message(text="(scripted) This request contains no prompt."),))


def _next_step(rule: Rule, prompt: Prompt, names: dict[str, str], counts: Counts) -> Answer:
    """Walk the script from its start: each step uses up as many results as it made calls."""
    used = 0
    for number, step in enumerate(rule.steps, 1):
        known = "\n".join(prompt.outputs[:used])
        chosen = [_filled(output, known, names) for output in step if _holds(output, known)]
        if used >= len(prompt.outputs):
            live = tuple(output for output in chosen if not _is_over(output, number, counts))
            if live:
                return Answer(f"{_first_line(prompt)} · step {number} of {len(rule.steps)}", live)
        used += sum(isinstance(output, Call) for output in chosen)
    return _say(prompt, "the script of this prompt has no further step")


def _is_over(output: AnyOutput, step: int, counts: Counts) -> bool:
    """Whether this is a failure that has happened as often as it should."""
    if not isinstance(output, Fail) or output.times is None:
        return False
    still_fails = counts.anywhere if output.anywhere else counts.thread
    return not still_fails(step, output.times)


def _holds(output: AnyOutput, known: str) -> bool:
    if output.if_output and not re.search(output.if_output, known):
        return False
    return not (output.unless_output and re.search(output.unless_output, known))


def _filled(output: AnyOutput, known: str, names: dict[str, str]) -> AnyOutput:
    found = re.search(output.if_output, known) if output.if_output else None
    values = names | (_texts(found) if found else {})

    def fill(value: Any) -> Any:
        match value:
            case str():
                return PLACEHOLDER.sub(lambda place: values.get(place[1], place[0]), value)
            case list():
                return [fill(part) for part in value]
            case dict():
                return {key: fill(part) for key, part in value.items()}
            case _:
                return value

    filled: AnyOutput = msgspec.convert(fill(msgspec.to_builtins(output)), type(output))
    return filled


def _texts(found: re.Match[str]) -> dict[str, str]:
    return {name: text or "" for name, text in found.groupdict().items()}


def _say(prompt: Prompt, text: str) -> Answer:
    return Answer(_first_line(prompt), (Message(text=f"(scripted) {text}"),))


def _first_line(prompt: Prompt) -> str:
    return next(iter(prompt.text.strip().splitlines()), "")[:80]
