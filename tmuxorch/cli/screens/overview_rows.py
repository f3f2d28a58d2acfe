"""The status as the sections of the overview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from tmuxorch.cli import render
from tmuxorch.cli.output import Json, count, duration
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line
from tmuxorch.cli.screens.plan_view import SETTLED, Branch, branches
from tmuxorch.cli.screens.rows import SIGNS, UNKNOWN, Cell, Group, Kind, Row, Section, Words, said
from tmuxorch.cli.subscription import Subscription

FLAGGED = "waiting"
"""An item that has to be looked at again is as urgent as one that waits."""

KEPT = 5
"""Workers and runs of patterns that ended well and are shown; the others are counted."""

QUIET = 60.0
"""Seconds without a word after which somebody at work is called quiet."""

LONGEST = 500
"""Characters that are read of any words: no line of the screen is longer."""

STEPS = {"completed": "done", "in_progress": "running", "failed": "failed", "pending": "pending"}
"""Words for how a step is, as for everything else."""

LEAD = "orchestrator"


class Rows:
    """Makes the rows of one screen. `everything`: also all that ended long ago."""

    def __init__(self, glyphs: Glyphs, subscription: Subscription, everything: bool = False) -> None:
        self._glyphs = glyphs
        self._activity = subscription.activity
        self._heard = subscription.heard
        self._status: Json = subscription.status or {}
        self._everything = everything
        self._line = _liner(glyphs)

    def sections(self) -> list[Section]:
        """What there is, in the order of the screen; none is empty."""
        made = (self._checkpoints(), self._plan(), self._children(), self._patterns(), self._workers())
        return [section for section in made if section.rows]

    # -- what waits

    def _checkpoints(self) -> Section:
        waiting = [point for point in self._status["checkpoints"] if point["state"] == "open"]
        return Section(
            title="waiting for you",
            told="",
            rows=[self._checkpoint(point) for point in waiting],
            keeps=(0, 1, 2, 3),
        )

    def _checkpoint(self, of: Json) -> Row:
        item = f" item {of['item']}" if of.get("item") else ""
        title = self._line(of["title"])
        return Row(
            id=of["id"],
            kind=Kind.CHECKPOINT,
            group=Group.WAITING,
            style="yellow",
            lead=f"{self._glyphs['waiting']} {self._line(of['id'])}",
            cells=(of["kind"], self._line(f"{of['source']}{item}"), _age(of["opened"]), self._muted(of)),
            words=lambda now: ((title, "bold"),),
            window=None,
            of=of,
        )

    # -- the plan

    def _plan(self) -> Section:
        items = (self._status.get("run") or {}).get("items") or ()
        begun = {child["name"]: child for child in self._status["children"]}
        done = sum(item["status"] in SETTLED for item in items)
        return Section(
            title="plan",
            told=f"{done} of {len(items)} done",
            rows=[
                self._item(branch, begun.get(branch.item["owner"]))
                for branch in branches(items, self._glyphs)
            ],
            keeps=(0, 1),
        )

    def _item(self, branch: Branch, owner: Json | None) -> Row:
        of = branch.item
        sign, style, group = SIGNS[FLAGGED] if of.get("flag") else SIGNS.get(of["status"], UNKNOWN)
        return Row(
            id=f"item {of['item']}",
            kind=Kind.ITEM,
            group=group,
            style=style,
            lead=f"{branch.prefix}{self._glyphs[sign]} {self._line(of['item'])}",
            cells=(of["status"], self._line(of["owner"])),
            words=self._item_words(branch, owner or {}),
            window=owner["window"] if owner else None,
            of=of,
        )

    def _item_words(self, branch: Branch, owner: Json) -> Words:
        of, dot = branch.item, f" {self._glyphs['dot']} "
        plain = "dim" if of["status"] in (*SETTLED, "pending") else ""
        waiting = [
            point["id"]
            for point in self._status["checkpoints"]
            if point.get("item") == of["item"] and point["state"] == "open"
        ]
        attempts = of.get("attempts") or 0
        notes = [
            (of.get("flag") or "", "yellow"),
            (f"waits for {', '.join(waiting)}" if waiting else "", "yellow"),
            (f"after {', '.join(branch.after)}" if branch.after else "", "dim"),
            (f"holds {branch.holds}" if branch.holds else "", "bold" if branch.holds > 1 else "dim"),
            (f"contract {of['contract']}" if of.get("contract") else "", "dim"),
            (f"{attempts} turns" if attempts > 1 else "", "dim"),
            (f"{of['fixes']} fixes" if of.get("fixes") else "", "dim"),
        ]
        fixed = (
            (self._line(of["title"]), plain),
            *((dot + self._line(words), style) for words, style in notes if words),
            *([(dot + spent, "dim")] if (spent := _tokens(of)) else []),
        )
        since = owner.get("since") if of["status"] == "running" else None
        if not since:
            return lambda now: fixed
        age = _age(since)
        return lambda now: (*fixed, (dot + said(age, now), "dim"))

    # -- who works

    def _children(self) -> Section:
        children = self._status["children"]
        rows = [self._child(one) for one in children]
        if doing := self._activity.get(LEAD):
            rows.insert(0, self._lead(doing))
        return Section(title="children", told="", rows=rows, keeps=(0, 2, 4, 3, 1))

    def _lead(self, doing: str) -> Row:
        return self._agent(
            {"name": LEAD, "state": "active", "window": None, "tokens": {}}, Kind.CHILD, LEAD, doing
        )

    def _child(self, of: Json) -> Row:
        doing = self._activity.get(of["name"], "")
        if of.get("waiting"):
            doing = f"waits for {of['waiting']}"
        return self._agent(of, Kind.CHILD, of["name"], doing or _git(of))

    def _agent(self, of: Json, kind: Kind, name: str, doing: str) -> Row:
        sign, style, group = SIGNS.get(of["state"], UNKNOWN)
        at_work = of["state"] == "active"
        words = ((self._line(doing), "" if at_work else "dim"),)
        return Row(
            id=name,
            kind=kind,
            group=group,
            style=style,
            lead=f"{self._glyphs[sign]} {self._line(name)}",
            cells=(
                of["state"],
                _age(of["since"]) if at_work and of.get("since") else "",
                _tokens(of),
                self._quiet(name) if at_work else "",
                self._muted(of),
            ),
            words=lambda now: words,
            window=of.get("window"),
            of=of,
        )

    def _quiet(self, name: str) -> Cell:
        heard = self._heard.get(name)
        if heard is None:
            return ""

        def quiet(now: float) -> str:
            return f"quiet {duration(now - heard)}" if now - heard > QUIET else ""

        return quiet

    def _muted(self, of: Json) -> str:
        return "muted" if of.get("muted") else ""

    # -- patterns

    def _patterns(self) -> Section:
        runs = self._status.get("patterns") or ()
        going = [one for one in runs if one["state"] != "ended"]
        ended = [one for one in reversed(runs) if one["state"] == "ended"]
        shown = ended if self._everything else ended[:KEPT]
        rows = [row for one in going for row in (self._pattern(one), *self._steps(one))]
        return Section(
            title="patterns",
            told=_left_out(len(ended) - len(shown)),
            rows=[*rows, *map(self._pattern, shown)],
            keeps=(0, 1),
        )

    def _pattern(self, of: Json) -> Row:
        state = of.get("outcome") or of["state"]
        sign, style, group = SIGNS.get(state, UNKNOWN)
        told = ((self._line(render.first_line(of.get("summary") or of.get("reason") or of["task"])), ""),)
        return Row(
            id=of["id"],
            kind=Kind.PATTERN,
            group=group,
            style=style,
            lead=f"{self._glyphs[sign]} {of['id']} {self._line(of['pattern'])}",
            cells=(state, _age(of["started"], of["ended"])),
            words=lambda now: told,
            window=None,
            of=of,
        )

    def _steps(self, of: Json) -> list[Row]:
        last = len(of["steps"]) - 1
        return [self._step(of, number, step, number == last) for number, step in enumerate(of["steps"])]

    def _step(self, of: Json, number: int, step: Json, last: bool) -> Row:
        sign, style, group = SIGNS.get(STEPS.get(step["status"], ""), UNKNOWN)
        workers = (("  ".join(step["workers"]), ""),)
        return Row(
            id=f"{of['id']} {number}",
            kind=Kind.STEP,
            group=group,
            style=style,
            lead=f"{self._glyphs['last' if last else 'branch']} {self._glyphs[sign]} {self._line(step['name'])}",
            cells=(render.step_status(step), ""),
            words=lambda now: workers,
            window=None,
            of=of,
        )

    # -- workers

    def _workers(self) -> Section:
        workers = self._status["workers"]
        again = {one["parent"] for one in workers if one.get("parent")}
        living = [one for one in workers if one["state"] != "exited"]
        ended = [one for one in reversed(workers) if one["state"] == "exited"]
        failed = [one for one in ended if _group(one, again) is Group.FAILED]
        well = [one for one in ended if _group(one, again) is not Group.FAILED]
        shown = well if self._everything else well[:KEPT]
        return Section(
            title="workers",
            told=_left_out(len(well) - len(shown)),
            rows=[self._worker(one, again) for one in (*living, *failed, *shown)],
            keeps=(0, 2, 4, 3, 1),
        )

    def _worker(self, of: Json, again: set[str]) -> Row:
        state = of.get("outcome") or of["state"]
        sign, style, _ = SIGNS.get(state, UNKNOWN)
        at_work = of["state"] in ("running", "stopping")
        began = (of.get("queued") if of["state"] == "queued" else of.get("started")) or ""
        return Row(
            id=of["id"],
            kind=Kind.WORKER,
            group=_group(of, again),
            style="dim" if of["id"] in again else style,
            lead=f"{self._glyphs[sign]} {of['id']} {self._line(of['label'])}",
            cells=(
                state,
                _age(began, of.get("ended")) if began else "",
                _tokens(of),
                self._quiet(of["id"]) if at_work else "",
                self._muted(of),
            ),
            words=self._worker_words(of, at_work),
            window=of.get("window"),
            of=of,
        )

    def _worker_words(self, of: Json, at_work: bool) -> Callable[[float], Line]:
        doing = self._line(self._activity.get(of["id"], ""))
        waiting = [
            point["id"]
            for point in self._status["checkpoints"]
            if point["source"] == of["id"] and point["state"] == "open"
        ]
        first = f"waits for {', '.join(waiting)}" if waiting else doing
        ended = of["state"] == "exited"
        reason = self._line(render.first_line(of.get("reason") or "")) if ended else ""
        dot = f" {self._glyphs['dot']} "

        def words(now: float) -> Line:
            note = self._line(render.worker_note(of, now))
            parts = [part for part in (first, reason, note) if part] or [self._line(of.get("task") or "")]
            return ((dot.join(parts), "" if at_work else "dim"),)

        return words


def _group(of: Json, again: set[str]) -> Group:
    """A worker that failed and was run again is over: the other one tells how it went."""
    group = SIGNS.get(of.get("outcome") or of["state"], UNKNOWN)[2]
    return Group.OVER if group is Group.FAILED and of["id"] in again else group


def _left_out(number: int) -> str:
    return f"{number} more that ended" if number else ""


def _git(of: Json) -> str:
    return " ".join(part for part in (of.get("branch") or "", (of.get("head") or "")[:10]) if part)


def _tokens(of: Json) -> str:
    spent = of.get("tokens") or {}
    number = (spent.get("input") or 0) + (spent.get("output") or 0)
    return f"{count(number)} tok" if number else ""


def _age(begin: str, end: str | None = None) -> Cell:
    """How long it is since; or how long it took, where it has ended."""
    began = _seconds(begin)
    if end:
        return duration(max(0.0, _seconds(end) - began))
    return lambda now: duration(max(0.0, now - began))


@lru_cache(4096)
def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()


def _liner(glyphs: Glyphs) -> Callable[[str], str]:
    return _of_unicode if glyphs.unicode else _of_ascii


@lru_cache(4096)
def _of_unicode(words: str) -> str:
    return Glyphs(True).line(words[:LONGEST])


@lru_cache(4096)
def _of_ascii(words: str) -> str:
    return Glyphs(False).line(words[:LONGEST])
