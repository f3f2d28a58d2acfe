"""What a worker is told when it is given another try."""

from __future__ import annotations

from tmuxorch.codex.workerprompt import MARK


def once_more(prompt: str) -> str:
    """The prompt of a worker that may edit, for another try after one that was cut off in the middle of its work."""
    return (
        f"{prompt}\n\nAN EARLIER TRY at this task was cut off. What it had changed by then is in the files: look at "
        "that first, keep what is good of it, and finish the task."
    )


def repair(problem: str) -> str:
    """The prompt for a worker whose answer has not the form that was asked for, in the thread in which it gave it."""
    return "\n".join(
        [
            MARK,
            "TASK: Your last message is not in the form that was asked for. Say the same once more in that form: JSON "
            "that fits the schema, and nothing else. Do no other work; you cannot write any more.",
            f"WHAT IS WRONG WITH IT: {problem}",
        ]
    )
