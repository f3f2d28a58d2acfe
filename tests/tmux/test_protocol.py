"""The control-mode parser gets its input in every size of piece."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.tmux.protocol import (
    Answer,
    ClientDetached,
    ClientSessionChanged,
    Exited,
    Message,
    Parser,
    Reply,
    SessionChanged,
    SessionWindowChanged,
    WindowAdded,
    WindowClosed,
    WindowPaneChanged,
    WindowRenamed,
)

TRANSCRIPT = (
    "%begin 10 280 0\n%end 10 280 0\n"
    "%session-changed $1 my fleet\n"
    "%begin 11 290 1\n@1 %1 ☃\n%end 11 29 1\n%error 11 290 0\n%begin 1 1 1\n%exit\n\n%end 11 290 1\n"
    "%output %1 \\033[1mbold\\015\\012\n"
    "%begin 11 291 1\ncan't find window: @99\n%error 11 291 1\n"
    "%window-add @5\n%window-renamed @5 a  b %end 1 1 1\n%window-pane-changed @5 %6\n"
    "%session-window-changed $1 @5\n%client-session-changed /dev/pts/3 $1 my fleet\n"
    "%client-detached /dev/pts/3\n%layout-change @5 b25d,80x24,0,0,2 b25d,80x24,0,0,2 *\n"
    "%window-add\nprinted by a hook\n\n%no-such-thing\n"
    "%window-close @5\n%unlinked-window-close @6\n%exit server exited\n"
).encode()

MESSAGES: list[Message] = [
    Answer(solicited=False, reply=Reply(ok=True, lines=())),
    SessionChanged(session_id="$1", name="my fleet"),
    Answer(
        solicited=True,
        reply=Reply(
            ok=True, lines=("@1 %1 ☃", "%end 11 29 1", "%error 11 290 0", "%begin 1 1 1", "%exit", "")
        ),
    ),
    Answer(solicited=True, reply=Reply(ok=False, lines=("can't find window: @99",))),
    WindowAdded(window_id="@5"),
    WindowRenamed(window_id="@5", name="a  b %end 1 1 1"),
    WindowPaneChanged(window_id="@5", pane_id="%6"),
    SessionWindowChanged(session_id="$1", window_id="@5"),
    ClientSessionChanged(client="/dev/pts/3", session_id="$1"),
    ClientDetached(client="/dev/pts/3"),
    WindowClosed(window_id="@5"),
    WindowClosed(window_id="@6"),
    Exited(reason="server exited"),
]


def parse(pieces: list[bytes]) -> list[Message]:
    parser = Parser()
    return [message for piece in pieces for message in parser.feed(piece)]


def test_whole() -> None:
    assert parse([TRANSCRIPT]) == MESSAGES


def test_byte_by_byte() -> None:
    assert parse([bytes([byte]) for byte in TRANSCRIPT]) == MESSAGES


@given(st.lists(st.integers(0, len(TRANSCRIPT)), max_size=20).map(sorted))
def test_cut_anywhere(cuts: list[int]) -> None:
    edges = [0, *cuts, len(TRANSCRIPT)]
    assert parse([TRANSCRIPT[start:end] for start, end in pairwise(edges)]) == MESSAGES


def test_an_answer_of_ten_megabytes_in_one_line() -> None:
    long = b"x" * 10_000_000
    data = b"%begin 1 1 1\n" + long + b"\n%end 1 1 1\n"
    pieces = [data[start : start + 65536] for start in range(0, len(data), 65536)]
    assert parse(pieces) == [Answer(solicited=True, reply=Reply(ok=True, lines=(long.decode(),)))]


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    assert parse([b"%window-renamed @1 caf\xe9\n"]) == [
        WindowRenamed(window_id="@1", name="caf\N{REPLACEMENT CHARACTER}")
    ]
