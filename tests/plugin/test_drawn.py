"""What tmux draws of hostile text in menus and messages is that text, and nothing of it is run."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.plugin.conftest import Tmux
from tmuxorch.codex.visible import visible_line
from tmuxorch.tmux import menu
from tmuxorch.tmux.menu import RULE, Client, Item, Section, fitted

PIECES = [
    *(
        "#(touch {})",
        "$(touch {})",
        "`touch {}`",
        "; run-shell 'touch {}' ;",
        "#{{pid}}",
        "#{{E:@x}}",
        "#[fg=red]",
    ),
    *(
        "#",
        "##",
        "###[",
        "#,",
        "#}}",
        "}}",
        "{{",
        "%H%%",
        "'",
        '"',
        "\\",
        "\\;",
        ";",
        "~",
        "$HOME",
        "-",
        "--",
        " ",
        "&&",
    ),
    *(
        "\x1b[31m",
        "\x1b]52;c;aGk=\x07",
        "\0",
        "\r\n",
        "\t",
        "\u202e",
        "\u200b",
        "漢字",
        "é",
        "😀",
        "(q)",
        "x" * 30,
    ),
]
ROWS = 46


def hostile(seed: int, canary: Path) -> list[str]:
    """Lines of random pieces, each begun by its number."""
    chance = random.Random(seed)
    made = [
        "".join(chance.choices(PIECES, k=chance.randint(1, 9))).format(*[canary] * 9) for _ in range(ROWS)
    ]
    return [f"{number:02}|{text}" for number, text in enumerate(made)]


def test_menus_and_messages_show_what_was_written_and_run_nothing(tmux: Tmux, home: Path) -> None:
    canary = home / "c"
    tmux.start("set -g @x '#(touch %s)'" % canary, home)  # noqa: UP031  (braces)
    with tmux.attached(columns=200, rows=50) as person:
        person.sees("[mine]")
        name = tmux("list-clients", "-F", "#{client_name}").strip()
        socket = tmux("display-message", "-p", "#{socket_path}").strip()
        client = Client(name, 200, 50)
        for seed in range(3):
            lines = hostile(seed, canary)
            items = [
                Item(text, "", ["display-message", text.replace("\0", "")] if seed else ()) for text in lines
            ]
            menu.show_menu(socket, client, lines[0], items)
            person.sees(f"{ROWS - 1:02}|", "┘")  # the corner that is drawn last
            for text in lines:
                shown = visible_line(text).rstrip()[:60]
                assert shown in person.text.replace("漢 字 ", "漢字"), text
            person.presses("q")
            person.misses("45|")
        for text in hostile(4, canary)[:10]:
            menu.show_message(socket, name, text)
            person.sees(visible_line(text)[:40].rstrip())
            person.presses("x")
            person.misses(text[:3])
    assert not canary.exists()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=5), st.integers(1, 40))
def test_a_menu_fits_and_says_what_it_left_out(sizes: list[tuple[int, int]], rows: int) -> None:
    names = [[f"{at}.{number}" for number in range(length)] for at, (length, _) in enumerate(sizes)]
    sections = [
        Section([Item(name) for name in of], least, lambda more: Item(f"{more} more"))
        for of, (_, least) in zip(names, sizes, strict=True)
    ]
    shown = [item.text for item in fitted(sections, rows)]
    every = [name for of in names for name in of]
    assert len(shown) <= max(rows, 2)
    told = sum(int(text.split()[0]) for text in shown if text.endswith((" more", " terminal")))
    assert len([text for text in shown if text in every]) + told == len(every)
    assert shown[:1] != [RULE]
    assert shown[-1:] != [RULE]
