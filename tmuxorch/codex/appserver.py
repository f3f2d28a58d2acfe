"""The App Server's requests that we use: method names and parameters.

Names and shapes as measured on 0.163 and 0.169. A turn carries our own id (`clientUserMessageId`); Codex
keeps it as the `clientId` of the turn's user message, in notifications and in the stored thread, also after
a `kill -9` of the server. That is how a controller that lost its memory of an answer learns whether a turn
was already started (`results.Turn.client_ids`). In the first moments of a running turn its user message is not
listed yet: while the newest turn is in progress and has no user message, ask again or wait for its
ItemCompleted before deciding that it is not ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tmuxorch import errors

INITIALIZE = "initialize"
INITIALIZED = "initialized"
THREAD_START = "thread/start"
THREAD_RESUME = "thread/resume"
THREAD_READ = "thread/read"
TURNS_LIST = "thread/turns/list"
TURN_START = "turn/start"
TURN_STEER = "turn/steer"
TURN_INTERRUPT = "turn/interrupt"
TERMINALS_CLEAN = "thread/backgroundTerminals/clean"

PROMPT_LIMIT = 1_048_576  # characters of one turn's text

# Streams of fragments, each of which comes again whole in its item: not worth waking up for.
FRAGMENTS = (
    "item/agentMessage/delta",
    "item/plan/delta",
    "item/reasoning/summaryTextDelta",
    "item/reasoning/summaryPartAdded",
    "item/reasoning/textDelta",
    "item/commandExecution/outputDelta",
    "item/fileChange/outputDelta",
    "item/fileChange/patchUpdated",
)

Params = dict[str, Any]


def initialize(version: str) -> Params:
    """The first request of a connection; `thread/backgroundTerminals/*` needs the experimental API."""
    return {
        "clientInfo": {"name": "tmuxorch", "title": "tmuxorch", "version": version},
        "capabilities": {"experimentalApi": True, "optOutNotificationMethods": list(FRAGMENTS)},
    }


def read_only() -> Params:
    """The sandbox policy of a turn that may change nothing."""
    return {"type": "readOnly", "networkAccess": False}


def workspace_write(extra_roots: Iterable[str] = ()) -> Params:
    """The sandbox policy of a turn that may write below its cwd, the temporary directory and
    `extra_roots`."""
    return {"type": "workspaceWrite", "writableRoots": list(extra_roots), "networkAccess": False}


def everything() -> Params:
    """The sandbox policy of a turn that has none, because a person said so."""
    return {"type": "dangerFullAccess"}


TOOLS = {
    "tools.update_plan.enabled": True,
    "features.default_mode_request_user_input": True,
    "features.request_permissions_tool": True,
}
"""The plan, question and permission tools, for a thread of a server that somebody else started."""


def thread_start(cwd: str, *, model: str | None = None, config: Params | None = None) -> Params:
    """A new thread, read-only: with a writing sandbox Codex would enter `cwd` as trusted in the user's
    config.toml.

    Turns get their own policy. `cwd` must exist: Codex does not look. Approvals go to the user, whatever the
    user's configuration says of reviewing agents. `config` overrides the server's for this thread.
    """
    return _given(
        cwd=cwd,
        sandbox="read-only",
        approvalPolicy="never",
        approvalsReviewer="user",
        model=model,
        config=config,
    )


def thread_resume(thread: str, *, limit: int = 20, config: Params | None = None) -> Params:
    """Subscribes to a thread, loading it if need be; what waits for an answer is sent again after the result.

    The result has the newest turns, and it alone has the items that have started and not yet completed, as
    the file change that an approval is about; neither thread/read nor `turns_list` has them.
    """
    page = {"limit": limit, "itemsView": "full"}
    return _given(threadId=thread, excludeTurns=True, initialTurnsPage=page, config=config)


def thread_read(thread: str) -> Params:
    """A thread's status, without its turns; works also for a thread that is not loaded."""
    return {"threadId": thread, "includeTurns": False}


def turns_list(thread: str, *, limit: int = 20, full: bool = False) -> Params:
    """The newest turns, newest first; not full: of each only the user's and the agent's last message.

    Refused ("not materialized yet") for a thread that never had a turn; such a thread cannot be resumed
    either.
    """
    return {"threadId": thread, "limit": limit, "itemsView": "full" if full else "summary"}


def turn_start(
    thread: str,
    text: str,
    *,
    client_id: str,
    cwd: str,
    sandbox: Params,
    approval: str = "never",
    schema: Params | None = None,
    model: str | None = None,
    effort: str | None = None,
) -> Params:
    """A turn with its own directory, sandbox and approval policy (`never`, `on-request`); they stick to the thread.

    While a turn is active this would steer it instead and answer with that turn's id: never send it then.
    """
    return _given(
        threadId=thread,
        clientUserMessageId=client_id,
        input=_text(text),
        cwd=cwd,
        sandboxPolicy=sandbox,
        approvalPolicy=approval,
        approvalsReviewer="user",
        outputSchema=schema,
        model=model,
        effort=effort,
    )


def turn_steer(thread: str, turn: str, text: str, *, client_id: str) -> Params:
    """Says more to the running turn `turn`; refused when it is not the active one."""
    return {
        "threadId": thread,
        "expectedTurnId": turn,
        "clientUserMessageId": client_id,
        "input": _text(text),
    }


def turn_interrupt(thread: str, turn: str) -> Params:
    """Ends a turn. Its running command goes on until `terminals_clean`; a second interrupt may get no
    answer."""
    return {"threadId": thread, "turnId": turn}


def terminals_clean(thread: str) -> Params:
    """Kills the commands that a thread left running."""
    return {"threadId": thread}


def check_text(text: str) -> None:
    """Raises UsageError for more than one turn takes."""
    if len(text) > PROMPT_LIMIT:
        raise errors.UsageError(
            f"the text has {len(text)} characters, Codex takes {PROMPT_LIMIT}",
            hint="put it into a file and name that",
        )


def _text(text: str) -> list[Params]:
    check_text(text)
    return [{"type": "text", "text": text}]


def _given(**params: Any) -> Params:
    return {name: value for name, value in params.items() if value is not None}
