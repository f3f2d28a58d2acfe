"""Cards and replies for what the real server cannot be made to ask here."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tmuxorch.codex import approvals
from tmuxorch.codex.card import Answer, Card
from tmuxorch.codex.items import FileChange, FileUpdate
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.errors import TmuxorchError, UsageError


def card(method: str, params: Any, item: FileChange | None = None) -> Card:
    return approvals.card(method, msgspec.json.encode(params), item)


def reply(method: str, params: Any, choice: str = "", text: str = "", **values: str) -> dict[str, Any]:
    answer = Answer(choice=choice, text=text, values=values)
    return approvals.reply(method, msgspec.json.encode(params), answer)


def test_hidden_characters_are_made_visible() -> None:
    assert visible("a\x1b[2J\r\nb\tc\u202e\x9b\u200b\U000e0041\udc80é") == (
        "a\\x1b[2J\\x0d\nb\tc\\u202e\\x9b\\u200b\\U000e0041\\udc80é"
    )
    assert visible_line("a\nb\tc") == "a\\nb\\tc"


HOSTILE = "rm -rf /\x1b[1A\x1b[2K\u202e"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (approvals.COMMAND, {"command": HOSTILE, "cwd": HOSTILE, "reason": HOSTILE}),
        (approvals.COMMAND, {"networkApprovalContext": {"host": HOSTILE, "protocol": HOSTILE}}),
        (approvals.FILE_CHANGE, {"reason": HOSTILE, "grantRoot": HOSTILE}),
        (approvals.PERMISSIONS, {"permissions": {HOSTILE: {HOSTILE: [HOSTILE]}}, "reason": HOSTILE}),
        (
            approvals.QUESTION,
            {
                "questions": [
                    {"id": "a", "header": HOSTILE, "question": HOSTILE, "options": [{"label": HOSTILE}]}
                ]
            },
        ),
        (
            approvals.ELICITATION,
            {
                "serverName": HOSTILE,
                "mode": "form",
                "message": HOSTILE,
                "requestedSchema": {"properties": {HOSTILE: {"type": "string", "description": HOSTILE}}},
            },
        ),
        (
            approvals.ELICITATION,
            {
                "serverName": HOSTILE,
                "mode": "form",
                "message": HOSTILE,
                "_meta": {"codex_approval_kind": "mcp_tool_call", "tool_params": {HOSTILE: HOSTILE}},
            },
        ),
    ],
)
def test_nothing_hidden_reaches_a_person(method: str, params: Any) -> None:
    change = FileUpdate(path=HOSTILE, kind="delete", diff=HOSTILE)
    shown = card(method, params, FileChange(changes=(change,)))
    texts = [shown.title, shown.body, shown.do, shown.expect]
    texts += [field.label for field in shown.fields]
    texts += [option.label for field in shown.fields for option in field.options]
    assert not [text for text in texts if "\x1b" in text or "\u202e" in text]
    assert "\n" not in shown.title


def test_everything_of_a_permission_request_is_shown() -> None:
    wanted = {
        "network": {"enabled": True},
        "fileSystem": {
            "read": ["/r"],
            "write": ["/w"],
            "entries": [
                {"access": "read", "path": {"type": "path", "path": "/r"}},
                {"access": "write", "path": {"type": "glob_pattern", "pattern": "/w/*"}},
                {"access": "deny", "path": {"type": "special", "value": {"kind": "root"}}},
            ],
            "globScanMaxDepth": 3,
        },
        "microphone": {"on": True},
        "camera": None,
    }
    assert card(approvals.PERMISSIONS, {"permissions": wanted}).body.splitlines() == [
        "read: /r",
        "write: /w/* (pattern)",
        'deny: {"type": "special", "value": {"kind": "root"}}',
        "globScanMaxDepth: 3",
        "network: all",
        'microphone: {"on": true}',
    ]
    legacy = {"fileSystem": {"read": None, "write": ["/w", "/v"], "entries": None}}
    assert card(approvals.PERMISSIONS, {"permissions": legacy}).body == "write: /w\nwrite: /v"


def test_a_command_with_more_permissions_shows_them() -> None:
    more = {"fileSystem": {"write": ["/w"]}}
    body = card(approvals.COMMAND, {"command": "ls", "additionalPermissions": more}).body
    assert body == "$ ls\nwith these permissions:\nwrite: /w"


@pytest.mark.parametrize("choice", ["", "yes", "approved"])
def test_no_decision_but_the_offered_ones(choice: str) -> None:
    with pytest.raises(UsageError) as wrong:
        reply(approvals.COMMAND, {"command": "ls"}, choice)
    assert wrong.value.hint == "one of: accept, accept-for-session, decline, cancel"


@pytest.mark.parametrize("method", ["execCommandApproval", "applyPatchApproval", "item/tool/call", "x\x1b"])
def test_unknown_requests_are_refused(method: str) -> None:
    assert not approvals.is_known(method)
    code, message = approvals.refusal(method)
    assert code == -32601
    assert "\x1b" not in message


def test_a_request_of_another_shape_is_not_guessed_at() -> None:
    with pytest.raises(TmuxorchError, match="asks in a shape that is not known"):
        card(approvals.QUESTION, {"questions": "which?"})


QUESTION = {
    "questions": [
        {"id": "c", "header": "H", "question": "Which?", "options": [{"label": "Red"}, {"label": "Dark Red"}]}
    ]
}
SECRET = {"questions": [{"id": "key", "header": "", "question": "The key?", "isSecret": True}]}


@pytest.mark.parametrize("text", ["Red", "red ", "1"])
def test_an_option_is_chosen_by_its_words_or_number(text: str) -> None:
    assert reply(approvals.QUESTION, QUESTION, text=text) == {"answers": {"c": {"answers": ["Red"]}}}


def test_questions_are_closed_unless_they_say_otherwise() -> None:
    with pytest.raises(UsageError, match="c: 'Green' is not offered"):
        reply(approvals.QUESTION, QUESTION, text="Green")
    with pytest.raises(UsageError, match="there is no question 'd'"):
        reply(approvals.QUESTION, QUESTION, d="Red")
    assert reply(approvals.QUESTION, QUESTION, choice="decline") == {"answers": {}}


def test_a_secret_question() -> None:
    (field,) = card(approvals.QUESTION, SECRET).fields
    assert (field.label, field.secret, field.other) == ("The key?", True, True)
    assert reply(approvals.QUESTION, SECRET, text=" s3 ") == {"answers": {"key": {"answers": [" s3 "]}}}


FORM = {
    "serverName": "lab",
    "mode": "form",
    "_meta": None,
    "message": "Fill in",
    "requestedSchema": {
        "type": "object",
        "required": ["mail"],
        "properties": {
            "mail": {"type": "string", "format": "email", "maxLength": 9},
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
            "page": {"type": "string", "format": "uri"},
            "share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
            "count": {"type": "integer"},
            "free": {"type": "number"},
            "ok": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "maxItems": 1},
            "size": {"type": "string", "oneOf": [{"const": "s", "title": "Small"}]},
            "old": {"type": "string", "enum": ["x"], "enumNames": ["Ex"]},
        },
    },
}
GOOD = {
    **{"mail": "a@b", "day": "2026-01-31", "at": "2026-01-31T10:00:00Z", "page": "https://a", "share": "1"},
    **{"count": "-3", "ok": "No", "tags": "b", "size": "s", "old": "x"},
}


def test_a_form_is_filled_in_with_the_types_it_asks_for() -> None:
    assert reply(approvals.ELICITATION, FORM, **GOOD) == {
        "action": "accept",
        "content": {
            **{"mail": "a@b", "day": "2026-01-31", "at": "2026-01-31T10:00:00Z", "page": "https://a"},
            **{"share": 1.0, "count": -3, "ok": False, "tags": ["b"], "size": "s", "old": "x"},
        },
    }
    assert reply(approvals.ELICITATION, FORM, mail="a@b")["content"] == {"mail": "a@b", "share": 0.5}
    assert reply(approvals.ELICITATION, FORM, choice="decline") == {"action": "decline"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("mail", "ab"), ("mail", "a@bcdefghi"), ("day", "31.1."), ("at", "noon"), ("page", "a b")),
        *(
            ("share", "1.1"),
            ("share", "nan"),
            ("free", "-inf"),
            ("free", "nan"),
            ("count", "1.5"),
            ("ok", "maybe"),
        ),
        *(("tags", "c"), ("tags", "a,b"), ("size", "m"), ("old", "Ex")),
    ],
)
def test_what_does_not_fit_names_its_field(name: str, value: str) -> None:
    with pytest.raises(UsageError) as wrong:
        reply(approvals.ELICITATION, FORM, **{**GOOD, name: value})
    assert wrong.value.message.startswith(f"{name}: ")
    assert wrong.value.hint.startswith(f"{name}: ")


def test_forms_are_not_accepted_half_filled_or_with_more() -> None:
    with pytest.raises(UsageError, match="mail: a value is needed"):
        reply(approvals.ELICITATION, FORM, choice="accept")
    with pytest.raises(UsageError, match="there is no field 'other'"):
        reply(approvals.ELICITATION, FORM, mail="a@b", other="x")
    with pytest.raises(UsageError, match="is no answer here"):
        reply(approvals.ELICITATION, FORM)


def test_titled_options_show_their_titles() -> None:
    fields = {field.id: field for field in card(approvals.ELICITATION, FORM).fields}
    assert [(one.key, one.label) for one in fields["size"].options + fields["old"].options] == [
        ("s", "Small"),
        ("x", "Ex"),
    ]
    assert fields["tags"].type == "list"


@pytest.mark.parametrize(
    ("name", "title", "secret"),
    [
        ("password", "", True),
        ("db_password", "", True),
        ("apiKey", "", True),
        ("value", "Access token", True),
        ("pin", "", True),
        ("name", "Your name", False),
        ("keyboard", "", False),
        ("spin", "Tokenizer", False),
    ],
)
def test_a_field_of_a_form_is_secret_by_its_name(name: str, title: str, secret: bool) -> None:
    member = {"type": "string", "maxLength": 3, **({"title": title} if title else {})}
    form = {**FORM, "requestedSchema": {"type": "object", "properties": {name: member}}}
    shown = card(approvals.ELICITATION, form)
    assert shown.fields[0].secret is secret
    assert ("never stored or shown" in shown.body) is secret
    with pytest.raises(UsageError) as wrong:
        reply(approvals.ELICITATION, form, **{name: "hunter2"})
    assert ("hunter2" in wrong.value.message + wrong.value.hint) is not secret


def test_a_secret_question_does_not_repeat_what_was_typed() -> None:
    question = {**SECRET["questions"][0], "isOther": False, "options": [{"label": "A", "description": ""}]}
    with pytest.raises(UsageError) as wrong:
        reply(approvals.QUESTION, {**SECRET, "questions": [question]}, key="hunter2")
    assert "hunter2" not in wrong.value.message + wrong.value.hint


def test_a_page_to_open_and_a_kind_that_is_not_served() -> None:
    page = {
        "serverName": "lab",
        "mode": "url",
        "message": "Log in",
        "url": "https://a\u202eb",
        "elicitationId": "1",
    }
    assert card(approvals.ELICITATION, page).body == "Log in\nhttps://a\\u202eb"
    assert reply(approvals.ELICITATION, page, "accept") == {"action": "accept", "content": {}}
    proof = {"serverName": "lab", "mode": "openai/userVerification", "title": "t", "challenge": "c"}
    assert [choice.key for choice in card(approvals.ELICITATION, proof).choices] == ["decline", "cancel"]
    with pytest.raises(UsageError, match="'accept' is no answer here"):
        reply(approvals.ELICITATION, proof, "accept")
