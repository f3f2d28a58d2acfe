"""A request of Codex to the model, reduced to what a script needs. Codex resends its whole history each time.

The last user message is not always what a turn began with: a steer adds one in the middle, Codex itself adds
notes in the user's name (working directory, AGENTS.md, "turn aborted"), and a watching TUI asks for thread
titles on the side. To compact a history, Codex asks for a summary of it, and from then on sends that in its place;
but the user's own messages stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

# Messages in the user's name that Codex writes itself.
NOTES = re.compile(
    r"\s*(# AGENTS\.md instructions"
    r"|<(environment_context|user_instructions|turn_aborted|skill|subagent_notification)\b)"
)

WISH, SUMMARY = "CONTEXT CHECKPOINT COMPACTION", "Another language model started to solve this problem"
"""What stands in the request for a summary, and before a summary."""


@dataclass(frozen=True)
class Prompt:
    """A message of the user, or Codex's wish for a summary, or a summary.

    opens_turn: nothing was under way when it came (a steer comes behind a tool's result or another prompt).
    outputs: the results of all tool calls since, in order.
    """

    text: str
    opens_turn: bool
    outputs: tuple[str, ...]

    @property
    def wants_summary(self) -> bool:
        """Whether the history is to be summed up."""
        return WISH in self.text


@dataclass(frozen=True)
class Conversation:
    """thread: Codex's id. size: items so far. characters: the length of them all. prompts: newest first, back to the
    newest summary.
    """

    thread: str
    cwd: str
    wants_title: bool
    size: int
    characters: int
    prompts: tuple[Prompt, ...]


def read(body: dict[str, Any]) -> Conversation:
    """The conversation in the body of a POST to `/responses`.

    Raises KeyError, TypeError or AttributeError on a body that is none.
    """
    items: list[dict[str, Any]] = body["input"]
    texts = [_text(item) for item in items]
    schema = ((body.get("text") or {}).get("format") or {}).get("schema") or {}
    return Conversation(
        thread=str(body.get("prompt_cache_key", "")),
        cwd=_cwd(texts),
        wants_title=set(schema.get("properties", ())) == {"title"},
        size=len(items),
        characters=sum(map(len, texts)),
        prompts=_prompts(items, texts),
    )


def _prompts(items: list[dict[str, Any]], texts: list[str]) -> tuple[Prompt, ...]:
    found: list[Prompt] = []
    outputs: list[str] = []
    for place in range(len(items) - 1, -1, -1):
        if items[place]["type"].endswith("_output"):
            outputs.insert(0, texts[place])
        elif _is_prompt(items[place], texts[place]):
            text = texts[place]
            alone = SUMMARY in text or WISH in text or _nothing_under_way(items[:place], texts)
            found.append(Prompt(text, alone, tuple(outputs)))
            if SUMMARY in text:
                break
    return tuple(found)


def _nothing_under_way(before: list[dict[str, Any]], texts: list[str]) -> bool:
    for place in range(len(before) - 1, -1, -1):
        item = before[place]
        if item.get("role") == "assistant" or texts[place].lstrip().startswith(("<turn_aborted", SUMMARY)):
            return True
        if item.get("role") == "developer" or (item.get("role") == "user" and NOTES.match(texts[place])):
            continue
        return False
    return True


def _is_prompt(item: dict[str, Any], text: str) -> bool:
    return item["type"] == "message" and item["role"] == "user" and not NOTES.match(text)


def _cwd(texts: list[str]) -> str:
    for text in reversed(texts):
        if found := re.search(r"<environment_context>.*?<cwd>(.*?)</cwd>", text, re.DOTALL):
            return found[1]
    return ""


def _text(item: dict[str, Any]) -> str:
    """All text of an item: a message's parts, a tool's result (a string or parts), a call's arguments."""
    content = item.get("content") or item.get("output") or item.get("arguments") or item.get("input") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if isinstance(part.get("text"), str))
