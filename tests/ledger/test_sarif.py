"""Findings as SARIF: what the standard asks for, levels, places, fingerprints that stay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import json
from msgspec.structs import replace

from tests.core import reviews
from tests.core.hostile_answers import sources
from tests.core.reviews import finding, source
from tmuxorch.core.curate import Source, asked, curate
from tmuxorch.core.curated import Heading, Result, result
from tmuxorch.core.results import Finding, Findings, Severity
from tmuxorch.ledger.sarif import FINGERPRINT, sarif

ROOT = "/home/ann b/repos"


def only(required: str, **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others, as the standard has it everywhere but in property bags."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = only("text", text={"type": "string", "minLength": 1})
ARTIFACT = only("uri", uri={"type": "string", "pattern": r"^[!-~]+$"}, uriBaseId=TEXT)
PLACE = only(
    "artifactLocation", artifactLocation=ARTIFACT, region=only("startLine", startLine={"minimum": 1})
)
RULE = only(
    "id",
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=only("level", level=LEVEL),
)
RESULT = only(
    "message ruleId",
    ruleId=TEXT,
    ruleIndex={"minimum": 0},
    level=LEVEL,
    rank={"type": "number", "minimum": 0, "maximum": 100},
    message=MESSAGE,
    locations={"type": "array", "items": only("physicalLocation", physicalLocation=PLACE)},
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    properties={
        "type": "object",
        "properties": {"tags": {"type": "array", "uniqueItems": True, "items": TEXT}},
    },
)
INVOCATION = only(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    startTimeUtc=TIME,
    endTimeUtc=TIME,
    toolExecutionNotifications={"type": "array", "items": only("message", level=LEVEL, message=MESSAGE)},
)
DRIVER = only("name", name=TEXT, version=TEXT, rules={"type": "array", "items": RULE})
RUN = only(
    "tool results",
    tool=only("driver", driver=DRIVER),
    automationDetails=only("id", id=TEXT),
    invocations={"type": "array", "items": INVOCATION},
    originalUriBaseIds={"type": "object", "additionalProperties": ARTIFACT},
    results={"type": "array", "items": RESULT},
)
LOG = only(
    "version runs",
    **{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
)
"""What the standard says of the properties that are written here."""
VALID = Draft202012Validator(LOG, format_checker=FormatChecker())


def of(*found: Finding, **heading: Any) -> Result:
    """A result of one reviewer who found these."""
    given = [source("W1", Findings(findings=found), about="risks")]
    made = Heading(
        run="P1", pattern="review", title="Review", task="Look.", started="", ended="", workers=asked(given)
    )
    return result(replace(made, **heading), curate(given))


def results(of_it: Result) -> list[dict[str, Any]]:
    """The results as they are read from the file."""
    log = json.decode(json.encode(sarif(of_it, ROOT, "0.1.0")))
    VALID.validate(log)
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def fingerprints(of_it: Result) -> list[str]:
    return [one["partialFingerprints"][FINGERPRINT] for one in results(of_it)]


def test_the_seeded_review() -> None:
    log = sarif(reviews.seeded_result(), ROOT, "0.1.0")
    VALID.validate(json.decode(json.encode(log)))
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "tmuxorch"
    assert run["tool"]["driver"]["version"] == "0.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["tmuxorch/review"]
    assert run["automationDetails"]["id"] == "tmuxorch/review/P1"
    assert run["originalUriBaseIds"] == {"SRCROOT": {"uri": "file:///home/ann%20b/repos/"}}
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "startTimeUtc": "2026-01-05T10:00:00.000Z",
            "endTimeUtc": "2026-01-05T10:04:10.500Z",
        }
    ]
    found = results(reviews.seeded_result())
    assert [one["level"] for one in found] == ["error"] * 3 + ["warning"] * 3
    assert [one["rank"] for one in found] == [100.0, 83.3, 66.7, 50.0, 33.3, 16.7]
    assert found[1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "backend/backend/api.py", "uriBaseId": "SRCROOT"},
                "region": {"startLine": 35},
            }
        }
    ]
    assert found[1]["message"]["text"].startswith(
        "Registration answers 504 although the device comes online.\n\n`_register` gives up"
    )
    assert found[1]["properties"]["tags"] == ["correctness", "timeouts"]
    assert [one["worker"] for one in found[1]["properties"]["sources"]] == ["W1", "W3"]
    assert found[1]["properties"]["sources"][1]["title"].startswith("POST /devices/register waits 30 s")


@pytest.mark.parametrize(
    ("severity", "level"),
    list(zip(Severity, ("error", "error", "warning", "note", "note"), strict=True)),
)
def test_levels(severity: Severity, level: str) -> None:
    assert [one["level"] for one in results(of(finding(severity=severity)))] == [level]


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("src/a b#1.py", {"uri": "src/a%20b%231.py", "uriBaseId": "SRCROOT"}),
        ("src/é.py", {"uri": "src/%C3%A9.py", "uriBaseId": "SRCROOT"}),
        ("C:\\src\\a.py", {"uri": "C%3A/src/a.py", "uriBaseId": "SRCROOT"}),
        (f"{ROOT}/a.py", {"uri": "a.py", "uriBaseId": "SRCROOT"}),
        ("../other/a.py", {"uri": "file:///home/ann%20b/other/a.py"}),
        ("/etc/passwd", {"uri": "file:///etc/passwd"}),
    ],
)
def test_places(file: str, artifact: dict[str, str]) -> None:
    (one,) = results(of(replace(finding(), file=file)))
    assert one["locations"] == [{"physicalLocation": {"artifactLocation": artifact}}]


def test_what_has_no_place_has_no_location() -> None:
    assert [one["locations"] for one in results(of(finding()))] == [[]]


def test_a_finding_is_known_again_when_its_line_or_its_worth_changes() -> None:
    here = finding("Files are not closed", "a.py:3", "one", severity=Severity.LOW)
    moved = finding("The file is not closed!", "a.py:90", "two", "three")
    assert fingerprints(of(here)) == fingerprints(of(moved, run="P2", title="Another"))
    assert fingerprints(of(here)) != fingerprints(of(replace(here, file="b.py")))
    assert fingerprints(of(here)) != fingerprints(of(replace(here, title="Files are not opened")))
    assert fingerprints(of(finding("Is it?"))) != fingerprints(of(finding("Has it?")))


def test_the_same_finding_twice_in_a_file_is_told_apart_from_the_top() -> None:
    twice = [finding("t", "a.py:90", severity=Severity.CRITICAL), finding("t", "a.py:3")]
    lower, upper = fingerprints(of(*twice))
    assert (upper[-2:], lower[-2:]) == (":1", ":2")
    assert upper == fingerprints(of(twice[1]))[0]


def test_words_are_no_placeholders_and_no_links() -> None:
    (one,) = results(of(finding("Use {0}?", "a.py:1", "see [here](http://x/y) for {x}")))
    assert one["message"]["text"] == "Use {{0}}?\n\nsee [here] (http://x/y) for {{x}}"


def test_what_is_missing_is_a_notification() -> None:
    given = [source("W1", Findings(findings=())), source("W2", None, about="risks", problem="lost")]
    log = sarif(result(of(), curate(given)), ROOT, "0.1.0")
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "warning", "message": {"text": "W2 (risks): lost"}}],
        }
    ]


@settings.get_profile("documents")
@given(sources)
def test_whatever_was_said_is_valid(every: list[Source]) -> None:
    curated = curate(every, ROOT)
    found = results(result(of(), curated))
    assert [one["properties"]["severity"] for one in found] == [one.severity for one in curated.findings]
    prints = [one["partialFingerprints"][FINGERPRINT] for one in found]
    assert len(set(prints)) == len(prints)
