"""What a run wants of humans: its tasks, whose answers arrive as they were given; and secrets, which reach whom they
are for, and are nowhere of ours: not on disk, not in tmux, not in an argument list.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.controller.conftest import FORMS, Begin
from tests.controller.leftovers import contents
from tests.controller.test_checkpoints import asked, told
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.core import events as e
from tmuxorch.core.model import Answer
from tmuxorch.store.journal import Journal

CODEX = FORMS

SECRET = 'tr0ub4dor & "3"'


def hidden(lab: Project, *words: str, typed: str) -> str:
    """`tmuxorch WORDS` in a terminal, where `typed` is typed when it asks; what the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, "-m", "tmuxorch", "-C", str(lab.directory), *words]
        os.execve(sys.executable, command, {**lab.environ, "TERM": "dumb"})
    shown = bytearray()
    until(lambda: b"(not shown)" in _more(terminal, shown), what="the question for the secret")
    os.write(terminal, typed.encode() + b"\n")
    while _more(terminal, shown):
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown.decode()
    return shown.decode()


def _more(terminal: int, shown: bytearray) -> bytearray:
    """What was shown so far; nothing when that was all."""
    try:
        shown += os.read(terminal, 65536)
    except OSError:
        return bytearray()
    return shown


def places(lab: Project) -> Iterator[tuple[str, str]]:
    """Everything of ours that could hold it, but Codex's own home."""
    roots = [lab.paths.state, lab.directory, lab.paths.socket.parent]
    for path, content in contents(*roots, without="codex-home"):
        yield str(path), content.decode(errors="replace")
    for words in (["show-environment", "-g"], ["show-environment"], ["list-buffers"], ["show-messages"]):
        yield " ".join(words), lab.tmux(*words)
    for name in ("cmdline", "environ"):
        for path in Path("/proc").glob(f"[0-9]*/{name}"):
            with contextlib.suppress(OSError):  # it has ended, or is somebody else's
                yield str(path), path.read_bytes().decode(errors="replace")
    for pane in lab.tmux("list-panes", "-a", "-F", "#{pane_id}").split():
        yield f"pane {pane}", lab.tmux("capture-pane", "-p", "-J", "-S", "-", "-t", pane)


def nowhere(lab: Project, secret: str = SECRET) -> None:
    """Fails where a piece of the secret is."""
    found = [name for name, text in places(lab) if "tr0ub4dor" in text or secret in text]
    assert not found


def test_a_secret_asked_for_in_the_middle_of_a_turn(lab: Project, begin: Begin) -> None:
    """By a form: in an answer that is refused it is forgotten."""
    run = begin("secret-form")
    card = asked(lab, "elicitation")
    lab.run("answer", card["id"], "user=bob", "email=x", "password=-", stdin=SECRET, status=2)
    _typed(lab, run, card, "password", "user=bob")
    assert lab.call("show", id=card["id"])["answer"]["values"] == {"user": "bob"}


def test_a_secret_reply_that_was_only_recorded_is_asked_for_again(lab: Project, begin: Begin) -> None:
    run = begin("secret-question")
    card = asked(lab, "question")
    lab.kill_controller()
    journal = Journal.open(lab.paths.journal)
    answer = Answer(secrets=("token",))
    event = e.CheckpointAnswered(id=card["id"], answer=answer, by="ada", digest=card["digest"])
    journal.append(e.encode(event), time.time())
    journal.commit()
    journal.close()
    lab.run("up")
    again = asked(lab, "question")
    assert again["id"] == card["id"]
    _typed(lab, run, again, "token")


def _typed(lab: Project, run: str, card: Json, field: str, *words: str) -> None:
    """Somebody types the secret that the card asks for in that field."""
    assert (card["item"], card["blocks"]) == ("1", ["1"])
    shown = hidden(lab, "answer", card["id"], *words, typed=SECRET)
    assert "tr0ub4dor" not in shown
    closed: Json = lab.call("show", id=card["id"])
    assert (closed["state"], closed["answer"]["secrets"]) == ("closed", [field])
    said = told(lab, run)
    assert "[secret]" in said, "the model was told it, and what it says of it is masked"
    nowhere(lab)


DIGEST = hashlib.sha256(SECRET.encode()).hexdigest()


def task(lab: Project, begin: Begin, name: str) -> Json:
    """The checkpoint of the human task of a run whose item 2 is told what it gave."""
    begin(name, gate=True)
    gate = asked(lab, "plan")
    plan = lab.paths.plan.read_text()
    if "**Secret:**" not in plan:
        plan = plan.replace("- **Kind:** decision", "- **Kind:** credentials\n- **Secret:** yes")
        lab.paths.plan.write_text(plan)
    lab.run("approve", gate["id"])
    return waiting(lab, "human")


def waiting(lab: Project, kind: str) -> Json:
    """The open checkpoint of that kind, whatever else is open."""
    (found,) = until(lambda: [one for one in lab.call("checkpoints") if one["kind"] == kind], what=kind)
    shown: Json = lab.call("show", id=found["id"])
    return shown


def done(lab: Project, run: str) -> None:
    """The run ends well, its item 2 has used the secret, and the secret is nowhere of ours."""
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    said = [event["message"] for event in lab.events("turn_ended") if DIGEST in event.get("message", "")]
    assert len([words for words in said if "I used [secret]." in words]) >= 1
    nowhere(lab)


def test_a_secret_of_the_plan_reaches_the_items_that_depend_on_it(lab: Project, begin: Begin) -> None:
    card = task(lab, begin, "secret-task")
    assert (card["title"], card["do"], card["expect"]) == (
        "credentials: token",
        "Make a token.",
        "The token.",
    )
    assert card["blocks"] == ["1", "2"]
    assert "  2  app  taker" in card["body"]
    line = f"{card['id']} (open): credentials: token. Do: Make a token. Expected: The token. Blocked until then: 1, 2."
    until(lambda: f"- {line}" in lab.paths.plan.read_text(), what="the task in plan.md")
    until(
        lambda: f"- Waiting on: {card['id']} credentials: token" in lab.paths.runs.read_text(), what="runs.md"
    )
    hidden(lab, "answer", card["id"], typed=SECRET)
    done(lab, lab.call("status")["run"]["id"])
    own = dict(contents(lab.directory / "codex-home" / "sessions", without=".git"))
    assert any(b"tr0ub4dor" in content for content in own.values()), (
        "Codex keeps what it was told: that is Codex's"
    )
    lab.kill_controller()
    lab.run("up")  # the threads are loaded, and the secret is in their history
    until(lambda: lab.call("status")["children"][0]["thread"], what="the thread")
    lab.call("ask", name="app", prompt="say hello")
    nowhere(lab)


def test_a_secret_that_died_with_the_controller_is_asked_for_again(lab: Project, begin: Begin) -> None:
    card = task(lab, begin, "secret-later")
    approval = waiting(lab, "approval")
    lab.run("answer", card["id"], "-", stdin=f"{SECRET}\n")
    lab.kill_controller()
    lab.run("up")
    again = waiting(lab, "human")
    assert (again["id"], again["digest"]) == (card["id"], card["digest"])
    lab.run("approve", approval["id"])
    run = lab.call("status")["run"]["id"]
    until(lambda: lab.items_done()["3"], what="the item before")
    lab.run("answer", card["id"], "-", stdin=SECRET)
    done(lab, run)


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
