"""Text of an agent, shown so that nothing of it can act on the terminal or hide."""

from __future__ import annotations

import re

# Controls but line feed and tab; line separators; bidirectional and zero-width characters; tags; lone
# surrogates.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """`text` with every hidden character written as `\\x1b`, `\\u202e`…; line feeds and tabs stay."""
    return _HIDDEN.sub(lambda found: _escape(ord(found.group())), text)


def visible_line(text: str) -> str:
    """As `visible`, and on one line."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
