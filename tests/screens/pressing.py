"""Keys that act on a card. It may be seen long before the program knows that it is on the screen: a key that comes too
early for it has no effect, and that is said."""

from __future__ import annotations

from tests.person import Person

EARLY = "has only just come up"


def chooses(person: Person, key: str, text: str) -> None:
    """Presses a key until its effect, `text`, is on the screen: once more when the card says that it came too early.

    A key that scrolls takes that away before, so that it is never said of another time than the last.
    """
    person.presses(key)
    while person.sees_one_of(text, EARLY) == EARLY:
        person.presses("K")
        person.misses(EARLY)
        person.presses(key)


def reads(person: Person, *texts: str) -> None:
    """Waits until these are on the card that is open, and keys count for it: it says that no answer is number 0."""
    person.sees(*texts)
    chooses(person, "0", "there is no 0")
