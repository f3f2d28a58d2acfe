"""Pictures of screens: what is drawn is XML with each character in its cell, and the pages show pictures that exist."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.svg import HEIGHT, INK, MARGIN, PAPER, WIDTH, Cell, picture

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))

SVG = "{http://www.w3.org/2000/svg}"

characters = st.sampled_from(" <&>\"'`]\0\x1b\x9b\ufffe│█é漢") | st.characters(exclude_categories=["Cs"])
styles = st.sampled_from([(INK, PAPER, False), ("#e06c75", PAPER, True), (PAPER, "#45b8c4", False)])
screens = st.lists(
    st.lists(st.builds(lambda text, style: Cell(text, *style), characters, styles), min_size=7, max_size=7),
    min_size=1,
    max_size=3,
)


@given(screens, st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn"])))
def test_every_character_is_drawn_in_its_cell_and_colours(screen: list[list[Cell]], title: str) -> None:
    root = ElementTree.fromstring(picture(screen, title))
    assert root.findtext(f"{SVG}title") == title
    drawn: dict[tuple[int, int], tuple[str, str]] = {}
    for text in root.iter(f"{SVG}text"):
        said = text.text or ""
        assert float(text.attrib["textLength"]) == pytest.approx(len(said) * WIDTH)
        column = round((float(text.attrib["x"]) - MARGIN) / WIDTH)
        row = int((float(text.attrib["y"]) - MARGIN) // HEIGHT)
        drawn |= {(row, column + at): (char, text.attrib["fill"]) for at, char in enumerate(said)}
    for row, cells in enumerate(screen):
        for column, cell in enumerate(cells):
            char, ink = drawn.get((row, column), (" ", cell.ink))
            assert char in (cell.text, "\ufffd")
            assert char == " " or ink == cell.ink


def test_the_pages_show_pictures_that_exist_and_say_what_is_to_be_seen() -> None:
    for page in PAGES:
        for alt, path in re.findall(r"!\[([^]]*)\]\(([^)\s]+\.svg)\)", page.read_text()):
            assert alt, f"{page.name}: {path} is told nobody who does not see it"
            assert (page.parent / path).is_file(), f"{page.name}: {path}"


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_xml_and_shows_nothing_of_the_machine_it_was_taken_on(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert "the model is scripted" in (root.findtext(f"{SVG}title") or "")
    said = " ".join(root.itertext())
    assert not re.search(r"(?<![\w.])/(?:tmp|root|home|work|Users)\b", said)
