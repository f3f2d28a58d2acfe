"""Findings as SARIF 2.1.0, for editors and code hosts: what they show at the line that it is about.

There is one rule for each pattern, since a rule must be the same when the review is repeated: who looked, and how bad
it was found, may change then. The lenses are tags, the severity as it was given is a property.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from tmuxorch.core import alike
from tmuxorch.core.curated import Missing, Result
from tmuxorch.core.merge import MergedFinding
from tmuxorch.core.results import Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
ROOT = "SRCROOT"
"""What paths are relative to."""
FINGERPRINT = "tmuxorchFileAndTitle/v1"
"""The file and the words of the title, so that a finding is known again when its line has moved."""

Object = dict[str, Any]


def sarif(result: Result, root: str, version: str) -> Object:
    """The log file for the findings of `result`, as JSON values. `root` is the absolute directory that their paths are
    relative to, `version` that of tmuxorch. Without findings the list of results is empty.
    """
    run: Object = {
        "tool": {"driver": {"name": "tmuxorch", "version": version, "rules": [_rule(result)]}},
        "automationDetails": {"id": f"tmuxorch/{result.pattern}/{result.run}"},
        "invocations": [_invocation(result)],
        "originalUriBaseIds": {ROOT: {"uri": PurePosixPath(root).as_uri().rstrip("/") + "/"}},
        "results": _results(result, root),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(result: Result) -> Object:
    about = (
        "Found by Codex agents that were asked to review, each with a lens of its own. What several of them found is "
        "merged into one. Nobody has checked it yet."
    )
    return {
        "id": _rule_id(result),
        "shortDescription": {"text": _verbatim(result.title) or result.pattern},
        "fullDescription": {"text": about},
        "help": {"text": about},
        "defaultConfiguration": {"level": "warning"},
    }


def _rule_id(result: Result) -> str:
    return f"tmuxorch/{result.pattern}"


def _invocation(result: Result) -> Object:
    told: Object = {"executionSuccessful": not result.missing}
    if result.started:
        told["startTimeUtc"] = result.started
    if result.ended:
        told["endTimeUtc"] = result.ended
    if result.missing:
        told["toolExecutionNotifications"] = [*map(_notification, result.missing)]
    return told


def _notification(one: Missing) -> Object:
    who = f"{one.worker} ({one.about})" if one.about else one.worker
    return {"level": "warning", "message": {"text": _verbatim(f"{who}: {one.problem}")}}


def _results(result: Result, root: str) -> list[Object]:
    prints = _fingerprints(result.findings)
    count = len(result.findings)
    return [
        {
            "ruleId": _rule_id(result),
            "ruleIndex": 0,
            "level": LEVELS[one.severity],
            "rank": round(100 * (count - place) / count, 1),
            "message": {"text": _message(one)},
            "locations": _locations(one, root),
            "partialFingerprints": {FINGERPRINT: prints[place]},
            "properties": _properties(one),
        }
        for place, one in enumerate(result.findings)
    ]


def _message(one: MergedFinding) -> str:
    """The title first, as a sentence: some viewers show no more."""
    title = one.title if one.title.endswith((".", "!", "?", "…")) else one.title + "."
    return _verbatim("\n\n".join(filter(None, (title, one.evidence, one.fix and f"Fix: {one.fix}"))))


def _verbatim(words: str) -> str:
    """`words` for a message, in which braces are placeholders and `[…](…)` is a link."""
    return words.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _locations(one: MergedFinding, root: str) -> list[Object]:
    if one.file is None:
        return []
    place: Object = {"artifactLocation": _artifact(one.file, root)}
    if one.line:
        place["region"] = {"startLine": one.line}
    return [{"physicalLocation": place}]


def _artifact(file: str, root: str) -> Object:
    """A path below the root as one that is relative to it, any other as a whole address."""
    whole = posixpath.normpath(posixpath.join(root, file))
    above = root.rstrip("/") + "/"
    if not whole.startswith(above):
        return {"uri": PurePosixPath(whole).as_uri()}
    return {
        "uri": PurePosixPath("/", whole.removeprefix(above)).as_uri().removeprefix("file:///"),
        "uriBaseId": ROOT,
    }


def _fingerprints(findings: Sequence[MergedFinding]) -> list[str]:
    """For each finding one of its own; those that are alike are counted from the top of their file."""
    seen: dict[str, int] = {}
    found = [""] * len(findings)
    for place in sorted(range(len(findings)), key=lambda place: (findings[place].line or 0, place)):
        one = findings[place]
        title = alike.text(one.title)
        words = " ".join(sorted(title.stems or title.words))
        digest = sha256(f"{one.file or ''}\n{words}".encode()).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        found[place] = f"{digest}:{seen[digest]}"
    return found


def _properties(one: MergedFinding) -> Object:
    return {
        "tags": sorted({source.about for source in one.sources if source.about}),
        "severity": one.severity,
        "confidence": one.confidence,
        "agreement": one.agreement,
        "reviewers": one.reviewers,
        "why": one.why,
        "sources": [
            {
                "worker": source.worker,
                "about": source.about,
                "title": source.said.title,
                "severity": source.said.severity,
                "confidence": source.said.confidence,
                "file": source.said.file,
                "line": source.said.line,
            }
            for source in one.sources
        ],
    }
