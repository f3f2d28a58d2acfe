"""What happened to the lead: whether people talk to it, and what it was told."""

from __future__ import annotations

from msgspec import Struct


class LeadOpened(Struct, frozen=True, kw_only=True, tag="lead_opened"):
    """People talk to the lead in its window, and it has our tools; `full` when it has no sandbox and asks nobody."""

    by: str
    full: bool = False


class LeadClosed(Struct, frozen=True, kw_only=True, tag="lead_closed"):
    """The lead is only given turns by us again."""

    by: str


class NewsTold(Struct, frozen=True, kw_only=True, tag="news_told"):
    """The lead has heard of the news up to this number, because it asked."""

    upto: int


LeadEvent = LeadOpened | LeadClosed | NewsTold
