"""What whoever leads has to do now, in one or two sentences, from the status alone."""

from __future__ import annotations

from tmuxorch.mcp.shapes import Run, Status

WAIT = "wait_for_events"


def your_move(now: Status) -> str:
    """The next step. It names tools, and never one that decides for a human."""
    if now.you.startswith("an agent that does not lead"):
        return "Do the task that you were given: you do not lead the work, and can only look at it here."
    run = now.run
    if run is None or run.ended is not None:
        return _without_run(now, run)
    if run.led_by is None:
        return f"{run.id} was begun by a person and asks its lead by itself: follow it with {WAIT}."
    return (
        _in_run(now, run)
        + _paused(now)
        + _results(now)
        + _checkpoints(now, but="plan" if run.phase == "gate" else "")
    )


def _without_run(now: Status, run: Run | None) -> str:
    if run is not None and run.led_by and not run.reported:
        return (
            f"{run.id} ended, {run.outcome}: say in your own words what came of it (report_run)."
            + _checkpoints(now)
        )
    if work := _under_way(now):
        said = f"{work} is under way: go on with something else, or {WAIT}."
        return said + _paused(now) + _results(now) + _checkpoints(now)
    if results := _results(now):
        return results.strip() + _checkpoints(now)
    return (
        "There is no run: start_run begins one over the children, run_worker and run_pattern do single tasks."
        + _checkpoints(now)
    )


def _in_run(now: Status, run: Run) -> str:
    match run.phase:
        case "connect" | "understand":
            return f"The children of {run.id} are being asked for their briefs: {WAIT}."
        case "plan":
            return f"{run.id} needs your plan: read get_briefs, then propose_plan."
        case "gate":
            return (
                f"The plan of {run.id} waits for a human ({_gate(now)}): end your turn, or {WAIT}. Until then "
                "propose_plan can still give another."
            )
        case "execute":
            return _executing(now, run)
        case _:
            return f"{run.id} is in its phase {run.phase}, which goes by itself: {WAIT}."


def _gate(now: Status) -> str:
    return ", ".join(one.id for one in now.checkpoints if one.kind == "plan") or "its gate"


def _executing(now: Status, run: Run) -> str:
    if run.revise:
        return (
            f"The plan of {run.id} has to be changed ({'; '.join(run.revise)}): get_plan, then revise_plan."
        )
    if run.startable:
        ids = ", ".join(f'"{item}"' for item in run.startable)
        return f"Items are ready and not started: start_items(items=[{ids}]), as far as you want them to begin now."
    return f"Items of {run.id} are under way: {WAIT}."


def _under_way(now: Status) -> str:
    names = [
        *(one.id for one in now.workers if one.state != "exited"),
        *(one.id for one in now.patterns if one.state != "ended"),
        *(one.turn for one in now.turns),
    ]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _paused(now: Status) -> str:
    return f" Agents get no work until {now.paused.until}: {now.paused.title}." if now.paused else ""


def _results(now: Status) -> str:
    ended = [
        *(one.id for one in now.patterns if one.state == "ended"),
        *(one.id for one in now.workers if one.state == "exited"),
    ]
    return f" You have not read what came of {', '.join(ended[:8])}: get_result." if ended else ""


def _checkpoints(now: Status, but: str = "") -> str:
    ids = [one.id for one in now.checkpoints if one.kind != but]
    return (
        f" Only a human can answer {', '.join(ids[:8])}: tell them, or go on with what does not wait for it."
        if ids
        else ""
    )
