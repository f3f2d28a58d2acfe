"""Codex's own TUI in an agent's window, in the pane of its live view; the lead's, in which people talk to it."""

from __future__ import annotations

from importlib.util import find_spec

from msgspec import Struct

from tmuxorch.codex import appserver, execargs, prompts
from tmuxorch.controller import specs
from tmuxorch.controller.api import children
from tmuxorch.controller.api.context import May, Nothing, method, needs_windows
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import Refused, ToolMissing


class Open(Struct, frozen=True, forbid_unknown_fields=True):
    """`full`: without any sandbox, and asking nobody. With a `problem` the lead begins on it."""

    full: bool = False
    problem: str = ""


@method("lead_open", Open, May.PEOPLE)
async def lead_open(app: App, caller: Caller, params: Open) -> object:
    """Lets people talk to the lead: its server has our tools then, and its window shows Codex's own TUI."""
    appserver.check_text(prompts.kickoff(params.problem))
    _needs_tools()
    await needs_windows(app)
    was, before = app.engine.state.lead, app.engine.state.agents[LEAD].generation
    await app.engine.submit(msg.OpenLead(full=params.full, by=caller.name))
    changed = (was.open, was.full) != (True, params.full)
    await _served(app, before if changed else -1)
    await app.engine.until(_has_view, children.READY, "the lead's window")
    await show_tui(app, LEAD, anew=changed)
    turn = None
    if params.problem:
        state = await app.engine.submit(msg.Ask(agent=LEAD, text=params.problem, kickoff=True))
        every = reversed(state.turns.values())
        turn = next(one.id for one in every if one.purpose is m.Purpose.KICKOFF)
    window, pane = place(app, LEAD)
    return {"window": window, "pane": pane, "open": True, "full": params.full, "turn": turn}


@method("lead_close", Nothing, May.PEOPLE)
async def lead_close(app: App, caller: Caller, params: Nothing) -> object:
    """The lead is only given turns by us again, and is not woken; its window shows the live view."""
    if not app.engine.state.lead.open:
        raise Refused("the lead is not open", hint="tmuxorch lead")
    before = app.engine.state.agents[LEAD].generation
    state = await app.engine.submit(msg.CloseLead(by=caller.name))
    if app.desk.attached and _has_view(state):
        await show_view(app, LEAD)
    await _served(app, before)
    return {"open": False, "full": False}


async def _served(app: App, before: int) -> None:
    """Waits until the lead is ready, by another server than that `before` if that is to end."""
    if m.is_live(app.engine.state.agents[LEAD].server):
        await app.engine.until(
            lambda s: s.agents[LEAD].generation > before, children.STOPPED, "a new server of the lead"
        )
    if app.engine.state.agents[LEAD].wanted:
        await children.ready(app, LEAD)


def _needs_tools() -> None:
    """Raises ToolMissing where our MCP server could not run."""
    if find_spec("mcp_types") is None:
        raise ToolMissing(
            "the lead works through tmuxorch's MCP server, which needs the MCP SDK (mcp 2.3 or newer)",
            hint="pip install 'tmuxorch[mcp]'",
        )


def _has_view(state: m.State) -> bool:
    window = state.windows.get(LEAD)
    return window is not None and window.view != ""


@method("tui", children.Name, May.PEOPLE)
async def tui(app: App, caller: Caller, params: children.Name) -> object:
    """Swaps the live view of an agent for Codex's own TUI on the same thread, or back."""
    name = children.find(app, params.name).name
    window, pane = place(app, name)
    shows = await app.desk.shows_tui(pane)
    await (show_view(app, name) if shows else show_tui(app, name))
    return {"window": window, "pane": pane, "showing": "view" if shows else "tui"}


async def show_tui(app: App, name: str, *, anew: bool = False) -> None:
    """Shows Codex's own TUI; one that is there stays, unless it is to begin `anew`."""
    agent, (_, pane) = app.engine.state.agents[name], place(app, name)
    if not anew and await app.desk.shows_tui(pane):
        return
    if not agent.ready or not _is_stored(app.engine.state, agent):
        raise Refused(
            f"the thread of {name} has no turn yet, and Codex's TUI cannot join it",
            hint=f"tmuxorch ask {name} …",
        )
    socket = app.paths.tui_socket(name) if agent.is_lead else app.paths.app_socket(name)
    token = app.token(name)
    argv = execargs.tui(
        app.kit.codex, agent.endpoint or f"unix://{socket}", agent.thread, next(iter(token), "")
    )
    await app.desk.show(pane, argv, specs.home_of(app.kit, agent), token)


async def show_view(app: App, name: str) -> None:
    """Shows the live view, which may be there already."""
    agent, (_, pane) = app.engine.state.agents[name], place(app, name)
    argv = app.desk.viewer("frames", app.paths.frames(name), name)
    await app.desk.show(pane, argv, specs.home_of(app.kit, agent), {})


def place(app: App, name: str) -> tuple[str, str]:
    """The window of an agent, and the pane in it that is for people to look at. Raises Refused without one."""
    agent, window = app.engine.state.agents[name], app.engine.state.windows.get(name)
    # The window of an agent whose server is not ours has the view alone.
    view = (window.view or (window.pane if agent.endpoint else "")) if window else ""
    if window is None or not view:
        raise Refused(f"{name} has no window with a view", hint="tmuxorch up")
    return window.id, view


def _is_stored(state: m.State, agent: m.Agent) -> bool:
    """Whether another client of the server can load the thread: it had a turn, or was stored for people."""
    return (agent.is_lead and state.lead.open) or any(
        turn.agent == agent.name and isinstance(turn.state, m.TurnActive | m.TurnOver)
        for turn in state.turns.values()
    )
