"""How people are called: what may be configured, and that what is written of it is in force without being written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tmuxorch.errors import ConfigError
from tmuxorch.store.config import Config, Notify, read
from tmuxorch.store.setup import TEMPLATE

PAGE = Path(__file__).parents[2] / "docs" / "notifications.md"


def test_every_key_is_read() -> None:
    text = """\
notify: {command: [say], bell: false, osc: [777], clients: session, dwell: 0, cooldown: 60, grace: 0, finished: true,
  mute: [backend]}
"""
    assert read(text, "f").notify == Notify(
        command=("say",),
        bell=False,
        osc=(777,),
        clients="session",
        dwell=0,
        cooldown=60,
        grace=0,
        finished=True,
        mute=("backend",),
    )


@pytest.mark.parametrize(
    "wrong", ["osc: [99]", "osc: 9", "dwell: -1", "clients: all", "mute: web", "mutes: []"]
)
def test_what_it_cannot_be_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"f, line 1: .*notify"):
        read(f"notify: {{{wrong}}}", "f")


def test_the_page_and_the_first_configuration_show_the_defaults() -> None:
    (page,) = re.findall(r"```yaml\n(notify:.*?)```", PAGE.read_text(), re.DOTALL)
    commented = TEMPLATE[TEMPLATE.index("# notify:") :]
    template = "".join(line.removeprefix("# ") for line in commented.splitlines(keepends=True))
    keys = {f"{name}:" for name in Notify.__struct_fields__}
    for text in (page, template):
        assert read(text, "f") == Config()
        assert keys <= set(text.split())
