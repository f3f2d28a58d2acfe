"""Keys, whatever pieces their bytes come in."""

from __future__ import annotations

import pytest

from tmuxorch.cli.keys import Decoder, Paste

CASES = [
    (b"a", ["a"]),
    (b"\x1b[A\x1b[B", ["up", "down"]),
    (b"\x1bOA", ["up"]),
    (b"\x1b[5~\x1b[6~", ["pgup", "pgdn"]),
    (b"\r", ["enter"]),
    (b"ab\x7f\x15\x17", ["a", "b", "backspace", "clear", "word"]),
    ("é漢".encode(), ["é", "漢"]),
    (b"\x1b[200~a\rd\x1b[A\x1b[201~q", [Paste("a\rd\x1b[A"), "q"]),
    (b"\x1b[1;5C\x1b[<0;3;4Mx", ["x"]),
    (b"\x00\x01x", ["x"]),
    (b"\x03", ["interrupt"]),
    (b"\x1bq", ["q"]),
]


@pytest.mark.parametrize(("data", "keys"), CASES)
def test_keys_at_once_and_byte_by_byte(data: bytes, keys: list[str]) -> None:
    assert Decoder().feed(data) == keys
    slow = Decoder()
    assert [key for byte in data for key in slow.feed(bytes([byte]))] == keys
    assert not slow.undecided


def test_a_lone_escape_is_a_key_once_nothing_follows() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.undecided
    assert decoder.idle() == ["esc"]
    assert decoder.feed(b"a") == ["a"]


def test_what_is_pasted_is_never_keys() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\x1b[200~aaa") == []
    assert decoder.idle() == []
    (pasted,) = decoder.feed(b"\x1b[201~")
    assert isinstance(pasted, Paste)
