"""What the scripted model answers, as data: the YAML of a scenario, read strictly.

    pace: 0.02                  # seconds between the words of a message; 0 or absent sends it in one piece
    rules:
      - match: '^# greet (?P<who>\\w+)'    # searched in the prompt; the first rule that fits answers it
        when: {cwd: '/backend$'}    # optional: searched in the thread's working directory
        steps:                  # one response of the model each; the next follows the results of its calls
          - - {do: command, cmd: "git status --short"}
          - - {do: message, text: "(scripted) Hello <<who>>, all is clean.", if_output: "Output:\\n$"}
            - {do: message, text: "(scripted) Hello <<who>>, look here.", unless_output: "Output:\\n$"}

* `if_output` and `unless_output` are searched in the results of this turn's earlier steps, joined; `if_latest` and
  `unless_latest` in those of the newest step that called anything. A step of which nothing is left is passed over, so
  a script can end early or react to an answer.
* `until` on a call: its step is repeated until the call's result fits, at most REPEATS times.
* `<<name>>` stands for a named group of `match`, of the output's own `if_output` or `if_latest`, or of the pattern
  `gives` of a call, which is searched in the call's result (the newest that fits counts; what it takes out of a
  string of an MCP tool's JSON stands without escapes); or for `<<cwd>>`.
  A text that is nothing but `<<name:json>>` becomes the value that is written there: a number, a list.
* A compaction is answered with a summary that says nothing, unless a rule fits Codex's request for it. What was said
  before a compaction answers nothing any more.
* `fail` ends its step: what stands before it is streamed first (the kinds that are an HTTP status must stand
  first). It fails every attempt, or with `times: N` the first N ones of each thread (with `anywhere: true` of
  all threads that have the same prompt); that count is the only thing the server remembers.
* A message to a running turn (a steer) that fits no rule changes nothing; one that fits starts that script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import yaml

from tmuxorch.demo.faults import HTTP_FAULTS, STREAM_FAULTS
from tmuxorch.errors import UsageError

PLACEHOLDER = re.compile(r"<<(\w+)(:json)?>>")

REPEATS = 200
"""How often a step is repeated until its results fit. Then the script says so and ends."""


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"the pattern {text!r} is not valid: {error}") from error


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """One thing of a response. A condition that does not hold leaves it out."""

    if_output: str = ""
    unless_output: str = ""
    if_latest: str = ""
    unless_latest: str = ""

    def __post_init__(self) -> None:
        for text in (self.if_output, self.unless_output, self.if_latest, self.unless_latest):
            _pattern(text)


class Message(Output, frozen=True, kw_only=True, tag="message"):
    """Text of the agent. `delay`: seconds between words, instead of the scenario's `pace`."""

    text: str
    delay: float | None = None


class Json(Output, frozen=True, kw_only=True, tag="json"):
    """A structured answer: a message whose text is `value` as JSON."""

    value: Any


class Reasoning(Output, frozen=True, kw_only=True, tag="reasoning"):
    """A reasoning summary."""

    text: str
    delay: float | None = None


class Pause(Output, frozen=True, kw_only=True, tag="pause"):
    """Silence on the open stream."""

    seconds: float


class Usage(Output, frozen=True, kw_only=True, tag="usage"):
    """The token counts of this response, in place of the estimate (four characters each)."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0


class Fail(Output, frozen=True, kw_only=True, tag="fail"):
    """An error of `faults.py`. seconds: until the limit resets or a retry is welcome; times: see above."""

    kind: str
    times: int | None = None
    anywhere: bool = False
    seconds: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in HTTP_FAULTS and self.kind not in STREAM_FAULTS:
            raise ValueError(
                f"unknown kind {self.kind!r}, known: {', '.join([*HTTP_FAULTS, *STREAM_FAULTS])}"
            )


class Call(Output, frozen=True, kw_only=True):
    """What Codex answers with one result."""

    gives: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _pattern(self.gives)
        _pattern(self.until)


class Command(Call, frozen=True, kw_only=True, tag="command"):
    """A shell command; with `escalate` it asks to run outside the sandbox, because of `justification`."""

    cmd: str
    yield_ms: int = 10_000
    escalate: bool = False
    justification: str = ""


class Patch(Call, frozen=True, kw_only=True, tag="patch"):
    """A freeform apply_patch call: `*** Begin Patch` … `*** End Patch`."""

    patch: str


class PlanStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of the agent's own to-do list."""

    step: str
    status: Literal["pending", "in_progress", "completed"]


class Plan(Call, frozen=True, kw_only=True, tag="plan"):
    """The agent's to-do list (update_plan)."""

    steps: list[PlanStep]
    explanation: str = ""


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice of a question."""

    label: str
    description: str


class Question(Call, frozen=True, kw_only=True, tag="question"):
    """One question to the user (request_user_input)."""

    id: str
    header: str
    question: str
    options: list[Option]
    secret: bool = False


class Permissions(Call, frozen=True, kw_only=True, tag="permissions"):
    """A request for more permissions (request_permissions)."""

    reason: str
    write: list[str] = []
    read: list[str] = []
    network: bool = False


class Mcp(Call, frozen=True, kw_only=True, tag="mcp"):
    """A call of an MCP server's tool."""

    server: str
    tool: str
    arguments: dict[str, Any] = {}


AnyCall: TypeAlias = Command | Patch | Plan | Question | Permissions | Mcp
AnyOutput: TypeAlias = Message | Json | Reasoning | Pause | Usage | Fail | AnyCall


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What else must fit, besides the prompt."""

    cwd: str = ""

    def __post_init__(self) -> None:
        _pattern(self.cwd)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The script of the turns whose prompt fits `match`."""

    match: str
    steps: list[list[AnyOutput]]
    when: When = When()

    def __post_init__(self) -> None:
        given = {"cwd", *_pattern(self.match).groupindex}
        for number, step in enumerate(self.steps, 1):
            if number < len(self.steps) and not any(isinstance(o, Call | Fail) for o in step):
                raise ValueError(
                    f"step {number} calls no tool, so the turn ends there and later steps are unreachable"
                )
            given |= {name for o in step if isinstance(o, Call) for name in re.compile(o.gives).groupindex}
            for place, output in enumerate(step):
                if place and isinstance(output, Fail) and output.kind in HTTP_FAULTS:
                    raise ValueError(f"step {number}: {output.kind} is an HTTP status and must stand first")
                _check_placeholders(number, output, given)


def _check_placeholders(step: int, output: AnyOutput, given: set[str]) -> None:
    known = given.union(*(re.compile(text).groupindex for text in (output.if_output, output.if_latest)))
    for text in _strings(output):
        for found in PLACEHOLDER.finditer(text):
            if found[1] not in known:
                raise ValueError(f"step {step}: {found[0]} is no named group")
            if found[2] and found[0] != text:
                raise ValueError(f"step {step}: {found[0]} must be the whole text")


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules in order; the first that fits answers."""

    rules: list[Rule]
    pace: float = 0.0


def load(paths: Sequence[Path]) -> Scenario:
    """The rules of all files in order (of a directory: its *.yaml by name), at the pace of the slowest.

    Raises UsageError naming the file and the line.
    """
    files = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    if not files:
        raise UsageError(f"no scenario in {', '.join(map(str, paths))}")
    parts = [parse(_text_of(file), str(file)) for file in files]
    rules = [rule for part in parts for rule in part.rules]
    return Scenario(rules=rules, pace=max(part.pace for part in parts))


def parse(text: str, name: str) -> Scenario:
    """The scenario in a YAML text; `name` is what errors call it."""
    try:
        return msgspec.convert(yaml.safe_load(text), Scenario)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{name}:{mark.line + 1 if mark else 1}: {error}") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}:{_line_of(str(error), text)}: {error}") from error


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the scenario {path}: {error}") from error


def _line_of(message: str, text: str) -> int:
    """The line of the deepest YAML node on the path that ends msgspec's message (`$.rules[2].match`)."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    found = re.search(r"`\$(.*)`$", message)
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", found[1] if found else ""):
        if isinstance(node, yaml.SequenceNode) and index:
            node = node.value[int(index)]
        elif isinstance(node, yaml.MappingNode) and key:
            node = next((value for name, value in node.value if name.value == key), node)
    return node.start_mark.line + 1 if node else 1


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _strings(part)
        case dict():
            yield from _strings([*value, *value.values()])
        case msgspec.Struct():
            yield from _strings(msgspec.to_builtins(value))
