"""Who works, as rows: the lead, children, runs of patterns and workers."""

from __future__ import annotations

from tmuxorch.cli import render
from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.cells import Known, age, muted, tokens
from tmuxorch.cli.screens.rows import SIGNS, UNKNOWN, Group, Kind, Row, Section, Words

KEPT = 5
"""Workers and runs of patterns that ended well and are shown; the others are counted."""

STEPS = {"completed": "done", "in_progress": "running", "failed": "failed", "pending": "pending"}
"""Words for how a step is, as for everything else."""

LEAD = "orchestrator"


def children(known: Known) -> Section:
    """The children, and the lead while it has something to do."""
    rows = [_child(known, one) for one in known.status["children"]]
    if doing := known.activity.get(LEAD):
        rows.insert(0, _agent(known, {"name": LEAD, "state": "active"}, doing))
    return Section(title="children", told="", rows=rows, keeps=(0, 2, 4, 3, 1))


def _child(known: Known, of: Json) -> Row:
    git = " ".join(part for part in (of.get("branch") or "", (of.get("head") or "")[:10]) if part)
    waits = f"waits for {of['waiting']}" if of.get("waiting") else ""
    return _agent(known, of, waits or known.activity.get(of["name"], "") or git)


def _agent(known: Known, of: Json, doing: str) -> Row:
    sign, style, group = SIGNS.get(of["state"], UNKNOWN)
    at_work = of["state"] == "active"
    words = ((known.line(doing), "" if at_work else "dim"),)
    return Row(
        id=of["name"],
        kind=Kind.CHILD,
        group=group,
        style=style,
        lead=known.sign(sign, of["name"]),
        cells=(
            of["state"],
            age(of["since"]) if at_work and of.get("since") else "",
            tokens(of),
            known.quiet(of["name"]) if at_work else "",
            muted(of),
        ),
        words=lambda now: words,
        window=of.get("window"),
        of=of,
    )


def patterns(known: Known) -> Section:
    """Those that go on with their steps, and the newest that have ended."""
    runs = known.status.get("patterns") or ()
    going = [one for one in runs if one["state"] != "ended"]
    ended = [one for one in reversed(runs) if one["state"] == "ended"]
    shown = ended if known.everything else ended[:KEPT]
    rows = [row for one in going for row in (_pattern(known, one), *_steps(known, one))]
    return Section(
        title="patterns",
        told=_left_out(len(ended) - len(shown)),
        rows=[*rows, *(_pattern(known, one) for one in shown)],
        keeps=(0, 1),
    )


def _pattern(known: Known, of: Json) -> Row:
    state = of.get("outcome") or of["state"]
    sign, style, group = SIGNS.get(state, UNKNOWN)
    told = render.first_line(of.get("summary") or of.get("reason") or of["task"])
    words = ((known.line(told), ""),)
    return Row(
        id=of["id"],
        kind=Kind.PATTERN,
        group=group,
        style=style,
        lead=known.sign(sign, f"{of['id']} {of['pattern']}"),
        cells=(state, age(of["started"], of["ended"])),
        words=lambda now: words,
        window=None,
        of=of,
    )


def _steps(known: Known, of: Json) -> list[Row]:
    last = len(of["steps"]) - 1
    return [_step(known, of, number, number == last) for number in range(len(of["steps"]))]


def _step(known: Known, of: Json, number: int, last: bool) -> Row:
    step = of["steps"][number]
    sign, style, group = SIGNS.get(STEPS.get(step["status"], ""), UNKNOWN)
    workers = (("  ".join(step["workers"]), ""),)
    return Row(
        id=f"{of['id']} {number}",
        kind=Kind.STEP,
        group=group,
        style=style,
        lead=f"{known.glyphs['last' if last else 'branch']} {known.sign(sign, step['name'])}",
        cells=(render.step_status(step), ""),
        words=lambda now: workers,
        window=None,
        of=of,
    )


def workers(known: Known) -> Section:
    """Those that have not ended, those that failed, and the newest that ended well."""
    every = known.status["workers"]
    again = {one["parent"] for one in every if one.get("parent")}
    living = [one for one in every if one["state"] != "exited"]
    ended = [one for one in reversed(every) if one["state"] == "exited"]
    failed = [one for one in ended if _group(one, again) is Group.FAILED]
    well = [one for one in ended if _group(one, again) is not Group.FAILED]
    shown = well if known.everything else well[:KEPT]
    return Section(
        title="workers",
        told=_left_out(len(well) - len(shown)),
        rows=[_worker(known, one, again) for one in (*living, *failed, *shown)],
        keeps=(0, 2, 4, 3, 1),
    )


def _worker(known: Known, of: Json, again: set[str]) -> Row:
    state = of.get("outcome") or of["state"]
    sign, style, _ = SIGNS.get(state, UNKNOWN)
    at_work = of["state"] in ("running", "stopping")
    began = (of.get("queued") if of["state"] == "queued" else of.get("started")) or ""
    return Row(
        id=of["id"],
        kind=Kind.WORKER,
        group=_group(of, again),
        style="dim" if of["id"] in again else style,
        lead=known.sign(sign, f"{of['id']} {of['label']}"),
        cells=(
            state,
            age(began, of.get("ended")) if began else "",
            tokens(of),
            known.quiet(of["id"]) if at_work else "",
            muted(of),
        ),
        words=_worker_words(known, of, at_work),
        window=of.get("window"),
        of=of,
    )


def _worker_words(known: Known, of: Json, at_work: bool) -> Words:
    doing = known.waiting_for("source", of["id"]) or known.line(known.activity.get(of["id"], ""))
    ended = of["state"] == "exited"
    reason = known.line(render.first_line(of.get("reason") or "")) if ended else ""
    dot = f" {known.glyphs['dot']} "

    def words(now: float) -> tuple[tuple[str, str], ...]:
        parts = [part for part in (doing, reason, known.line(render.worker_note(of, now))) if part]
        return ((dot.join(parts or [known.line(of.get("task") or "")]), "" if at_work else "dim"),)

    return words


def _group(of: Json, again: set[str]) -> Group:
    """A worker that failed and was run again is over: the other one tells how it went."""
    group = SIGNS.get(of.get("outcome") or of["state"], UNKNOWN)[2]
    return Group.OVER if group is Group.FAILED and of["id"] in again else group


def _left_out(number: int) -> str:
    return f"{number} more that ended" if number else ""
