"""What the vault takes out of answers, and masks in what agents say."""

from __future__ import annotations

import json
import logging
import sys
from typing import get_args

import pytest
from msgspec.structs import fields

from tmuxorch.controller.vault import AS_JSON, WORDS, MaskedLog, Vault, split
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.gates import digest
from tmuxorch.errors import UsageError

SECRET = 'Gr\u00fcn "kl\\ee"\nand a second line of it'


def card(*fields: m.Field, body: str = "") -> m.Card:
    return m.Card(kind=m.CheckpointKind.QUESTION, title="", body=body, do="", expect="", fields=fields)


USER, KEY = m.Field(id="user", label="User"), m.Field(id="key", label="Key", secret=True)


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.keep("C1", {"key": SECRET})
    return vault


@pytest.mark.parametrize(
    ("fields", "answer", "recorded", "kept"),
    [
        ((KEY,), m.Answer(values={"key": "x"}), m.Answer(secrets=("key",)), {"key": "x"}),
        ((KEY,), m.Answer(text="x"), m.Answer(secrets=("key",)), {"key": "x"}),
        (
            (USER, KEY),
            m.Answer(choice="accept", values={"user": "bob", "key": "x"}),
            m.Answer(choice="accept", values={"user": "bob"}, secrets=("key",)),
            {"key": "x"},
        ),
        ((USER, KEY), m.Answer(choice="decline", text="no"), m.Answer(choice="decline", text="no"), {}),
        ((USER,), m.Answer(text="bob"), m.Answer(text="bob"), {}),
    ],
)
def test_a_secret_is_taken_out(
    fields: tuple[m.Field, ...], answer: m.Answer, recorded: m.Answer, kept: dict[str, str]
) -> None:
    assert split(card(*fields), answer) == (recorded, kept)


def test_a_text_that_may_be_a_secret_is_refused_without_being_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        split(card(USER, KEY), m.Answer(text="hunter2"))
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_it_is_put_in_again_where_it_goes_out(vault: Vault) -> None:
    answered = m.Answered(
        at=1, by="ann", answer=m.Answer(choice="accept", values={"user": "b"}, secrets=("key",))
    )
    checkpoint = m.Checkpoint(
        id="C1", source="", item="", origin=m.FromAgent(agent="a"), card=card(), digest="", blocks=(), opened=1,
        state=answered,
    )  # fmt: skip
    assert vault.whole(checkpoint) == m.Answer(choice="accept", values={"user": "b", "key": SECRET})


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET))[1:-1],
        "and a second line of it",
    ],
)
def test_every_form_of_it_is_masked(vault: Vault, form: str) -> None:
    assert "second" not in vault.redacted(f"it was {form}.")
    assert vault.redacted(f"it was {form}.").startswith("it was ")


def test_json_stays_json_and_keeps_its_names(vault: Vault) -> None:
    vault.keep("C2", {"key": "params"})
    frame = json.dumps(
        {"method": "item/completed", "params": {"text": f"told: {SECRET}", "n": 3, "all": ["params"]}}
    )
    assert json.loads(vault.redacted_json(frame)) == {
        "method": "item/completed",
        "params": {"text": "told: [secret]", "n": 3, "all": ["[secret]"]},
    }
    other = '{ "untouched" : [1, 2] }'
    assert vault.redacted_json(other) is other


def test_of_messages_the_words_are_masked_and_nothing_else(vault: Vault) -> None:
    vault.keep("C2", {"key": "backend"})
    finished = msg.TurnFinished(
        agent="backend",
        codex_turn="backend",
        outcome=m.TurnOutcome.COMPLETED,
        message=f"The {SECRET}, the backend",
    )
    assert vault.masked(finished) == msg.TurnFinished(
        agent="backend",
        codex_turn="backend",
        outcome=m.TurnOutcome.COMPLETED,
        message="The [secret], the [secret]",
    )
    seen = msg.SeenTurn(codex_turn="t", mark="backend", outcome=None, message="backend")
    loaded = msg.ThreadLoaded(agent="a", generation=1, thread="t", turns=(seen,))
    masked = vault.masked(loaded)
    assert isinstance(masked, msg.ThreadLoaded)
    assert (masked.turns[0].mark, masked.turns[0].message) == ("backend", "[secret]")


def test_a_request_that_repeats_a_secret_is_shown_masked_with_the_digest_of_what_is_shown(
    vault: Vault,
) -> None:
    asked = msg.ServerAsked(
        agent="a",
        generation=1,
        request=0,
        method="item/commandExecution/requestApproval",
        params=json.dumps({"command": f"login {SECRET}"}),
        card=card(body=f"login {SECRET}"),
        digest="of what was not masked",
    )
    masked = vault.masked(asked)
    assert isinstance(masked, msg.ServerAsked)
    assert json.loads(masked.params) == {"command": "login [secret]"}
    assert masked.card.body == "login [secret]"
    assert masked.digest == digest(masked.card)


NAMES = frozenset(
    {"version", "key", "ref", "thread", "id", "codex_turn", "mark", "agent", "method", "digest", "checkpoint"}
    | {"run", "child", "commit", "item", "turn", "pattern", "by"}
)
"""Texts of observations that are names of ours or of git's, not words."""


def test_no_words_of_observations_are_left_out() -> None:
    texts = {
        field.name
        for shape in (*get_args(msg.Observation), msg.SeenTurn)
        for field in fields(shape)
        if field.type is str
    }
    assert texts - NAMES <= WORDS | AS_JSON


def test_what_a_lead_gives_is_masked_as_well(vault: Vault) -> None:
    plan = json.dumps({"objective": f"use {SECRET}"})
    masked = vault.masked(msg.RevisePlan(plan=plan, reason=f"it is {SECRET}", by="lead"))
    assert isinstance(masked, msg.RevisePlan)
    assert (json.loads(masked.plan), masked.reason) == ({"objective": "use [secret]"}, "it is [secret]")
    assert vault.masked(msg.GiveReport(run="R1", words=f"with {SECRET}", by="lead")) == msg.GiveReport(
        run="R1", words="with [secret]", by="lead"
    )


def test_what_holds_no_secret_is_the_same_message(vault: Vault) -> None:
    tick = msg.Tick()
    assert vault.masked(tick) == tick
    vault.drop("C1")
    assert vault.redacted(SECRET) == SECRET


def test_too_short_a_secret_is_not_looked_for() -> None:
    vault = Vault()
    vault.keep("C1", {"key": "yes"})
    assert vault.redacted("yes, it does") == "yes, it does"


def test_the_log_is_masked_with_its_tracebacks(vault: Vault) -> None:
    vault.keep("C2", {"key": "hunter2"})
    form = MaskedLog(logging.Formatter("%(message)s"), vault)
    try:
        raise ValueError("no hunter2")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "said %s", ("hunter2",), None)
        record.exc_info = sys.exc_info()
    shown = form.format(record)
    assert "hunter2" not in shown
    assert shown.startswith("said [secret]")
    assert "ValueError: no [secret]" in shown
