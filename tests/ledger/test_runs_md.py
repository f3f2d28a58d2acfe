"""runs.md: every view reads back as it was, upstream's own files are understood, what is not ours stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from msgspec.structs import replace

from tests.ledger import hostile
from tests.ledger.samples import VIEW, states
from tmuxorch.core.model import LogEntry
from tmuxorch.errors import UsageError
from tmuxorch.ledger import runs_md
from tmuxorch.ledger.runs_md import RunsView, SessionRow

PROFILE = settings.get_profile("documents")
GOLDEN = Path(__file__).with_name("golden")


@PROFILE
@given(hostile.views, hostile.views, hostile.edits)
@example(RunsView(), RunsView(), [])
def test_every_view_reads_back(view: RunsView, older: RunsView, edits: list[tuple[int, str]]) -> None:
    """Alone, and whatever was there before."""
    assert runs_md.parse(runs_md.render(view)) == view
    written = runs_md.render(view, hostile.edited(runs_md.render(older), edits))
    assert runs_md.parse(written) == view
    assert runs_md.render(view, written) == written


def test_it_looks_as_a_person_would_write_it() -> None:
    assert runs_md.render(VIEW) == (GOLDEN / "runs-written.md").read_text()
    assert runs_md.parse((GOLDEN / "runs-written.md").read_text()) == VIEW


def test_every_state_of_the_whole_story_reads_back() -> None:
    page = ""
    for state in states():
        view = runs_md.view(state, 2000.0)
        page = runs_md.render(view, page)
        assert runs_md.parse(page) == view


def test_a_state_is_told() -> None:
    at_gate = next(
        state for state in states() if state.run and state.run.phase == "gate" and state.checkpoints
    )
    view = runs_md.view(at_gate, 0.0)
    assert view.overall_status.startswith("R1 gate 0/4: ")
    assert view.waiting_on.startswith("C")
    assert view.last_updated_by == "tmuxorch, 1970-01-01 00:00 UTC"
    assert [(row.child, row.state.partition(" (")[0]) for row in view.sessions] == [
        ("backend", "idle"),
        ("mobile", "idle"),
        ("orchestrator", "waiting"),
    ]
    assert runs_md.view(states()[0], 0.0).waiting_on == "nothing"


def test_what_is_outside_the_markers_stays_byte_for_byte() -> None:
    written = runs_md.render(VIEW)
    kept = (
        written.replace("# Runs\n", "# Runs of mine\r\n\r\nA word\r\n")
        .replace("## Run Log\n", "## Mine\n\n- [ ] call Ann\n\n## Run Log\n\nNewest last.\n")
        .replace("-->\n\n## Active", "-->\n<b>mine</b>\n\n## Active")
    ) + "\ntail without a line feed"
    new = replace(VIEW, overall_status="new", entries=())
    updated = runs_md.render(new, kept)
    assert runs_md.parse(updated) == new
    assert runs_md.render(VIEW, updated) == kept


UPSTREAM = """# Runs

## Current Status

- Overall status: connecting
- Waiting on:
- Last updated by: orchestrator

## Active Child Sessions

| Child | Session Handle | State | Current Task | Last Summary |
| --- | --- | --- | --- | --- |
| child-1 | | idle | | |

## Run Log

### Run Entry Template

#### Timestamp

YYYY-MM-DD HH:MM TZ

### Looked at child-1

#### Timestamp

2026-03-15 12:30 UTC

#### Actor

child-1

#### Intent

Say
what you are.

#### Result Summary

A service.

#### Tests or checks

- `make test`: pass

#### Connection note

`unix:///tmp/x.sock`

#### Next Step
"""


def test_upstreams_own_file_is_understood_with_both_names_of_its_fields() -> None:
    assert runs_md.parse(UPSTREAM) == RunsView(
        overall_status="connecting",
        last_updated_by="orchestrator",
        sessions=(SessionRow(child="child-1", state="idle"),),
        entries=(
            LogEntry(
                number=1,
                at=1773577800.0,
                child="child-1",
                intent="Say\nwhat you are.",
                result="A service.",
                checks="- `make test`: pass",
                resume="`unix:///tmp/x.sock`",
            ),
        ),
    )


def test_a_file_without_markers_gets_them_below_its_headings() -> None:
    written = runs_md.render(VIEW, UPSTREAM)
    assert runs_md.parse(written) == VIEW
    assert "## Run Log\n\n<!-- tmuxorch:begin log -->\n" in written
    assert "### Run Entry Template" in written


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("| Child | Session Handle", "| Who | Session Handle", "line 14: expected the columns | Child |"),
        ("- Overall status:", "- Overal status:", "line 6: expected one of the labels"),
        ("#### Intent", "#### Intend", "expected one of the fields Timestamp"),
        ("entry 11 1763683200.0", "entry 11 soon", "line 23: no time: 'soon'"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(old: str, new: str, says: str) -> None:
    written = runs_md.render(VIEW)
    assert old in written
    with pytest.raises(UsageError) as caught:
        runs_md.parse(written.replace(old, new, 1))
    assert caught.value.message.startswith("runs.md line ")
    assert says in caught.value.message


def test_only_the_newest_entries_stay_and_the_others_go_whole_into_the_archive() -> None:
    entries = tuple(replace(VIEW.entries[0], number=number) for number in range(250))
    kept, archived = runs_md.split_for_archive(entries)
    assert (kept, archived) == (entries[50:], entries[:50])
    assert runs_md.parse(runs_md.render(RunsView(entries=entries))).entries == kept
    assert runs_md.split_for_archive(entries[:3]) == (entries[:3], ())
    log = runs_md.render_archive(archived).removeprefix("# Runs\n\n## Run Log\n")
    end = "<!-- tmuxorch:end log -->"
    assert runs_md.parse(runs_md.render(RunsView()).replace(end, log + end)).entries == archived


def test_a_copy_of_our_part_is_somebody_elses() -> None:
    written = runs_md.render(VIEW)
    copied = written + written[written.index("<!-- tmuxorch:begin status") : written.index("## Active")]
    new = replace(VIEW, overall_status="new")
    updated = runs_md.render(new, copied)
    assert runs_md.parse(updated) == new
    assert updated.count(f"- Overall status: {VIEW.overall_status}\n") == 1
    assert updated.index("- Overall status: new") < updated.index("## Active")
