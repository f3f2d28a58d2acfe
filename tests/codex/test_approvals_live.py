"""What waits on a human, asked by the real Codex and answered over the wire."""

from __future__ import annotations

import msgspec
import pytest

from tests.codex.live import Bench, Client, connected
from tests.codex.tinymodel import call, escalate, mcp, patch, say
from tests.waiting import auntil
from tmuxorch.codex import approvals, items
from tmuxorch.codex.card import Answer, Card, Field
from tmuxorch.codex.notifications import ItemCompleted, ItemStarted, RequestResolved, ThreadStatus
from tmuxorch.errors import UsageError


def shown(client: Client, number: int = 1) -> Card:
    """The card of the request, made as the controller does: with the thread item that it is about."""
    request = client.requests[number - 1]
    wanted = approvals.about(request.params).item
    started = (event.item for event in client.events if isinstance(event, ItemStarted))
    item = next((item for item in started if item.id == wanted), None)
    return approvals.card(request.method, request.params, item)


def outputs(bench: Bench) -> list[str]:
    """What the tools told the model in its newest request."""
    newest = bench.model.requests[-1]["input"]
    return [str(item["output"]) for item in newest if item["type"].endswith("_output")]


@pytest.mark.parametrize(
    ("choice", "status", "ends", "ran"),
    [
        ("accept", "completed", "completed", True),
        ("accept-for-session", "completed", "completed", True),
        ("decline", "declined", "completed", False),
        ("cancel", "declined", "interrupted", False),
    ],
)
async def test_a_command(codex: Client, bench: Bench, choice: str, status: str, ends: str, ran: bool) -> None:
    made = bench.home / f"made-{choice}"
    turn = await codex.turn(escalate(f"touch {made}", "must \x1b[31m"), say("end"))
    request = await codex.request()
    waiting = await codex.seen(ThreadStatus, lambda event: event.flags == ("waitingOnApproval",))
    card = shown(codex)
    await codex.answer(request, choice)
    end = await codex.ended(turn)
    command = await codex.seen(ItemCompleted, lambda event: isinstance(event.item, items.CommandExecution))

    assert waiting.type == "active"
    assert approvals.about(request.params) == approvals.About(
        thread=codex.thread, turn=turn.id, item=command.item.id
    )
    assert (card.kind, card.title) == ("approval", "run a command")
    assert card.body == (
        f"$ /bin/bash -lc 'touch {made}'\nin {bench.repo}\nthe agent's reason: must \\x1b[31m"
    )
    assert isinstance(command.item, items.CommandExecution)
    assert (command.item.status, end.status, made.exists()) == (status, ends, ran)
    assert await codex.seen(RequestResolved) == RequestResolved(thread=codex.thread, request=request.id)


async def test_a_command_accepted_for_the_session_is_not_asked_again(codex: Client, bench: Bench) -> None:
    step = escalate(f"touch {bench.home}/twice", "must")
    turn = await codex.turn(step, step, say("end"))
    await codex.answer(await codex.request(), "accept-for-session")
    await codex.ended(turn)
    assert len(codex.requests) == 1


async def test_a_file_change_shows_its_diff(codex: Client, bench: Bench) -> None:
    (bench.repo / "old.txt").write_text("one\ntwo\n")
    change = "*** Update File: old.txt\n@@\n one\n-two\n+three\n*** Add File: a.txt\n+hello\n"
    turn = await codex.turn(patch(change), patch(change), say("end"))
    declined = await codex.request()
    card = shown(codex)
    await codex.answer(declined, "decline")
    accepted = await codex.request(2)
    untouched = (bench.repo / "old.txt").read_text()
    await codex.answer(accepted, "accept")
    await codex.ended(turn)

    old, new = bench.repo / "old.txt", bench.repo / "a.txt"
    assert card.kind == "approval"
    assert set(card.title.removeprefix("change ").split(", ")) == {str(old), str(new)}
    assert f"--- {old}\n+++ {old}\n@@ -1,2 +1,2 @@\n one\n-two\n+three" in card.body
    assert f"--- /dev/null\n+++ {new}\n+hello" in card.body
    assert (untouched, old.read_text(), new.read_text()) == ("one\ntwo\n", "one\nthree\n", "hello\n")
    old.unlink()
    new.unlink()


async def test_a_file_change_that_was_not_seen_says_so(codex: Client) -> None:
    await codex.turn(patch("*** Add File: a.txt\n+hello\n"))
    request = await codex.request()
    assert "did not say what changes" in approvals.card(request.method, request.params).body
    await codex.answer(request, "cancel")


async def test_questions(codex: Client, bench: Bench) -> None:
    options = [
        {"label": "Red", "description": "like a rose"},
        {"label": "Blue", "description": "like the sea"},
    ]
    asked = [
        {"id": name, "header": name, "question": f"Which {name}?", "options": options}
        for name in ("top", "end")
    ]
    turn = await codex.turn(call("request_user_input", questions=asked), say("end"))
    request = await codex.request()
    await codex.seen(ThreadStatus, lambda event: event.flags == ("waitingOnUserInput",))
    card = shown(codex)
    with pytest.raises(UsageError, match=r"^end: an answer is needed"):
        approvals.reply(request.method, request.params, Answer(values={"top": "Red"}))
    await codex.answer(request, top="blue", end="something else")
    await codex.ended(turn)

    assert (card.kind, card.title) == ("question", "Which top? (and 1 more)")
    assert card.body.startswith(
        "Which top?\n  Red — like a rose\n  Blue — like the sea\n  (or anything else)"
    )
    assert [(field.id, field.other, field.secret) for field in card.fields] == [
        ("top", True, False),
        ("end", True, False),
    ]
    (told,) = outputs(bench)
    assert msgspec.json.decode(told) == {
        "answers": {"top": {"answers": ["Blue"]}, "end": {"answers": ["something else"]}}
    }


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("accept", '{"permissions":{"network":null,"file_system":{"write":["/p"]}},"scope":"turn"}'),
        (
            "accept-for-session",
            '{"permissions":{"network":null,"file_system":{"write":["/p"]}},"scope":"session"}',
        ),
        ("decline", '{"permissions":{"network":null,"file_system":null},"scope":"turn"}'),
    ],
)
async def test_permissions(codex: Client, bench: Bench, choice: str, told: str) -> None:
    wanted = {"file_system": {"write": ["/p"]}}
    turn = await codex.turn(call("request_permissions", reason="to write", permissions=wanted), say("end"))
    request = await codex.request()
    card = shown(codex)
    await codex.answer(request, choice)
    await codex.ended(turn)

    assert (card.kind, card.body) == ("permission", "write: /p\nthe agent's reason: to write")
    assert [msgspec.json.decode(output) for output in outputs(bench)] == [msgspec.json.decode(told)]


async def test_an_mcp_tool_is_an_approval(codex: Client) -> None:
    turn = await codex.turn(mcp("lab", "write"), mcp("lab", "write"), say("end"))
    request = await codex.request()
    card = shown(codex)
    await codex.answer(request, "accept-for-session")
    await codex.ended(turn)

    assert (card.kind, card.title) == ("approval", 'Allow the lab MCP server to run tool "write"?')
    assert "the tool's own description: Writes." in card.body
    assert [choice.key for choice in card.choices] == ["accept", "accept-for-session", "decline", "cancel"]
    assert len(codex.requests) == 1
    calls = [event.item for event in codex.events if isinstance(event, ItemCompleted)]
    assert [item.status for item in calls if isinstance(item, items.McpToolCall)] == [
        "completed",
        "completed",
    ]


async def test_a_form_of_an_mcp_server(codex: Client, bench: Bench) -> None:
    turn = await codex.turn(mcp("lab", "form"), say("end"))
    request = await codex.request()
    card = shown(codex)
    with pytest.raises(UsageError, match=r"^age: '200' does not fit"):
        approvals.reply(request.method, request.params, Answer(values={"name": "Bo", "age": "200"}))
    await codex.answer(request, name="Bob", age="30", ok="yes", colour="red")
    await codex.ended(turn)

    assert (card.kind, card.title) == ("elicitation", "lab asks: Who are you?")
    assert Field(id="name", label="Name", type="string") in card.fields
    assert {field.id: (field.type, field.required) for field in card.fields} == {
        "name": ("string", True),
        "age": ("integer", False),
        "ok": ("boolean", False),
        "colour": ("string", False),
    }
    content = '{"age": 30, "colour": "red", "name": "Bob", "ok": true}'
    assert f'{{"action": "accept", "content": {content}}}' in outputs(bench)[0]


async def test_a_secret_of_a_form(codex: Client, bench: Bench) -> None:
    turn = await codex.turn(mcp("lab", "login"), say("end"))
    request = await codex.request()
    assert {field.id: field.secret for field in shown(codex).fields} == {"user": False, "password": True}
    await codex.answer(request, user="bob", password="hunter2")
    await codex.ended(turn)
    assert '"password": "hunter2"' in outputs(bench)[0]


async def test_a_declined_form(codex: Client, bench: Bench) -> None:
    turn = await codex.turn(mcp("lab", "form"), say("end"))
    await codex.answer(await codex.request(), "decline")
    await codex.ended(turn)
    assert '"action": "decline"' in outputs(bench)[0]


async def test_a_refusal_does_not_hang_the_turn(codex: Client) -> None:
    turn = await codex.turn(escalate("touch /x", "must"), say("end"))
    request = await codex.request()
    await codex.link.refuse(request.id, *approvals.refusal(request.method))
    assert (await codex.ended(turn)).status == "completed"
    command = await codex.seen(ItemCompleted, lambda event: isinstance(event.item, items.CommandExecution))
    assert isinstance(command.item, items.CommandExecution)
    assert command.item.status == "failed"


async def test_of_two_clients_the_first_answer_wins(codex: Client, bench: Bench) -> None:
    await codex.ended(await codex.turn(say("so that the thread can be shared")))
    other = await connected(bench.socket)
    await other.resume(codex.thread)
    turn = await codex.turn(escalate(f"touch {bench.home}/won", "must"), say("end"))
    mine, theirs = await codex.request(), await other.request()
    await other.answer(theirs, "decline")
    await codex.seen(RequestResolved)
    await codex.answer(mine, "accept")  # too late, and no harm
    await codex.ended(turn)
    await other.link.close()

    assert mine == theirs
    assert not (bench.home / "won").exists()


async def test_a_file_change_that_is_asked_again_has_its_diff_in_the_resumed_thread(
    codex: Client, bench: Bench
) -> None:
    await codex.turn(patch("*** Add File: a.txt\n+hello\n"))
    await codex.request()
    await codex.link.close()

    again = await connected(bench.socket)
    thread = await again.resume(codex.thread)
    request = await again.request()
    wanted = approvals.about(request.params).item
    (item,) = (item for turn in thread.turns for item in turn.items if item.id == wanted)
    assert "+++ " in approvals.card(request.method, request.params, item).body
    assert thread.turns[0].client_ids == ("T1",)
    await again.answer(request, "cancel")
    await again.link.close()


async def test_what_waits_is_asked_again_with_the_same_id_after_a_reconnect(
    codex: Client, bench: Bench
) -> None:
    turn = await codex.turn(escalate(f"touch {bench.home}/late", "must"), say("end"))
    before = await codex.request()
    await codex.link.close()

    again = await connected(bench.socket)
    thread = await again.resume(codex.thread)
    after = await again.request()
    await again.answer(after, "accept")
    await again.ended(turn)
    await auntil((bench.home / "late").exists)
    await again.link.close()

    assert (thread.status, thread.flags) == ("active", ("waitingOnApproval",))
    assert after == before
