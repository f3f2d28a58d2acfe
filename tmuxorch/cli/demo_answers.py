"""`demo --auto`: each checkpoint shown, then answered through the public API, and said so."""

from __future__ import annotations

from msgspec.structs import asdict

from tmuxorch.cli import output
from tmuxorch.cli.card import card
from tmuxorch.cli.client import Client, connect
from tmuxorch.cli.output import Json
from tmuxorch.demo.stories import Story
from tmuxorch.errors import ControllerUnavailable, TmuxorchError
from tmuxorch.store.paths import ProjectPaths

WHO = "demo --auto"


class Answerer:
    """Answers what is open, each once: as the story has it for that kind, else as is obvious."""

    def __init__(self, paths: ProjectPaths, story: Story) -> None:
        self._paths = paths
        self._answers = story.extras.answers
        self._seen: set[str] = set()
        self._failed: set[str] = set()

    def look(self, status: Json) -> None:
        """Answers every open checkpoint of a status. Raises ControllerUnavailable; what was not answered then is
        answered next time."""
        for point in status["checkpoints"]:
            if point["state"] == "open" and point["id"] not in self._seen:
                with connect(self._paths) as client:
                    self._answer(client, client.call("show", {"id": point["id"]}))
                self._seen.add(point["id"])

    def _answer(self, client: Client, point: Json) -> None:
        again = point["title"] in self._failed
        of_the_story = None if again else self._answers.get(point["kind"])
        given = asdict(of_the_story) if of_the_story else answer(point, again)
        if point["kind"] == "failure":
            self._failed.add(point["title"])
        output.note(f"\n{card(point)}\n\n{WHO} answers {point['id']}: {_words(given)}\n")
        try:
            client.call("answer", {"id": point["id"], "digest": point.get("digest"), **given})
        except ControllerUnavailable:
            raise
        except TmuxorchError as error:
            output.note(f"{point['id']}: {error.message}")


def answer(point: Json, again: bool = False) -> Json:
    """What somebody would answer to whom all is well: accept, the first option, what is expected; after a failure,
    try again, but not if that failed as well (`again`)."""
    choices = [choice["key"] for choice in point.get("choices") or ()]
    fields = point.get("fields") or ()
    values = {field["id"]: _value(field, point) for field in fields}
    if "accept" in choices:
        return {"choice": "accept", "text": "", "values": values}
    if values:
        return {"choice": "", "text": "", "values": values}
    wanted = "abort" if again else "retry"
    return {"choice": wanted if wanted in choices else "".join(choices[:1]), "text": "", "values": {}}


def _value(field: Json, point: Json) -> str:
    options = field.get("options") or ()
    if options:
        return str(options[0]["key"])
    if field.get("type") == "boolean":
        return "true"
    if field.get("type") in ("integer", "number"):
        return "1"
    return str(point.get("expect") or "done")


def _words(given: Json) -> str:
    values = "; ".join(str(value) for value in given["values"].values())
    return ", ".join(part for part in (given["choice"], given["text"], values) if part)
