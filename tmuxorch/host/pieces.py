"""What the views of both protocols are made of."""

from __future__ import annotations

import json

from tmuxorch.host import figures
from tmuxorch.host.fields import Json, number, parse, text
from tmuxorch.host.paint import Row, folded
from tmuxorch.host.text import first_line, lines

INDENT = "  "
DONE, CURRENT, OPEN = "✓", "▸", "·"
PLAN_STYLES = {DONE: "green", CURRENT: "bold", OPEN: "dim"}
WELL, BADLY = "✓ ", "✗ "
WIDEST = 240  # characters of a line of output that are shown
ARGUMENTS = 100  # characters of a call's arguments that are shown
_SHELLS = ("sh", "bash", "zsh", "dash", "ksh", "fish")

Steps = list[tuple[str, str]]  # of a plan: one of DONE, CURRENT, OPEN, and the text


def unwrap_shell(command: str) -> str:
    """`echo hi` for `/bin/bash -lc 'echo hi'`; anything else as it is."""
    head, _, rest = command.partition(" ")
    if head.rpartition("/")[2] not in _SHELLS or not rest.startswith(("-lc ", "-c ")):
        return command
    import shlex  # here, because most views start without

    try:
        words = shlex.split(command)
    except ValueError:
        return command
    return words[2] if len(words) == 3 else command


def command(line: str, style: str = "cyan") -> list[Row]:
    """The command, below a `$`."""
    rows = folded(unwrap_shell(line), 12, 3, style, INDENT)
    return [rows[0]._replace(mark="$ "), *rows[1:]] if rows else [Row("", style, "$ ")]


def result(code: int | None, status: str, seconds: float | None, output: str) -> list[Row]:
    """The output of a command, of one that went well just a little, and how it ended."""
    how = _words(status) if code is None else f"exit {code}"
    if code == 0:
        return [*folded(output, 2, 3, "dim", INDENT, WIDEST), _end(WELL, how, seconds, "green")]
    return [
        *folded(output, 3, 9, "dim", INDENT, WIDEST),
        _end(BADLY, how, seconds, "yellow" if code is None else "red"),
    ]


def _end(mark: str, how: str, seconds: float | None, style: str) -> Row:
    took = "" if seconds is None else f" · {figures.duration(seconds)}"
    return Row(how + took, style, INDENT + mark)


def message(content: str) -> list[Row]:
    """What an agent says, as Markdown; of a structured answer, which is for programs, only what it holds."""
    if content.startswith("{") and (answer := parse(content.encode(errors="replace"))):
        return [Row(f"structured answer: {', '.join(map(_held, answer.items()))}", "plain", "• ")]
    from tmuxorch.host import markdown  # here, because windows that have said nothing yet do without

    rows = markdown.rows(content.strip("\n"))
    return [row._replace(mark="• " + row.mark[len(INDENT) :]) for row in rows[:1]] + rows[1:]


def _held(member: tuple[str, object]) -> str:
    name, value = member
    return f"{name} ({len(value)})" if isinstance(value, list) else name


def prompt(content: str) -> list[Row]:
    """What an agent was told."""
    rows = folded(content, 6, 2, "cyan", INDENT)
    return [rows[0]._replace(mark="> "), *rows[1:]] if rows else []


def thought(content: str) -> list[Row]:
    """Reasoning: the first line of it."""
    line = first_line(content).replace("**", "")
    return [Row(line, "dim", "~ ")] if line else []


def plan(steps: Steps, before: Steps) -> list[Row]:
    """The steps; only those that changed, if they are the steps of before, and then how many are done."""
    rows = [Row(first_line(step), PLAN_STYLES[mark], f"{mark} ") for mark, step in steps]
    if [step for _, step in steps] != [step for _, step in before]:
        return rows
    rows = [row for row, new, old in zip(rows, steps, before, strict=True) if new != old]
    done = sum(mark == DONE for mark, _ in steps)
    return [*rows[:-1], *(row._replace(more=((f" · {done}/{len(steps)}", "dim"),)) for row in rows[-1:])]


def problem(content: str, style: str = "red") -> list[Row]:
    """An error (red), a warning (yellow), or a note on what Codex tries again (dim)."""
    if content.startswith("{") and (body := parse(content.encode(errors="replace"))):
        error = body.get("error")
        content = text(error if isinstance(error, dict) else body, "message") or content
    rows = folded(content, 12, 4, style, INDENT)
    return [rows[0]._replace(mark="! "), *rows[1:]] if rows else []


def change(kind: str, path: str, moved: str, diff: str, cwd: str) -> Row:
    """`M +12 −3 path` where the diff tells, else `M path`; of what is new, gone or has moved `A`, `D` and `R`."""
    shown = _below(path, cwd)
    if moved:
        shown = f"{shown} → {_below(moved, cwd)}"
    mark = "R " if moved else {"add": "A ", "delete": "D "}.get(kind, "M ")
    added, removed = counts(kind, diff)
    if not added and not removed:
        return Row(shown, "bold", mark)
    return Row("", "plain", mark, (*_counted(added, removed), (f" {shown}", "bold")))


def _below(path: str, cwd: str) -> str:
    return path.removeprefix(cwd.rstrip("/") + "/") if cwd else path


def _counted(added: int, removed: int) -> tuple[tuple[str, str], ...]:
    return (f"+{added}", "green"), (f" −{removed}", "red")


def counts(kind: str, diff: str) -> tuple[int, int]:
    """Added and removed lines. App Server gives a unified diff of an update, and else the whole content."""
    if kind in ("add", "delete"):
        whole = len(lines(diff.rstrip("\n"))) if diff else 0
        return (whole, 0) if kind == "add" else (0, whole)
    hunks = lines(("\n" + diff).partition("\n@@")[2])  # what comes before names the files with +++ and ---
    return sum(line.startswith("+") for line in hunks), sum(line.startswith("-") for line in hunks)


def call(name: str, arguments: object) -> list[Row]:
    """A call of a tool, as it begins."""
    given = "" if arguments in (None, {}, []) else f" {_brief(arguments)}"
    return [Row(name, "plain", "⚒ ", ((given, "dim"),) if given else ())]


def _brief(arguments: object) -> str:
    """At most ARGUMENTS characters of the arguments, as JSON."""
    try:
        written = json.dumps(arguments, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "…"
    return written if len(written) <= ARGUMENTS else f"{written[:ARGUMENTS]}…"


def returned(status: str, seconds: float | None, error: str) -> list[Row]:
    """The end of a call, if it failed or took some time."""
    if error or status in ("failed", "declined"):
        return [*folded(error, 6, 2, "red", INDENT), _end(BADLY, status or "failed", seconds, "red")]
    return [_end(WELL, "done", seconds, "green")] if seconds is not None and seconds >= 1 else []


def search(query: str) -> list[Row]:
    """A search in the web."""
    return call("web search", query or None)


def delegated(tool: str, prompt: str) -> list[Row]:
    """What is done with another agent, and what that one is told."""
    told = f" · {first_line(prompt)}" if prompt.strip() else ""
    return [Row(f"sub-agent: {_words(tool)}", "plain", "⚒ ", ((told, "dim"),))]


def other(kind: str, item: Json) -> list[Row]:
    """An item of another kind: `imageView` and `image_view` are an "image view"."""
    return call(f"{_words(kind)} {_words(text(item, 'tool'))}".strip(), None)


def helper(what: str) -> list[Row]:
    """What a sub-agent does, in a line."""
    return [Row(first_line(what), "dim", "⚒ sub-agent: ")] if what.strip() else []


def _words(name: str) -> str:
    """`inProgress` and `in_progress` as "in progress"."""
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).replace("_", " ").strip()


Tokens = tuple[int, int, int]  # input, cached input, output


def spent(usage: Json, keys: tuple[str, str, str]) -> Tokens:
    """The numbers under `keys`, of input, cached input and output."""
    into, cached, out = (number(usage, key) or 0 for key in keys)
    return into, cached, out


def tokens(usage: Tokens) -> str:
    """`12.3k tokens in (8.0k cached), 950 out`; empty if there are none."""
    into, cached, out = usage
    if not into and not out:
        return ""
    return f"{figures.count(into)} tokens in ({figures.count(cached)} cached), {figures.count(out)} out"


def changed(files: list[tuple[int, int]]) -> str:
    """`3 files +12 −3` of the added and removed lines of each; empty if there are none."""
    added, removed = sum(more for more, _ in files), sum(less for _, less in files)
    counted = f" +{added} −{removed}" if added or removed else ""
    return f"{len(files)} file{'s' * (len(files) > 1)}{counted}" if files else ""


def ended(how: str, style: str, seconds: float | None, *more: str) -> Row:
    """The end of a turn."""
    took = "" if seconds is None else figures.duration(seconds)
    return Row(" · ".join(part for part in (how, took, *more) if part), style, "── ")
