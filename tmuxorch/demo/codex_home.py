"""A private CODEX_HOME that points Codex at the scripted model and needs no login."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

# gpt-5.5 is the one bundled model that gets plain tools (no JavaScript in between), so scripts can call them
# by name. The feature switches turn on the question and permission tools, make an unreachable server an error
# instead of an endless wait, and keep Codex from looking for plugins at github.com and from starting a login
# shell with every thread.
CONFIG = """\
# Written by tmuxorch for its scripted model. No account and no network are used.
model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
suppress_unstable_features_warning = true

[analytics]
enabled = false

[feedback]
enabled = false

[notice.model_migrations]
"gpt-5.5" = "gpt-6-sol"

[tools.update_plan]
enabled = true

[features]
default_mode_request_user_input = true
plugins = false
request_permissions_tool = true
shell_snapshot = false
unbounded_connection_retries = false

[model_providers.scripted]
name = "scripted model"
base_url = {base_url}
wire_api = "responses"
requires_openai_auth = false
request_max_retries = {request_retries}
stream_max_retries = {stream_retries}
stream_idle_timeout_ms = 30000
supports_websockets = false
"""


def make(
    home: Path,
    base_url: str,
    trusted: Iterable[Path] = (),
    *,
    request_retries: int = 1,
    stream_retries: int = 2,
) -> dict[str, str]:
    """Write `home`/config.toml (directory 0700, file 0600); return the environment that makes Codex use it.

    trusted: directories that Codex takes as trusted projects without asking. A proxy of the user's must not
    come between Codex and 127.0.0.1, so the environment says that as well.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = CONFIG.format(
        base_url=_toml(base_url), request_retries=request_retries, stream_retries=stream_retries
    )
    for path in trusted:
        text += f'\n[projects.{_toml(os.path.realpath(path))}]\ntrust_level = "trusted"\n'
    config = home / "config.toml"
    config.touch(mode=0o600)
    config.write_text(text, encoding="utf-8")
    return {"CODEX_HOME": str(home), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def _toml(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
