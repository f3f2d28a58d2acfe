"""Which step of a script answers, from the results alone: repeated steps, what results give, summaries."""

from __future__ import annotations

from typing import Any

import msgspec

from tmuxorch.demo import conversation, scenario, script

WAITING = scenario.parse(
    r"""
rules:
  - match: '^lead'
    steps:
      - - {do: mcp, server: s, tool: status, gives: '"cursor":(?P<cursor>\d+)'}
      - - do: mcp
          server: s
          tool: wait
          arguments: {since: "<<cursor:json>>", text: "after <<cursor>>", deep: [{more: "<<cursor:json>>"}]}
          gives: '"cursor":(?P<cursor>\d+)'
          until: 'there'
      - - {do: mcp, server: s, tool: try, if_latest: there, gives: '(?P<worker>W\d+)'}
      - - {do: mcp, server: s, tool: again, if_latest: 'error: (?P<why>.*)', arguments: {why: "<<why>>"}}
        - {do: message, text: "(scripted) no error", unless_latest: error}
      - - {do: message, text: "(scripted) <<worker>> at <<cursor>>"}
  - match: '^twice'
    steps:
      - - {do: command, cmd: one}
        - {do: command, cmd: two, until: 'yes'}
      - - {do: message, text: "(scripted) <<worker>>"}
        - {do: command, cmd: "true", gives: '(?P<worker>W\d+)', if_output: never}
  - match: '^read'
    steps:
      - - {do: mcp, server: s, tool: said, gives: '"said":"(?P<said>[^.]*\.)'}
        - {do: command, cmd: cat s.py, gives: '"(?P<code>.*)"'}
      - - {do: message, text: "(scripted) <<said>> <<code>>"}
""",
    "test.yaml",
)

ARGUMENTS: dict[str, Any] = {"since": 7, "text": "after 7", "deep": [{"more": 7}]}


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def said(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def results(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "function_call_output", "output": text} for text in texts]


def next_of(*items: dict[str, Any]) -> list[dict[str, Any]]:
    """What the model does next, as data."""
    answer = script.answer(WAITING, conversation.read({"input": list(items)}), lambda *place: False)
    return [msgspec.to_builtins(output) for output in answer.outputs]


def after(*texts: str) -> dict[str, Any]:
    [only] = next_of(user("lead"), *results(*texts))
    return only


def test_a_step_is_repeated_until_its_result_fits_with_what_the_newest_result_gives() -> None:
    waits = after('{"cursor":7}')
    assert (waits["tool"], waits["arguments"]) == ("wait", ARGUMENTS)
    waits = after('{"cursor":7}', '{"cursor":9} nothing')
    assert (waits["tool"], waits["arguments"]["since"]) == ("wait", 9)
    assert after('{"cursor":7}', "unsupported call")["arguments"]["since"] == 7
    assert after('{"cursor":7}', '{"cursor":9} nothing', '{"cursor":12} there')["tool"] == "try"


def test_what_a_tool_says_in_json_is_read_and_what_is_in_a_file_stands_as_it_is() -> None:
    [message] = next_of(
        user("read"), *results(r'{"said":"it \"waits\"\nfor ever. Always."}', r'print("a\n")')
    )
    assert message["text"] == '(scripted) it "waits"\nfor ever. a\\n'


def test_what_came_last_decides_and_what_came_before_is_known() -> None:
    before = ('{"cursor":7}', '{"cursor":8} error: there')
    wrong = after(*before, "W1 error: too late")
    assert (wrong["tool"], wrong["arguments"]) == ("again", {"why": "too late"})
    assert after(*before, "W12 fine")["text"] == "(scripted) no error"
    assert after(*before, "W1 error: too late", "fine")["text"] == "(scripted) W1 at 8"


def test_a_repeated_step_calls_all_of_it_again_and_not_for_ever() -> None:
    calls = [one["cmd"] for one in next_of(user("twice"), *results("yes", "no"))]
    assert calls == ["one", "two"]
    [end] = next_of(user("twice"), *results(*["no"] * 2 * scenario.REPEATS))
    assert end["text"] == "(scripted) step 1 was repeated 200 times, and its results do not fit"


def test_what_nothing_has_given_is_said() -> None:
    [end] = next_of(user("twice"), *results("no", "yes"))
    assert end["text"] == "(scripted) nothing has given <<worker>>, which step 2 needs"


def test_a_summary_is_given_and_ends_what_was_before() -> None:
    wish = user("You are performing a CONTEXT CHECKPOINT COMPACTION. Create a handoff summary.")
    for before in ([said("done")], results('{"cursor":7}')):
        [answer] = next_of(user("lead"), *before, wish)
        assert answer["text"] == script.NO_SUMMARY
    kept = [user("lead"), user("Another language model started to solve this problem and produced a summary")]
    [answer] = next_of(*kept, user("unheard of"))
    assert "no rule of this scenario fits the prompt that begins: 'unheard of'" in answer["text"]
    [answer] = next_of(*kept)
    assert "no rule of this scenario fits" in answer["text"]
    [answer] = next_of(*kept, user("lead"))
    assert answer["tool"] == "status"
