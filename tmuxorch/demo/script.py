"""Which outputs of a scenario answer a conversation. Pure, but for the count of failures already served."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import msgspec

from tmuxorch.demo.conversation import Conversation, Prompt
from tmuxorch.demo.scenario import (
    PLACEHOLDER,
    REPEATS,
    AnyOutput,
    Call,
    Fail,
    Json,
    Mcp,
    Message,
    Rule,
    Scenario,
)

NO_SUMMARY = "(scripted) This model keeps nothing in mind. Where the work stands is in its files."

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
        if prompt.wants_summary:
            return Answer("compaction", (Message(text=NO_SUMMARY),))
        if prompt.opens_turn:
            return _say(
                prompt, f"no rule of this scenario fits the prompt that begins: {prompt.text[:200]!r}"
            )
    return Answer("no prompt", (Message(text="(scripted) This request contains no prompt."),))


@dataclass(frozen=True)
class Heard:
    """What is known before a step: how many results it stands behind, them all, those of the newest step that called
    anything, and what names stand for.
    """

    used: int
    all: str
    latest: str
    names: dict[str, str]


class NotGiven(Exception):
    """Nothing has given that placeholder."""


def _next_step(rule: Rule, prompt: Prompt, names: dict[str, str], counts: Counts) -> Answer:
    """Walk the script from its start: a step uses up as many results as it made calls, as often as it is repeated."""
    heard = Heard(0, "", "", names)
    for number, step in enumerate(rule.steps, 1):
        for _ in range(REPEATS):
            try:
                chosen = [_filled(output, heard) for output in step if _holds(output, heard)]
            except NotGiven as missing:
                return _say(prompt, f"nothing has given {missing}, which step {number} needs")
            if heard.used >= len(prompt.outputs):
                live = tuple(output for output in chosen if not _is_over(output, number, counts))
                if live:
                    return Answer(f"{_first_line(prompt)} · step {number} of {len(rule.steps)}", live)
            calls = [output for output in chosen if isinstance(output, Call)]
            results = prompt.outputs[heard.used : heard.used + len(calls)]
            heard = _after(heard, calls, results)
            if all(re.search(call.until, result) for call, result in zip(calls, results, strict=False)):
                break
        else:
            return _say(prompt, f"step {number} was repeated {REPEATS} times, and its results do not fit")
    return _say(prompt, "the script of this prompt has no further step")


def _after(heard: Heard, calls: Sequence[Call], results: tuple[str, ...]) -> Heard:
    if not calls:
        return heard
    names = dict(heard.names)
    for call, result in zip(calls, results, strict=False):
        if call.gives and (found := re.search(call.gives, result)):
            texts = _texts(found)
            names |= {name: _read(text) for name, text in texts.items()} if isinstance(call, Mcp) else texts
    latest = "\n".join(results)
    everything = f"{heard.all}\n{latest}" if heard.all else latest
    return Heard(heard.used + len(calls), everything, latest, names)


def _is_over(output: AnyOutput, step: int, counts: Counts) -> bool:
    """Whether this is a failure that has happened as often as it should."""
    if not isinstance(output, Fail) or output.times is None:
        return False
    still_fails = counts.anywhere if output.anywhere else counts.thread
    return not still_fails(step, output.times)


def _holds(output: AnyOutput, heard: Heard) -> bool:
    wanted = ((output.if_output, heard.all), (output.if_latest, heard.latest))
    unwanted = ((output.unless_output, heard.all), (output.unless_latest, heard.latest))
    return all(re.search(pattern, text) for pattern, text in wanted) and not any(
        pattern and re.search(pattern, text) for pattern, text in unwanted
    )


def _filled(output: AnyOutput, heard: Heard) -> AnyOutput:
    values = dict(heard.names)
    for pattern, text in ((output.if_output, heard.all), (output.if_latest, heard.latest)):
        if pattern and (found := re.search(pattern, text)):
            values |= _texts(found)

    def stands(place: re.Match[str]) -> str:
        if place[1] not in values:
            raise NotGiven(place[0])
        return values[place[1]]

    def fill(value: Any) -> Any:
        match value:
            case str():
                whole = PLACEHOLDER.fullmatch(value)
                text = PLACEHOLDER.sub(stands, value)
                return msgspec.json.decode(text) if whole and whole[2] else text
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


def _read(text: str) -> str:
    """A part of a tool's JSON as it is meant: without the escapes of a string."""
    try:
        return msgspec.json.decode(f'"{text}"', type=str)
    except msgspec.DecodeError:
        return text


def _say(prompt: Prompt, text: str) -> Answer:
    return Answer(_first_line(prompt), (Message(text=f"(scripted) {text}"),))


def _first_line(prompt: Prompt) -> str:
    return next(iter(prompt.text.strip().splitlines()), "")[:80]
