"""The effects of patterns: a step's workers are told what to do, and what they all said becomes one result."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from msgspec import json

from tmuxorch import __version__
from tmuxorch.codex import workerprompt
from tmuxorch.controller import forms, orders, outcomes
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.scoping import in_its_tree, label, repo_of
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import results, text
from tmuxorch.core.curate import Source, asked, curate, data
from tmuxorch.core.curated import Heading, Result
from tmuxorch.core.curated import result as made
from tmuxorch.core.evolve.tables import next_id
from tmuxorch.core.pattern import Answer, Part, Step, parts
from tmuxorch.errors import TmuxorchError
from tmuxorch.ledger import result_md, sarif
from tmuxorch.ledger.words import rfc3339
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import ProjectPaths, private_directory
from tmuxorch.store.templates import Templates

SUMMARY = 300
"""Characters of a result in a line."""


def prompt(templates: Templates, asked: m.PatternSpec, step: Step, part: Part, data: str = "") -> str:
    """What a worker of a step is told; `data` is what the steps that it needs came to. UsageError for an unknown lens
    or context, and when it is too long.
    """
    return workerprompt.build(
        templates.role(step.role),
        part.task,
        _scope(step),
        templates.lens(part.lens) if part.lens else "",
        asked.context,
        asked.paths if step.edit else (),
        data=data,
        form="" if step.answer is Answer.TEXT else workerprompt.FORMS[step.answer],
    )


def _scope(step: Step) -> str:
    return "edit" if step.edit else "read-only"


class Patterns:
    """`numbering` is held while workers get their ids."""

    def __init__(
        self, engine: Engine, paths: ProjectPaths, templates: Templates, numbering: asyncio.Lock
    ) -> None:
        self._engine = engine
        self._paths = paths
        self._templates = templates
        self._numbering = numbering

    # -- a step

    async def prepare(self, name: str, number: int) -> None:
        """Writes the prompts of the `number`th step's workers (from 0) and tells them; why it cannot be, if so."""
        async with self._numbering:
            run = self._engine.state.patterns[name]
            try:
                workers = await self._told(run, run.steps[number])
            except (TmuxorchError, OSError) as error:
                reason = f"step {run.steps[number].name} cannot begin: {error}"
                await self._engine.submit(msg.StepImpossible(pattern=name, reason=reason))
                return
            await self._engine.submit(msg.StepPrepared(pattern=name, step=number, workers=tuple(workers)))

    async def _told(self, run: m.PatternRun, step: Step) -> list[tuple[str, m.WorkerSpec]]:
        data = await asyncio.to_thread(self._data, run, step)
        schema = forms.schema_of(step.answer)
        first, told = int(next_id(self._engine.state, "W")[1:]), []
        for number, part in enumerate(parts(step, run.spec.task, run.spec.given), first):
            spec = await self._spec(run, step, part, f"W{number}")
            told_to = prompt(self._templates, run.spec, step, part, data)
            await asyncio.to_thread(orders.write, self._paths, f"W{number}", told_to, schema)
            told.append((f"W{number}", spec))
        return told

    async def _spec(self, run: m.PatternRun, step: Step, part: Part, worker: str) -> m.WorkerSpec:
        asked = run.spec
        spec = m.WorkerSpec(
            label=label(f"{step.name}-{part.about}" if part.about else step.name),
            role=step.role,
            task=text.block(part.task),
            cwd=asked.cwd,
            scope=_scope(step),
            paths=asked.paths if step.edit else (),
            model=asked.model,
            schema=orders.SCHEMA if step.answer is not Answer.TEXT else "",
            timeout=asked.timeout,
            lease=asked.lease if step.edit else (),
            worktree=asked.worktree and step.edit,
            place=self._tree(run),
            answer=step.answer,
            pattern=run.id,
            step=step.name,
            about=part.about,
            scratch=self._templates.role(step.role).scratch,
        )
        return in_its_tree(self._paths, worker, spec, await repo_of(spec.cwd)) if spec.worktree else spec

    def _tree(self, run: m.PatternRun) -> m.WorkerPlace | None:
        """The worktree in which a step before has worked: those after it look at it, and go on there."""
        places = (self._engine.state.workers[name].place for name in run.all_workers)
        return next((place for place in places if place), None)

    # -- what workers said

    def _data(self, run: m.PatternRun, step: Step) -> str:
        """What the steps that this one needs came to."""
        sources = [one for one in self._sources(run) if one.step in step.needs]
        return data(curate(sources, run.spec.cwd)) if sources else ""

    def _sources(self, run: m.PatternRun) -> Iterator[Source]:
        for name in run.all_workers:
            worker = self._engine.state.workers[name]
            said, problem = self._said(worker)
            yield Source(
                worker=name, step=worker.spec.step, about=worker.spec.about, said=said, problem=problem
            )

    def _said(self, worker: m.Worker) -> tuple[results.Said | str | None, str]:
        """What it said, or why it said nothing."""
        life = worker.life
        if not isinstance(life, m.Exited) or life.outcome is not m.Outcome.SUCCEEDED:
            return None, f"{life.outcome}: {life.reason}" if isinstance(
                life, m.Exited
            ) else "it has not ended"
        message = outcomes.last_message(self._paths.attempt(worker.id, worker.attempt))
        try:
            return results.read(message, worker.spec.answer), ""
        except ValueError as error:
            return None, str(error)

    # -- the result

    async def curate(self, name: str) -> None:
        """Writes the one result of a run, in its forms, and tells what it is in a line."""
        run = self._engine.state.patterns[name]
        result = await asyncio.to_thread(self._write, run)
        failed = bool(result.verdict and result.verdict.verdict is results.Judgement.FAIL)
        summary = text.clip(_in_a_line(result), SUMMARY)
        told = msg.PatternCurated(
            pattern=name, summary=summary, failed="the verdict is fail" if failed else ""
        )
        await self._engine.submit(told)

    def _write(self, run: m.PatternRun) -> Result:
        sources = list(self._sources(run))
        ends = [self._engine.state.workers[name].life.at for name in run.all_workers]
        heading = Heading(
            run=run.id,
            pattern=run.spec.pattern.name,
            title=run.spec.pattern.title,
            task=run.spec.task,
            started=rfc3339(run.started),
            ended=rfc3339(max(ends, default=run.started)),
            workers=asked(sources),
        )
        result = made(heading, curate(sources, run.spec.cwd))
        directory = self._paths.pattern(run.id)
        private_directory(directory)
        write_atomic(directory / "result.json", json.format(json.encode(result)))
        write_atomic(directory / "result.md", result_md.render(result).encode())
        if any(step.answer is Answer.FINDINGS for step in run.steps):
            log = json.encode(sarif.sarif(result, run.spec.cwd, __version__))
            write_atomic(directory / "result.sarif", json.format(log))
        return result


def _in_a_line(result: Result) -> str:
    """What a result comes to: its verdict, how many findings it has, its summary."""
    verdict, brief = result.verdict, result.brief
    number = len(result.findings)
    parts = [
        str(verdict.verdict) if verdict else "",
        f"{number} finding{'s' if number != 1 else ''}" if number else "",
        text.line(verdict.summary if verdict else brief.summary if brief else ""),
    ]
    return " · ".join(filter(None, parts))
