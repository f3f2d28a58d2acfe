"""Whether a failed worker is worth another try, by what Codex said of it.

Only Codex's own words count, by how a message begins: what a provider or an agent says comes after them, or not at
all. Measured on 0.163; the table of statuses and words is in the tests.
"""

from __future__ import annotations

import re

_PASSES = re.compile(
    "|".join(
        [
            r"exceeded retry limit, last status: (429|5\d\d)\b",
            r"rate limit exceeded: ",
            r"unexpected status (408|425|(?!501)5\d\d)\b",  # too slow, too early, and a server's own trouble
            r"We.re currently experiencing high demand\b",  # a 500
            r"Selected model is at capacity\.",
            r"Flex capacity unavailable\.",
            # with an answer that was cut short for what is in it, it says the same once more
            r"stream disconnected before completion: (?!Incomplete response returned)",
            r"Error while reading the server response: ",
            r"Connection failed: ",
            r"request timed out\b",
            # of an earlier process that has not quite ended
            r"(Error: )?thread/resume: [^:]+: thread \S+ already has an active writer\b",
        ]
    )
)

_NOISE = re.compile(r"Reading additional input from stdin|(?i:warning): |\d{4}-\d\d-\d\dT\S+ +[A-Z]+ |\s*$")
_TRACE = "Stack backtrace:"


def may_pass(words: str) -> bool:
    """Whether the reason of a failed turn, or `last_words` of its process, is one that another try may overcome.

    Too many requests, a provider that is overloaded, broken or out of reach, a stream that was cut. Not what stays as
    it is: a refused request, a full context, a wrong configuration; nor a quota or a login, which `limits` knows (a
    rate limit is in both).
    """
    return _PASSES.match(words) is not None


def last_words(stderr: str) -> str:
    """What the end of a process' stderr says of its failure, on one line: without its log, warnings and backtrace,
    where there is anything else. Some 4000 bytes are enough to have it all."""
    lines = stderr.partition(_TRACE)[0].splitlines()
    said = [line.strip() for line in lines if not _NOISE.match(line)]
    return " ".join(said) or (lines[-1].strip() if lines else "")
