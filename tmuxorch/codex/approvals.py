"""Requests of the App Server that wait on a human: what to show, what to answer, and what to refuse.

`card` says what a person is shown, `reply` turns the person's answer into the result for the wire. A method
that is not in the table is refused (`refusal`): nothing is ever accepted by default. Shapes as measured on
0.163 and 0.169.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from tmuxorch.codex import elicitation, questions
from tmuxorch.codex.card import (
    ACCEPT,
    ACCEPT_FOR_SESSION,
    CANCEL,
    DECLINE,
    Answer,
    Card,
    Choice,
)
from tmuxorch.codex.items import FileChange, FileUpdate, ThreadItem
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.errors import TmuxorchError, UsageError

COMMAND = "item/commandExecution/requestApproval"
FILE_CHANGE = "item/fileChange/requestApproval"
PERMISSIONS = "item/permissions/requestApproval"
QUESTION = "item/tool/requestUserInput"
ELICITATION = "mcpServer/elicitation/request"

REFUSED = -32601  # JSON-RPC: method not found


class About(Struct, frozen=True, rename="camel"):
    """What every request says of where it comes from. `item` is the thread item that waits."""

    thread: str = msgspec.field(default="", name="threadId")
    turn: str | None = msgspec.field(default=None, name="turnId")
    item: str = msgspec.field(default="", name="itemId")


class Refusal(NamedTuple):
    """A JSON-RPC error."""

    code: int
    message: str


_about = msgspec.json.Decoder(About)


def about(params: bytes | Raw) -> About:
    """Where a request comes from; empty where it does not say."""
    try:
        return _about.decode(params)
    except msgspec.DecodeError:
        return About()


def is_known(method: str) -> bool:
    """Whether a human can be asked; else answer with `refusal` at once."""
    return method in _KINDS


def refusal(method: str) -> Refusal:
    """The error answer to a request that we do not serve (also the legacy approvals)."""
    return Refusal(REFUSED, f"tmuxorch does not serve {visible_line(method)}")


def card(method: str, params: bytes | Raw, item: ThreadItem | None = None) -> Card:
    """What to show for a known method.

    `item` is the thread item that `about(params).item` names, if it was seen: a file change's diff is only
    there. TmuxorchError when the parameters have no shape that we know: then refuse the request, do not
    guess.
    """
    kind = _KINDS[method]
    return kind.card(_decoded(params, kind.params), item)


def reply(method: str, params: bytes | Raw, answer: Answer) -> dict[str, Any]:
    """The result that answers a known method. UsageError names the choice or field that is not right."""
    kind = _KINDS[method]
    return kind.reply(_decoded(params, kind.params), answer)


def _decoded(params: bytes | Raw, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(params, type=shape)
    except msgspec.DecodeError as error:
        raise TmuxorchError(f"Codex asks in a shape that is not known: {error}") from error


# --- commands ---


class _Network(Struct, frozen=True):
    host: str
    protocol: str


class _Command(Struct, frozen=True, rename="camel"):
    command: str | None = None
    cwd: str | None = None
    reason: str | None = None
    network_approval_context: _Network | None = None
    additional_permissions: dict[str, Any] | None = None


def _command_card(p: _Command, item: ThreadItem | None) -> Card:
    parts = [f"$ {visible(p.command)}"] if p.command else []
    if p.network_approval_context:
        network = p.network_approval_context
        parts.append(f"network: {visible_line(network.protocol)} to {visible_line(network.host)}")
    if p.additional_permissions:
        parts += ["with these permissions:", *_permission_lines(p.additional_permissions)]
    if p.cwd:
        parts.append(f"in {visible_line(p.cwd)}")
    if p.reason:
        parts.append(f"the agent's reason: {visible(p.reason)}")
    return Card(
        kind="approval",
        title="run a command" if p.command else "use the network",
        body="\n".join(parts),
        do="Read the command and decide whether the agent may run it outside its sandbox.",
        expect="accept, accept-for-session (the same command is not asked again), decline or cancel",
        choices=(ACCEPT, ACCEPT_FOR_SESSION, DECLINE, CANCEL),
    )


# --- file changes ---


class _FileChange(Struct, frozen=True, rename="camel"):
    reason: str | None = None
    grant_root: str | None = None


def _file_change_card(p: _FileChange, item: ThreadItem | None) -> Card:
    changes = item.changes if isinstance(item, FileChange) else ()
    parts = [diff_of(change) for change in changes]
    if not changes:
        parts.append("(Codex did not say what changes; look at the thread before you allow it)")
    if p.grant_root:
        parts.append(f"asks for all of {visible_line(p.grant_root)} for the rest of the session")
    if p.reason:
        parts.append(f"the agent's reason: {visible(p.reason)}")
    paths = ", ".join(visible_line(change.path) for change in changes)
    return Card(
        kind="approval",
        title=f"change {paths}" if paths else "change files",
        body="\n".join(parts),
        do="Read the diff and decide whether the agent may change these files.",
        expect="accept, accept-for-session (later changes of these files are not asked), decline or cancel",
        choices=(ACCEPT, ACCEPT_FOR_SESSION, DECLINE, CANCEL),
    )


def diff_of(change: FileUpdate) -> str:
    """A change of one file as a diff with headers; Codex gives a new or deleted file's bare content."""
    path = visible_line(change.path)
    to = visible_line(change.moved_to or change.path)
    old = "/dev/null" if change.kind == "add" else path
    new = "/dev/null" if change.kind == "delete" else to
    sign = {"add": "+", "delete": "-"}.get(change.kind, "")
    body = change.diff.removesuffix("\n").split("\n") if change.diff else []
    return "\n".join([f"--- {old}", f"+++ {new}", *(sign + visible(line) for line in body)])


_DECISIONS = {
    ACCEPT.key: "accept",
    ACCEPT_FOR_SESSION.key: "acceptForSession",
    DECLINE.key: "decline",
    CANCEL.key: "cancel",
}


def _decision_reply(p: Any, answer: Answer) -> dict[str, Any]:
    return {"decision": _DECISIONS[_chosen(answer, *_DECISIONS)]}


# --- permissions ---


class _Permissions(Struct, frozen=True):
    permissions: dict[str, Any]
    cwd: str = ""
    reason: str | None = None


_PERMISSION_CHOICES = (
    Choice("accept", "Grant for this turn"),
    Choice("accept-for-session", "Grant for this session"),
    Choice("decline", "Grant nothing; the agent goes on without it"),
)


def _permissions_card(p: _Permissions, item: ThreadItem | None) -> Card:
    lines = _permission_lines(p.permissions)
    if p.reason:
        lines.append(f"the agent's reason: {visible(p.reason)}")
    return Card(
        kind="permission",
        title="have more permissions",
        body="\n".join(lines),
        do="Decide whether the agent's commands may have these permissions.",
        expect="accept (for this turn), accept-for-session or decline",
        choices=_PERMISSION_CHOICES,
    )


def _permission_lines(permissions: dict[str, Any]) -> list[str]:
    """The permissions in words; what is not known is shown as it came, never left out."""
    lines = []
    files = dict(permissions.get("fileSystem") or {})
    entries = files.pop("entries", None)
    if entries:  # `read` and `write` only repeat them
        files = {name: value for name, value in files.items() if name not in ("read", "write")}
    lines += [f"{entry.get('access')}: {_place(entry.get('path'))}" for entry in entries or ()]
    for name, value in files.items():
        lines += [
            f"{visible_line(name)}: {_shown(part)}"
            for part in (value if isinstance(value, list) else [value])
        ]
    for name, value in permissions.items():
        if name == "network" and value == {"enabled": True}:
            lines.append("network: all")
        elif name != "fileSystem" and value is not None:
            lines.append(f"{visible_line(name)}: {_shown(value)}")
    return [line for line in lines if not line.endswith(": null")]


def _place(path: Any) -> str:
    match path:
        case {"type": "path", "path": str(text)}:
            return visible_line(text)
        case {"type": "glob_pattern", "pattern": str(text)}:
            return f"{visible_line(text)} (pattern)"
        case _:
            return _shown(path)


def _shown(value: Any) -> str:
    return (
        visible_line(value) if isinstance(value, str) else visible_line(json.dumps(value, ensure_ascii=False))
    )


def _permissions_reply(p: _Permissions, answer: Answer) -> dict[str, Any]:
    choice = _chosen(answer, *(choice.key for choice in _PERMISSION_CHOICES))
    if choice == DECLINE.key:
        return {"permissions": {}}
    granted = {name: value for name, value in p.permissions.items() if value is not None}
    return {"permissions": granted, "scope": "session" if choice == ACCEPT_FOR_SESSION.key else "turn"}


def _chosen(answer: Answer, *keys: str) -> str:
    if answer.choice not in keys:
        raise UsageError(
            f"{answer.choice!r} is no answer here" if answer.choice else "an answer is needed",
            hint=f"one of: {', '.join(keys)}",
        )
    return answer.choice


class _Kind(NamedTuple):
    params: type[Any]
    card: Callable[[Any, ThreadItem | None], Card]
    reply: Callable[[Any, Answer], dict[str, Any]]


_KINDS = {
    COMMAND: _Kind(_Command, _command_card, _decision_reply),
    FILE_CHANGE: _Kind(_FileChange, _file_change_card, _decision_reply),
    PERMISSIONS: _Kind(_Permissions, _permissions_card, _permissions_reply),
    QUESTION: _Kind(questions.Params, questions.card, questions.reply),
    ELICITATION: _Kind(elicitation.Params, elicitation.card, elicitation.reply),
}
