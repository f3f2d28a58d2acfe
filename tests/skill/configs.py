"""Configurations of Codex as people and programs write them: strategies that give TOML texts."""

from __future__ import annotations

from hypothesis import strategies as st

VALUES = (
    *('"x"', "'lit'", "1_000", "0x1F", "nan", "-inf", "1.5", "true", "1979-05-27T07:32:00Z", "07:32:00"),
    *("[1, 2,]", '[\n  "a", # c\n  "b",\n]', '{ a = 1, b.c = "y" }', "{}", "[]", '"\\u00e9 é 😀"'),
    *('"""\n[mcp_servers.tmuxorch]\ncommand = "x"\n"""', "'''[mcp_servers.tmuxorch]'''", '"#"'),
)
SILENT = ("", "", "# a comment", "  ", "\t# mcp_servers = {}", "#[mcp_servers.tmuxorch]", '# command = "x"')

SERVERS: tuple[tuple[list[str], list[str]], ...] = (
    ([], []),
    ([], ["[mcp_servers]"]),
    ([], ["[mcp_servers] # mine", 'a = { command = "a" }', 'b.command = "b"']),
    ([], ["[mcp_servers.a]", 'command = "a"', "", '[mcp_servers."b c"]', "command = 'b'", "# end"]),
    ([], ["[ mcp_servers . a ]", '  command = "a"', "[mcp_servers.a.env]", 'X = "[mcp_servers.tmuxorch]"']),
    (['mcp_servers.a.command = "a"'], []),
    (['mcp_servers.a = { command = "a" }', '"mcp_servers".b.command = "b"'], []),
    (["mcp_servers = {}"], []),
    (["mcp_servers = {  } # none"], []),
    (['mcp_servers = { a = { command = "a" } }'], []),
    (['"mcp_servers"  =  {a.command="a",b={command="b",args=[]}}   # two'], []),
    (["# mcp_servers = { a = 1 }", "mcp_servers = { a = { command = 'a' }, }"], []),
)
"""How servers can be written: lines at the top, and tables."""


@st.composite
def lines(draw: st.DrawFn, prefix: str) -> list[str]:
    """Keys that no other has, comments and blanks."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        found += draw(st.lists(st.sampled_from(SILENT), max_size=2))
        value = draw(st.sampled_from(VALUES))
        found.append(f"{draw(st.sampled_from(['', '  ']))}{prefix}{number} = {value}")
    return found


@st.composite
def tables(draw: st.DrawFn, number: int) -> list[str]:
    """A table or two of an array of tables."""
    header = draw(st.sampled_from(["[t{}]", "[t{}.deep] # c", '[ t{} . "a b" ]', "[[t{}]]"])).format(number)
    found = [header, *draw(lines("k"))]
    return [*found, "", header, *draw(lines("k"))] if header.startswith("[[") else found


@st.composite
def configs(draw: st.DrawFn) -> str:
    """A whole file, which may end without a newline or have the newlines of Windows."""
    at_top, servers = draw(st.sampled_from(SERVERS))
    parts = [draw(tables(number)) for number in range(draw(st.integers(0, 3)))]
    parts.insert(draw(st.integers(0, len(parts))), servers)
    top = [*draw(lines("top")), *at_top]
    text = "\n".join(
        [*top, *(line for part in parts for line in part), *draw(st.lists(st.sampled_from(SILENT)))]
    )
    text += draw(st.sampled_from(["", "\n", "\n\n"]))
    return draw(st.sampled_from(["", "", "\ufeff"])) + text.replace(
        "\n", draw(st.sampled_from(["\n", "\r\n"]))
    )
