"""Human tasks of a real plan, answered by the real command: each card is whole, each answer arrives as it was given."""

from __future__ import annotations

from tests.controller.conftest import Begin
from tests.e2e.project import Json, Project
from tests.waiting import until

DEVICE = "It shows:\n\n    ONLINE  `ok`\n\tafter 3 s"


def card(lab: Project, item: str) -> Json:
    """The open checkpoint of that item."""
    (found,) = until(
        lambda: [one for one in lab.call("checkpoints") if one["item"] == item], what=f"item {item}"
    )
    shown: Json = lab.call("show", id=found["id"])
    return shown


def test_each_kind_is_asked_for_and_told(lab: Project, begin: Begin) -> None:
    run = begin("tasks")
    release, policy = card(lab, "1"), card(lab, "3")
    assert release["title"] == "go/no-go: release"
    assert release["body"] == "Think.\n\nUntil then these items wait:\n  2  app  released"
    assert [choice["key"] for choice in release["choices"]] == ["go", "no-go"]
    lab.run("answer", release["id"], "maybe", status=2)
    lab.run("answer", release["id"], "no-go", "the lab", "is closed")

    assert policy["title"] == "product decision: policy"
    assert [(one["key"], one["label"]) for one in policy["fields"][0]["options"]] == [
        ("backoff", "with jitter"),
        ("fixed", ""),
    ]
    lab.run("answer", policy["id"], "1")

    device = card(lab, "5")
    assert (device["title"], device["do"]) == ("device test: device", "1. Hold it.\n2. Look.")
    assert device["expect"] == "What it shows."
    lab.run("answer", device["id"], "-", stdin=f"{DEVICE}\n")

    ended = lab.call("wait_run", id=run, timeout=60)
    assert ended["outcome"] == "failed"
    assert "item 1 was given up: no-go: the lab is closed" in ended["reason"]
    states = {item["item"]: item["status"] for item in ended["items"]}
    assert states == {"1": "failed", "2": "blocked", "3": "done", "4": "done", "5": "done", "6": "done"}
    said = [event["message"] for event in lab.events("turn_ended")]
    assert "heard: backoff" in said
    assert f"read: {DEVICE}" in said


def test_an_answer_after_the_run_was_cancelled_is_refused_with_what_to_do(lab: Project, begin: Begin) -> None:
    run = begin("tasks")
    release = card(lab, "1")
    lab.call("cancel", id=run)
    late = lab.start("answer", release["id"], "go")
    error = late.communicate(timeout=30)[1]
    assert late.returncode == 3
    assert f"{release['id']} has lapsed: the run was ended by " in error
    assert f"try: tmuxorch -C {lab.directory} checkpoints" in error
