"""plan.md belongs to one run after the other: what is left of one is no edit of the next one's plan."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from msgspec.structs import replace

from tests.controller.test_engine import Disk
from tests.core.play import gated, task
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.plan_file import PlanFile
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.ledger import plan_md
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux.server import Address


async def test_an_edit_that_is_left_of_a_run_is_no_edit_of_a_plan_that_comes_before_the_file_was_written(
    tmp_path: Path,
) -> None:
    first = gated(task("1", "backend")).state
    assert first.run
    then = gated(task("1", "backend"), task("2", "mobile")).state
    assert then.run
    over = replace(first.run, phase=m.Phase.ENDED, end=m.RunEnd(1.0, m.RunOutcome.SUCCEEDED))
    second = replace(then, runs={over.id: over, "R2": replace(then.run, id="R2")})
    plan = second.runs["R2"].plan

    paths = ProjectPaths(tmp_path)
    paths.state.mkdir(parents=True)
    engine = Engine(first, Disk(), msg.Settings, time.time)
    desk = Desk(Address(), tmp_path, {}, engine.post, engine.submit, lambda: None)
    running = asyncio.create_task(engine.run())
    file = PlanFile(engine, desk, paths)
    for old, new in (("Item 1: ", "Item 1: another "), ("| backend |", "| stranger |")):
        engine.state = first
        paths.plan.unlink(missing_ok=True)
        assert await file.write(first)
        text = paths.plan.read_text()
        assert old in text
        paths.plan.write_text(text.replace(old, new))
        engine.state = second
        await file.read()
        assert engine.state.runs["R2"].plan == plan
        assert await file.write(second)
        assert "| 2 | mobile |" in paths.plan.read_text()
        assert [item.id for item in plan_md.parse(paths.plan.read_text()).items] == ["1", "2"]
        assert not file.problem
        paths.plan.write_text(paths.plan.read_text().replace("| mobile |", "| nobody |"))
        file = PlanFile(engine, desk, paths)  # another controller
        await file.write(second)
        assert "nobody" in file.problem, "an edit of the run's own plan is still read"
        assert "nobody" in paths.plan.read_text()
    running.cancel()
