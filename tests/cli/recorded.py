"""A project whose controller is gone in the middle of a run: everything there is to show, and hostile text in it."""

from __future__ import annotations

import time
from pathlib import Path

from msgspec.structs import replace

from tests.core.play import asks, executing, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.store.journal import Journal
from tmuxorch.store.paths import ProjectPaths

HOSTILE = (
    "run $(touch pwned)`touch pwned` %F{red}[red]#{pid}\x1b]0;owned\x07\u202egnp\t漢字 😀 é…\n" + "x" * 300
)
"""A title by an agent."""

CONFIG = "children: []\n"

AGO = 610.0
"""Seconds since about all of it: in a slow test too, each age reads the same."""


def project(place: Path) -> ProjectPaths:
    """The project, in `place`."""
    place.mkdir(parents=True)
    (place / "orchestrator.config.yaml").write_text(CONFIG)
    story = executing(task("1", "backend"), task("2", "mobile", "1"))
    begun = story.begins("backend")
    approval = asks("backend", codex_turn=f"codex-{begun.id}-{begun.attempt}")
    card = replace(approval.card, title=HOSTILE, body=f"$ rm -r caf\u00e9\n{HOSTILE}")
    story.tell(replace(approval, card=card))
    options = (m.Choice("linear", "always 1 s"), m.Choice("$(touch pwned)", HOSTILE))
    question = m.Card(
        kind=m.CheckpointKind.QUESTION,
        title="Which retry policy?",
        body="It is not said anywhere.",
        do="Choose one, or write another.",
        expect="linear, or words of your own",
        choices=(m.Choice("decline", "Give no answer"),),
        fields=(m.Field(id="policy", label="Retry policy", options=options, other=True),),
    )
    story.tell(replace(approval, request=1, card=question, digest="d2"))
    for number, label in enumerate(("scout", "a-label-of-a-worker-that-is-rather-long", "mend"), 1):
        spec = m.WorkerSpec(label=label, role="scout", task="Look around", cwd="/repos/backend")
        story.tell(msg.QueueWorker(id=f"W{number}", spec=spec))
    story.starts("W2")
    story.ends("W1")
    story.ends("W3", m.Outcome.FAILED)
    return written(place, *((time.time() - AGO + at / 1000, event) for at, event in story.journal))


def written(place: Path, *events: tuple[float, e.Event]) -> ProjectPaths:
    """A project in whose journal this is, and whose controller is gone."""
    paths = ProjectPaths(place)
    paths.ensure()
    journal = Journal.open(paths.journal)
    for at, event in events:
        journal.append(e.encode(event), at)
    journal.commit()
    journal.close()
    return paths
