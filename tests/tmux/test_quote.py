"""What goes into a tmux command comes out of it exactly, and is never run."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.tmux.specs import HOSTILE, SAVE, saved
from tests.waiting import until
from tmuxorch.errors import Bug
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.oneshot import feed
from tmuxorch.tmux.quote import THEN, chain, label, line, literal_path, quote

# All of Unicode but NUL and what no file name can hold: surrogates other than those of undecodable bytes.
CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TRICKY = st.sampled_from([*";#~$%{}\"'\\\n\r\t\x1b\x7f ", "\udcff", "\udce9"])
WORDS = st.lists(st.text(TRICKY | CHARACTERS, max_size=12), min_size=1, max_size=20)


def test_words_reach_a_program_exactly(session: Session, tmp_path: Path) -> None:
    numbers = itertools.count()

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @example(list(HOSTILE))
    @given(WORDS)
    def round_trip(words: list[str]) -> None:
        file = tmp_path / f"saved{next(numbers)}"
        command = [
            "new-window",
            "-d",
            "-t",
            f"{session.session_id}:",
            "--",
            "sh",
            "-c",
            SAVE,
            str(file),
            *words,
        ]
        printed = feed(["-S", session.socket_path], [command])
        assert printed == ([], "")
        assert until(lambda: saved(file), what=f"program with {words}") == words

    round_trip()


async def test_control_mode_reads_words_as_source_file_does(client: ControlClient, tmp_path: Path) -> None:
    file = tmp_path / "saved"
    target = f"{client.session.session_id}:"
    await client.cmd("new-window", "-d", "-t", target, "--", "sh", "-c", SAVE, str(file), *HOSTILE)
    assert until(lambda: saved(file)) == list(HOSTILE)


@pytest.mark.parametrize(
    "text", ["#(touch pwned)", "#{pid} ## #, #}", "#[x] ##[x] ###[x", "100%d %H", "#", "#####(x"]
)
async def test_a_path_stays_itself_where_formats_are_expanded(client: ControlClient, text: str) -> None:
    # As -c is expanded; display-message alone would take % for the time.
    shown = await client.cmd("display-message", "-p", literal_path(text).replace("%", "%%"))
    assert shown == [text]


def test_a_quoted_word_is_one_line() -> None:
    assert quote('a\nb"$~\x7f\\') == '"a\\nb\\"\\$\\~\\177\\\\"'


def test_a_nul_is_our_mistake() -> None:
    with pytest.raises(Bug):
        quote("a\0b")


def test_only_the_separator_separates() -> None:
    assert line(chain(["a", ";"], ["b"])) == b'"a" ";" ; "b"\n'
    assert chain(["a"], ["b"]) == ["a", THEN, "b"]


@given(st.text())
def test_a_label_is_safe_to_type(text: str) -> None:
    made = label(text)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,31}", made)
    assert label(made) == made


def test_a_label_keeps_what_it_can() -> None:
    names = {
        "W7-scout": "W7-scout",
        "Zoë's  röle": "Zoe-s-role",
        "日本": "unnamed",
        "--x": "x",
        "a:b.c": "a-b-c",
    }
    assert {text: label(text) for text in names} == names
