"""Which checkpoints a command of an agent is meant to answer, so that people see that it tried.

Nothing is held here: a command in the sandbox cannot reach the controller, and one outside is refused by it. A command
is read, not run, so what is in a script's file or a variable is not seen; what only names our commands, as `echo` and
`grep` do, is no attempt.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

PLAN = "plan"
"""Stands for the checkpoint of the plan's gate, which `tmuxorch plan approve` answers without its id."""

MOST = 5
"""Checkpoints of one command that count."""

LIMIT = 20_000
"""Characters of a command that are read."""

DEPTH = 6
"""Shells in shells that are looked into."""

OURS = "tmuxorch"
ANSWERS = frozenset({"approve", "decline", "answer"})
ID = re.compile(r"C[1-9]\d{0,8}")

SEPARATORS = ";&|()\n"
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
PROGRAM = re.compile(r"(?:tmuxorch|i?python[\d.]*|pypy[\d.]*)")

FIRST = re.compile(r"if|then|elif|else|do|while|until|!|\{|time|exec|command|builtin")
"""Words of a shell after which a command stands."""

CARRIERS = re.compile(
    r"(ba|da|z|k|fi|a)?sh|busybox|eval|trap|coproc|env|sudo|doas|su|runuser|setsid|nohup|timeout|nice|ionice|chrt|taskset"
    r"|stdbuf|xargs|parallel|find|watch|script|unbuffer|expect|strace|unshare|nsenter|chroot|flock|systemd-run|ssh|tmux"
    r"|screen|uvx?|pipx|poetry|pdm|hatch|rye|direnv|docker|podman"
)
"""Programs that run what stands in their arguments."""

DOCUMENT = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
READS_COMMANDS = re.compile(r"\b(?:[a-z]*sh|python[\d.]*|xargs|tmux)\b")

SAYS_ANSWER = re.compile(r"['\"]method['\"]\s*:\s*['\"]answer['\"]|\bcall\(\s*['\"]answer['\"]")
SAYS_ID = re.compile(r"['\"]?\bid['\"]?\s*[:=]\s*['\"](C[1-9]\d{0,8})['\"]")


def attempts(command: str) -> list[str]:
    """Ids of the checkpoints, in their order, each once; PLAN among them for the plan's gate. Never raises."""
    command = command[:LIMIT]
    found = [*_script(command, DEPTH)] if OURS in _bare(command) else []
    wire = command.replace("\\", "")
    if SAYS_ANSWER.search(wire):
        found += SAYS_ID.findall(wire)
    return list(dict.fromkeys(found))[:MOST]


def _bare(command: str) -> str:
    return re.sub(r"['\"\\]", "", command)


def _script(text: str, depth: int) -> Iterator[str]:
    """Of a whole script."""
    if depth == 0 or OURS not in _bare(text):
        return
    words: list[str] = []
    comment = False
    for word in [*_words(_without_documents(text)), "\n"]:
        comment = (comment or word.startswith("#")) and "\n" not in word
        if comment:
            continue
        if set(word) <= set(SEPARATORS):
            yield from _command(words, depth)
            words = []
        else:
            words.append(word)
        for inner in re.findall(r"(?:\$\(|`)(.+)", word, re.DOTALL):
            yield from _script(inner.replace("`", ";"), depth - 1)


def _words(text: str) -> list[str]:
    """The words of a script and what stands between commands; roughly, where quotes are not closed."""
    try:
        return _split(text)
    except ValueError:
        pass
    found = []
    for line in text.split("\n"):
        try:
            found += _split(line)
        except ValueError:
            found += re.findall(rf"[^\s'\"{SEPARATORS}]+|[{SEPARATORS}]", line)
        found.append("\n")
    return found


def _split(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=SEPARATORS)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    return list(lexer)


def _without_documents(text: str) -> str:
    """`text` without the documents in it (`<<END`) that no program takes for commands."""
    kept: list[str] = []
    end = ""
    for line in text.split("\n"):
        if end:
            end = "" if line.strip() == end else end
            continue
        kept.append(line)
        if (found := DOCUMENT.search(line)) and not READS_COMMANDS.search(line):
            end = found[2]
    return "\n".join(kept)


def _command(words: list[str], depth: int) -> Iterator[str]:
    """Of one command with its arguments."""
    while words and (FIRST.fullmatch(words[0]) or ASSIGNMENT.match(words[0])):
        words = words[1:]
    if not words:
        return
    name = _name(words[0])
    if PROGRAM.fullmatch(name):
        yield from _program(name, words[1:])
    elif CARRIERS.fullmatch(name):
        rest = words[1:]
        for at, word in enumerate(rest):
            if PROGRAM.fullmatch(_name(word)):
                yield from _program(_name(word), rest[at + 1 :])
                return
            if re.search(r"\s", word):
                yield from _script(word, depth - 1)


def _name(word: str) -> str:
    return word.rpartition("/")[2].partition("@")[0]


def _program(name: str, words: list[str]) -> Iterator[str]:
    """Of tmuxorch with these arguments, or of a Python that runs it."""
    if name == OURS:
        yield from _ours(words)
        return
    for at, word in enumerate(words):
        if _name(word) == OURS or word == f"-m{OURS}":
            yield from _ours(words[at + 1 :])
            return


def _ours(words: list[str]) -> Iterator[str]:
    named = iter(words)
    said = [word for word in named if not _is_option(word, named)]
    if said[:2] == ["plan", "approve"]:
        yield PLAN
    elif len(said) > 1 and said[0] in ANSWERS and ID.fullmatch(said[1]):
        yield said[1]


def _is_option(word: str, rest: Iterator[str]) -> bool:
    """Whether `word` is an option; what belongs to it is taken from `rest`."""
    if word in ("-C", "-m", "--message"):
        next(rest, None)
    return word.startswith("-")
