"""What a run begins with, in arguments and in upstream's kickoff prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.cli.kickoff import Kickoff, is_pair, pairs, parse
from tmuxorch.core.model import Request, RequestKind
from tmuxorch.errors import UsageError

BASE = Path("/here")


def test_upstreams_kickoff_prompt() -> None:
    text = """Use $codex-orchestrator.

The problem is: devices time out
although everything works.

The child repo directories are:

- backend=/srv/backend
- mobile=../mobile app
* firmware=firmware

Please add logging as well.
"""
    assert parse(text, BASE) == Kickoff(
        problem="devices time out\nalthough everything works.\n\nPlease add logging as well.",
        children={
            "backend": Path("/srv/backend"),
            "mobile": Path("/mobile app"),
            "firmware": Path("/here/firmware"),
        },
    )


def request(kind: str, text: str) -> Request:
    return Request(kind=RequestKind(kind), text=text)


def test_requests_of_a_kickoff() -> None:
    text = """\ufeffuse $codex-orchestrator
LOGGING: every request,
with its id
Instrumentation:
  a counter of retries

the problem is: devices time out
The child repo directories are:
- backend=/srv/backend
Pre-execution tests: one that shows the timeout
logging: and every answer
"""
    assert parse(text, BASE) == Kickoff(
        problem="devices time out",
        children={"backend": Path("/srv/backend")},
        requests=(
            request("logging", "every request,\nwith its id\nand every answer"),
            request("instrumentation", "a counter of retries"),
            request("pre-tests", "one that shows the timeout"),
        ),
    )


@pytest.mark.parametrize("mark", ["pre-tests:", "Pre-test:", "Pre execution tests:", "PRE-EXECUTION TESTS:"])
def test_words_for_tests_before_the_work(mark: str) -> None:
    assert parse(f"Mend it.\n{mark} x", BASE).requests == (request("pre-tests", "x"),)


def test_what_only_mentions_a_request_is_part_of_the_problem() -> None:
    text = "Our logging: it is broken.\nThe tests: they fail.\n logging: x"
    assert parse(text, BASE) == Kickoff(problem=text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Mend it.\nLogging:\n \n", "asks for logging and does not say for what"),
        ("The child repo directories are: a=b", "line 1: the children come one on a line below"),
        ("Mend it.\nThe child repo directories are:\n- a: b", "line 3: 'a: b' is not name=path"),
        ("Mend it.\nThe child repo directories are:\n- a=b\n\n- a=c", "two children are named a"),
    ],
)
def test_a_kickoff_that_cannot_be_read(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse(text, BASE)


def test_a_list_that_is_not_of_children_is_part_of_the_problem() -> None:
    text = "Mend this:\n- a=b is wrong\n"
    assert parse(text, BASE) == Kickoff(problem="Mend this:\n- a=b is wrong", children={})


@pytest.mark.parametrize("text", ["", "The problem is:\n", "The child repo directories are:\n- a=b\n"])
def test_a_kickoff_without_a_problem(text: str) -> None:
    with pytest.raises(UsageError, match="no problem"):
        parse(text, BASE)


def test_pairs() -> None:
    assert pairs(["a=b", "c=/d=e"], BASE) == {"a": Path("/here/b"), "c": Path("/d=e")}
    for wrong in ("a", "=b", "a b=c", "ä=b", "a="):
        with pytest.raises(UsageError, match="not NAME=PATH"):
            pairs([wrong], BASE)
    with pytest.raises(UsageError, match="two children are named a"):
        pairs(["a=b", "a=c"], BASE)


def test_a_problem_that_holds_an_equals_sign_is_no_pair(tmp_path: Path) -> None:
    assert is_pair("backend=../backend")
    assert not is_pair("x=1 must not fail")
    assert not is_pair("Mend the parser: a=b")
    (tmp_path / "with blank").mkdir()
    assert is_pair(f"app={tmp_path}/with blank")
