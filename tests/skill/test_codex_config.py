"""Our entry in Codex's configuration: put in and taken out, everything else stays byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.skill.configs import configs
from tmuxorch.errors import ConfigError, Refused
from tmuxorch.skill.codex_config import found, read, with_entry, with_other_entry, without_entry
from tmuxorch.skill.entry import Entry, entry, is_entry

OURS = entry("/opt/my tools/bin/tmuxorch", '/home/me/it\'s "here" \\ ü\x7f')

few = settings(max_examples=30)
"""Reading TOML takes its time, and each example reads several texts."""

entries = st.builds(entry, st.text(min_size=1), st.none() | st.text(min_size=1))


@few
@given(configs(), entries)
def test_what_was_put_in_comes_out_without_a_trace(text: str, ours: Entry) -> None:
    longer = with_entry(read(text.encode(), "config.toml"), ours)
    assert found(longer) == ours
    assert is_entry(found(longer))
    assert without_entry(longer) == text


@few
@given(
    configs(),
    st.sampled_from(["[later]\na = 1\n", "# a comment\n[mcp_servers.later]\ncommand = 'x'", "\n\n"]),
)
def test_what_others_add_later_stays(text: str, later: str) -> None:
    longer = with_entry(text, OURS)
    newline = "\r\n" if "\r\n" in longer else "\n"
    begun = longer if longer.endswith("\n") else longer + newline
    later = later.replace("\n", newline)
    try:
        read((begun + later).encode(), "")
    except ConfigError:
        assume(False)  # servers in one line take no table
    assert (
        without_entry(begun + later)
        == (text if text.endswith("\n") or text in ("", "\ufeff") else text + newline) + later
    )


def test_a_blank_line_that_a_person_took_out_takes_no_other_with_it() -> None:
    longer = with_entry("a = 1\n", OURS)
    assert without_entry(longer.replace("\n\n", "\n")) == "a = 1\n"


CODEX_WROTE = """\
model = "m"

[mcp_servers.tmuxorch]
command = "/bin/tmuxorch"
args = ["mcp"]
env_vars = {env_vars}
startup_timeout_sec = 20.0
tool_timeout_sec = 600.0

[mcp_servers.other]
command = "foo"
# mine
"""


def test_an_entry_that_codex_wrote_anew_is_still_ours() -> None:
    ours = entry("/bin/tmuxorch", None)
    text = CODEX_WROTE.replace("{env_vars}", str(ours["env_vars"]).replace("'", '"'))
    assert is_entry(found(text))
    rest = without_entry(text)
    assert rest == 'model = "m"\n\n[mcp_servers.other]\ncommand = "foo"\n# mine\n'


ALLOWED = '\n[mcp_servers.tmuxorch.tools.stop_worker]\napproval_mode = "approve"\n'
"""As Codex writes it when a person chooses "always allow"."""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_was_allowed_for_ever_stays_with_the_entry(newline: str) -> None:
    begun = "a = 1\n[b]\nc = 1 # c\n".replace("\n", newline)
    text = with_entry(begun, OURS) + ALLOWED.replace("\n", newline) + f"[d]{newline}"
    assert is_entry(found(text))
    newer = entry("/another/tmuxorch", None) | {"new": True}
    other = with_other_entry(text, newer)
    assert found(other) == newer | {"tools": {"stop_worker": {"approval_mode": "approve"}}}
    assert with_other_entry(other, OURS) == text
    assert without_entry(text).replace(newline * 2, newline) == f"{begun}[d]{newline}"


@pytest.mark.parametrize("between", ["[x]\ny = 1", "[[x]]\ny = 1\n\n[[x]]", ""])
def test_tables_in_any_order_stay_in_it(between: str) -> None:
    newer = entry("/another/tmuxorch", None) | {"new": True}
    allowed = {"tools": {"stop_worker": {"approval_mode": "approve"}}}
    begun = f'[mcp_servers.a]\ncommand = "a"\n{between}'
    assert without_entry(with_other_entry(with_entry(begun, OURS), newer)) == begun
    later = "[mcp_servers.b]\ncommand = 'b'\n"
    written_anew = with_entry(f"{begun}\n", OURS).replace("_sec = 20\n", "_sec = 20.0\n") + ALLOWED + later
    renewed = with_other_entry(written_anew, newer)
    assert found(renewed) == newer | allowed
    assert without_entry(renewed) == without_entry(written_anew) == f"{begun}\n{later}"
    commented = with_entry(f"{begun}\n", OURS).replace("args =", "# why\nargs =") + ALLOWED
    assert found(with_other_entry(commented, newer)) == newer | allowed
    assert ("# why" in with_other_entry(commented, newer)) == (not between.startswith("[["))


@few
@given(configs(), entries, entries)
def test_an_entry_takes_the_place_of_another(text: str, ours: Entry, newer: Entry) -> None:
    other = with_other_entry(with_entry(text, ours), newer)
    assert found(other) == newer
    assert without_entry(other) == text


@pytest.mark.parametrize(
    "written",
    [
        'mcp_servers.tmuxorch.command = "mine"\n',
        'mcp_servers = { tmuxorch = { command = "mine" }, b = { command = "b" } }\n',
        '[mcp_servers]\na = { command = "a" }\ntmuxorch.command = "mine"\n',
        '[mcp_servers.tmuxorch] # mine\ncommand = "mine"\n\n[x]\ny = 1\n\n[mcp_servers.tmuxorch.env]\nA = "b"\n',
        '[mcp_servers.tmuxorch]\nurl = "https://mine"\n[mcp_servers.b]\ncommand = "b"\n',
    ],
)
def test_an_entry_of_a_person_can_be_taken_out_whole(written: str) -> None:
    text = f"# top\n{written}# below\n"
    assert not is_entry(found(text))
    rest = without_entry(text)
    assert found(rest) is None
    assert "mine" not in rest.replace("# mine", "")
    assert found(with_entry(rest, OURS)) == OURS


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'a = "x\n', "config.toml:1:7: this is not TOML: "),
        (b"a = 1\r\n[b]\r\nc = \r\n", "config.toml:3:5: this is not TOML: "),
        (b"# ok\n\xff = 1", "config.toml:2: this is not UTF-8"),
        (b"mcp_servers = 1", "config.toml: mcp_servers has to be a table"),
        (b"[[mcp_servers]]", "config.toml: mcp_servers has to be a table"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(data: bytes, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(data, "config.toml")
    assert refused.value.message.startswith(says)


def test_what_cannot_be_added_to_is_refused_with_what_to_add() -> None:
    text = 'mcp_servers = { a = { command = "a" } # c\n}'
    with pytest.raises(Refused) as refused:
        with_entry(text, OURS)
    assert "[mcp_servers.tmuxorch]\ncommand = " in refused.value.hint
