"""What the views of both protocols are made of."""

from __future__ import annotations

from tmuxorch.host import figures
from tmuxorch.host.fields import Json, inner, number, parse, text
from tmuxorch.host.paint import Row, folded
from tmuxorch.host.text import first_line, lines

INDENT = "  "
DONE, CURRENT, OPEN = "✓", "▸", "·"
PLAN_STYLES = {DONE: "green", CURRENT: "bold", OPEN: "dim"}
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
    """How a command ended, and its output."""
    how = status if code is None else f"exit {code}"
    took = "" if seconds is None else f" · {figures.duration(seconds)}"
    style = "green" if code == 0 else "yellow" if code is None else "red"
    return [Row(how + took, style, INDENT), *folded(output, 6, 3, "dim", INDENT)]


def message(content: str) -> list[Row]:
    """What an agent says; of a structured answer, which is for programs, only what it holds."""
    if content.startswith("{") and (answer := parse(content.encode(errors="replace"))):
        return [Row(f"structured answer: {', '.join(map(_held, answer.items()))}", "plain", "• ")]
    rows = folded(content, 200, 20, "plain", INDENT)
    return [rows[0]._replace(mark="• "), *rows[1:]] if rows else []


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
    """The steps; only those that changed, if they are the steps of before."""
    same = [step for _, step in steps] == [step for _, step in before]
    shown = [new for new, old in zip(steps, before, strict=True) if new != old] if same else steps
    return [Row(first_line(step), PLAN_STYLES[mark], f"{mark} ") for mark, step in shown]


def problem(content: str, style: str = "red") -> list[Row]:
    """An error (red), a warning (yellow), or a note on what Codex tries again (dim)."""
    return folded(content, 12, 4, style, "")


def change(kind: str, path: str, diff: str, cwd: str) -> Row:
    """`+12 −3 path` where the diff tells, else `A path`, `M path` or `D path`."""
    shown = path.removeprefix(cwd.rstrip("/") + "/") if cwd else path
    added, removed = counts(kind, diff)
    if not added and not removed:
        return Row(shown, "bold", {"add": "A ", "delete": "D "}.get(kind, "M "))
    return Row(f"+{added} −{removed} {shown}", "bold", INDENT)


def counts(kind: str, diff: str) -> tuple[int, int]:
    """Added and removed lines. App Server gives a unified diff of an update, and else the whole content."""
    if kind in ("add", "delete"):
        whole = len(lines(diff.rstrip("\n"))) if diff else 0
        return (whole, 0) if kind == "add" else (0, whole)
    hunks = lines(("\n" + diff).partition("\n@@")[2])  # what comes before names the files with +++ and ---
    return sum(line.startswith("+") for line in hunks), sum(line.startswith("-") for line in hunks)


def tool(item: Json, name: str) -> list[Row]:
    """A call of a tool, after it ended."""
    status, error = text(item, "status"), text(inner(item, "error"), "message")
    style = "red" if error or status == "failed" else "plain"
    return [Row(f"{name} {status}".rstrip(), style, "⚒ "), *folded(error, 6, 2, "red", INDENT)]


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


def ended(how: str, style: str, seconds: float | None, spent: str) -> Row:
    """The end of a turn."""
    took = "" if seconds is None else figures.duration(seconds)
    return Row(" · ".join(part for part in (how, took, spent) if part), style, "── ")
