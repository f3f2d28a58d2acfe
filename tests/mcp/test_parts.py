"""The parts that need no process: hints, what was heard, what is cut, and the two forms of a plan."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tmuxorch.controller.api import server
from tmuxorch.core import answers
from tmuxorch.errors import Refused
from tmuxorch.mcp import connection, harmless, hints, listing
from tmuxorch.mcp.heard import Heard
from tmuxorch.mcp.tools import planform


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("tmuxorch wait W1 P2", 'wait_for(ids=["W1", "P2"])'),
        ("tmuxorch result P1", 'get_result(id="P1")'),
        ("tmuxorch show C12", 'get_checkpoint(id="C12")'),
        ("tmuxorch child ls", "status"),
        ("tmuxorch pattern show review", "list_patterns"),
        ("tmuxorch exec --scope edit --worktree …", "run_worker"),
        ("tmuxorch ask NAME …", "ask_child"),
        ("tmuxorch up", "a person types: tmuxorch up"),
        ("tmuxorch approve C1", "a person types: tmuxorch approve C1"),
        ("tmuxorch cancel R1", "a person types: tmuxorch cancel R1"),
        (
            "say it: tmuxorch exec --scope full --yes-really-full …",
            "scope edit, or ask_human to set workers.allow_full",
        ),
        ("wait for the plan's gate", "wait for the plan's gate"),
        ("", ""),
    ],
)
def test_a_command_becomes_the_tool_that_does_it(hint: str, told: str) -> None:
    assert hints.for_agent(hint) == told


def test_commands_in_a_text_become_tools() -> None:
    said = "W1 scout failed\n  tmuxorch result W1\nsee tmuxorch show C2, tmuxorch up"
    assert hints.in_text(said) == (
        'W1 scout failed\n  get_result(id="W1")\nsee get_checkpoint(id="C2"), tmuxorch up'
    )


def test_what_a_client_without_turns_was_told_is_heard() -> None:
    heard = Heard()
    assert heard.since() is None
    heard.begins(2)
    heard.begins(9)
    assert heard.since() == 2
    for upto in (3, 5):
        heard.calls("")
        heard.told(upto, "")
        heard.calls("")
        assert heard.since() == upto


def test_what_a_turn_was_told_is_heard_when_it_goes_on() -> None:
    heard = Heard()
    heard.calls("a")
    heard.told(3, "a")
    heard.calls("a")
    assert heard.since() == 3
    heard.told(4, "a")
    heard.told(5, "a")  # two at the same time
    heard.calls("b")
    assert heard.since() == 3, "a may have been interrupted"
    heard.told(5, "b")
    heard.calls("b")
    assert heard.since() == 5


def test_what_an_interrupted_turn_waits_for_reaches_the_next_one() -> None:
    heard = Heard()
    heard.calls("a")
    heard.told(3, "a")
    heard.calls("a")
    heard.calls("b")  # a was interrupted in its wait, which goes on
    assert heard.since() == 3
    heard.told(7, "a")
    heard.calls("b")
    assert heard.since() == 3


def test_what_is_too_long_is_cut_and_says_so() -> None:
    value = {"many": ["ab" * 6_000] * 5, "one": "x" * 30_000, "short": "y" * 100}
    told = harmless.fitting(value, "get_result")
    assert harmless.size(told) <= harmless.LIMIT
    assert told["short"] == value["short"]
    assert told["one"].endswith(" …[cut here: 30,000 characters in all; get_result]")
    assert {one.rpartition(" …")[2] for one in told["many"]} == {
        "[cut here: 12,000 characters in all; get_result]"
    }
    assert harmless.fitting(value | {"many": [], "one": ""}, "") == value | {"many": [], "one": ""}


def test_parts_of_a_long_result_follow_each_other_whatever_is_in_it() -> None:
    """Line breaks and quotes take twice their room, control characters of JSON six times."""
    for message in ("roses " * 20_000, '\n"' * 40_000, "x" * 37_000 + '"\n' * 9_000, "short", ""):
        for rest in ({"path": "p"}, {"changed": ["some/file.py"] * 1_000}):
            words = ""
            offset: int | None = 0
            while offset is not None:
                said, following = harmless.part(message, offset, rest)
                told = rest | {"it_says": said, "next_offset": following}
                assert harmless.fitting(told, "") == told
                words, offset = words + said, following
            assert words == message


def test_a_plan_is_given_whole_or_not_at_all() -> None:
    short = {"plan": {"items": ["x" * 100] * 300}}
    assert harmless.whole(short, "the plan", "read it") is short
    with pytest.raises(Refused, match="the plan has 41,"):
        harmless.whole({"plan": {"items": ["x" * 100] * 400}}, "the plan", "read it")


def test_of_very_many_short_fields_the_first_are_told_and_how_many_there_were() -> None:
    """In the shape that is listed, with all fields of its objects."""
    job = {"id": "W1", "state": "exited", "outcome": "failed", "reason": "it has no time left"}
    value = {"jobs": [job] * 3_000, "timed_out": False, "next": "wait"}
    told = harmless.fitting(value, "ask for fewer at once")
    (schema,) = (one["outputSchema"] for one in listing.tools() if one["name"] == "wait_for")
    jsonschema.validate(told, schema)
    assert 0.6 * harmless.LIMIT < harmless.size(told) <= harmless.LIMIT
    shown = len(told["jobs"])
    assert told == value | {
        "jobs": [job] * shown,
        "left_out": f"{3_000 - shown:,} of 3,000 in jobs; ask for fewer at once",
    }


def test_what_is_left_out_is_told_of_each_list_and_of_keys() -> None:
    many = {"few": {"deep": [["x" * 9] * 100] * 200}, "keys": {f"k{n}": n for n in range(9_000)}, "z": [1, 2]}
    told = harmless.fitting(many, "")
    assert harmless.size(told) <= harmless.LIMIT
    deep, inner, keys = told["few"]["deep"], told["few"]["deep"][0], told["keys"]
    assert (len(inner), len(keys), told["z"]) == (len(deep), harmless.FEW, [1, 2])
    assert told["left_out"] == (
        f"{200 - len(deep)} of 200 in few.deep, "
        f"{(100 - len(inner)) * len(deep):,} of {100 * len(deep):,} in few.deep[], "
        f"{9_000 - len(keys):,} of 9,000 in keys"
    )


def test_what_is_told_holds_no_controls_in_keys_either() -> None:
    hostile = "\x1b]52;c;aGk=\x07a\x1b[31mb\u202ec\x00\r\nd\ud800"
    told = harmless.clean({hostile: [{"k": hostile}], "n": 1, "none": None})
    assert json.loads(json.dumps(told)) == {"abc d": [{"k": "abc\nd"}], "n": 1, "none": None}
    assert [harmless.clean(one) for one in (" a \n", "\x1ca", "a\x85", "\ta")] == [" a \n", "a", "a", "a"]


def test_a_plan_is_given_in_the_form_in_which_the_lead_answers() -> None:
    pairs = (
        (planform.Plan, answers.ReplanAnswer),
        (planform.Item, answers.ItemAnswer),
        (planform.Contract, answers.ContractAnswer),
        (planform.Human, answers.HumanAnswer),
    )
    for given, answer in pairs:
        assert set(given.__struct_fields__) == set(answer.__struct_fields__)


def test_the_controllers_api_is_spoken() -> None:
    assert (connection.API, connection.REQUEST) == (server.API, server.LINE_LIMIT)
