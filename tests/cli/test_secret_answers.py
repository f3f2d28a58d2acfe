"""Secrets from a person's fingers to the controller: hidden, or from stdin; the command line warns."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.cli.cards import Json, field, point
from tmuxorch.cli.bug import write_report
from tmuxorch.cli.card import card, ended
from tmuxorch.cli.secret_answers import answer
from tmuxorch.errors import UsageError

KEY = point(kind="human", choices=[], fields=[field(id="answer", label="the key", secret=True)])
LOGIN = point(
    kind="elicitation",
    choices=[{"key": "accept", "label": ""}, {"key": "decline", "label": ""}],
    fields=[field(id="user"), field(id="password", secret=True)],
)


def stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def given(choice: str = "", **values: str) -> Json:
    return {"choice": choice, "text": "", "values": values}


def test_from_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stdin(monkeypatch, "-----BEGIN KEY-----\n= é\n-----END KEY-----\n")
    assert answer(KEY, ["-"]) == given(answer="-----BEGIN KEY-----\n= é\n-----END KEY-----")
    stdin(monkeypatch, "hunter2\n")
    assert answer(LOGIN, ["user=bob", "password=-"]) == given("accept", user="bob", password="hunter2")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("of", "words", "values"),
    [
        (KEY, ["my", "key"], {"answer": "my key"}),
        (KEY, ["answer=key"], {"answer": "key"}),
        (LOGIN, ["user=bob", "password=hunter2"], {"user": "bob", "password": "hunter2"}),
    ],
)
def test_on_the_command_line_it_is_taken_with_a_warning(
    capsys: pytest.CaptureFixture[str], of: Json, words: list[str], values: dict[str, str]
) -> None:
    assert answer(of, words)["values"] == values
    assert f"better: tmuxorch answer {of['id']}  (it asks for it)" in capsys.readouterr().err


def test_without_a_terminal_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, "")
    with pytest.raises(UsageError, match="answer of C1 is secret, and there is no terminal") as caught:
        answer(KEY, [])
    assert caught.value.hint == "tmuxorch answer C1 - < FILE"
    with pytest.raises(UsageError, match="password of C1 is secret"):
        answer(LOGIN, ["user=bob"])


def test_who_declines_is_not_asked() -> None:
    assert answer(LOGIN, ["decline"]) == given("decline")


def test_an_error_does_not_repeat_a_secret() -> None:
    with pytest.raises(UsageError) as caught:
        answer(LOGIN, ["user=bob", "hunter2"])
    assert caught.value.message == "a word is not FIELD=VALUE; the fields are: user, password"


def test_the_card_shows_how_and_not_what() -> None:
    assert "tmuxorch answer C1  the key (asked for, not shown; or - for stdin)" in card(KEY)
    closed = {**KEY, "state": "closed", "answered_by": "ann"}
    closed["answer"] = {"choice": "", "text": "", "values": {}, "secrets": ["answer"]}
    assert ended(closed) == "closed: answer: (secret), by ann"


def test_the_report_of_a_bug_has_no_answers() -> None:
    report = Path(write_report(ValueError("x"), ["-C", "/p", "answer", "C3", "hunter2"]))
    text = report.read_text()
    report.unlink()
    assert "command: tmuxorch -C /p answer C3 '…'" in text
    assert "hunter2" not in text.partition("Traceback")[0]
