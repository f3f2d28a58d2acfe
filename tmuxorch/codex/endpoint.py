"""Where an App Server listens, as people write it: unix:///path, ws://host:port or wss://host:port.

An address holds no secret: a bearer token goes beside it, in a header. As in Codex's own TUI it goes to TLS or to
this machine only, never over a network in the clear.
"""

from __future__ import annotations

import ipaddress
import os
import re
from urllib.parse import urlsplit

from msgspec import Struct

from tmuxorch.errors import UsageError

FORMS = "unix:///path/of/socket, ws://host:port or wss://host:port"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Endpoint(Struct, frozen=True):
    """An address taken apart: `path` of a Unix socket, or `host` and `port`, `secure` with TLS."""

    path: str = ""
    host: str = ""
    port: int = 0
    secure: bool = False

    def __str__(self) -> str:
        if self.path:
            return f"unix://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.secure else 'ws'}://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, as far as the address says (it may be a forwarded port)."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse(text: str) -> Endpoint:
    """The endpoint that `text` names; `~` in a path is the home directory. Raises UsageError, which does not repeat
    what might be a secret."""
    if not text.isprintable() or " " in text:
        raise UsageError("it holds spaces or control characters", hint=f"give {FORMS}")
    scheme, _, rest = text.partition("://")
    if scheme == "unix":
        path = os.path.expanduser(rest)
        if not os.path.isabs(path):
            raise UsageError(f"{text} names no whole path", hint="give unix:///path/of/socket")
        return Endpoint(path=path)
    if scheme not in ("ws", "wss"):
        raise UsageError(f"{_tame(text)} is of no known kind", hint=f"give {FORMS}")
    return _web(text, scheme)


def check_token(endpoint: str, variable: str) -> None:
    """Raises UsageError unless the token in that environment variable can be given to that endpoint."""
    if not _VARIABLE.fullmatch(variable):
        # What is written there may be the token itself.
        raise UsageError(
            "token_env is no name of an environment variable",
            hint="give the name of the variable that holds the token, never the token",
        )
    if not endpoint:
        raise UsageError("token_env is of no use without an endpoint", hint=f"give an endpoint: {FORMS}")
    where = parse(endpoint)
    if where.path:
        raise UsageError("a Unix socket takes no token", hint="leave token_env out")
    if not where.secure and not where.is_loopback:
        raise UsageError(
            f"a token is not sent to {where} in the clear",
            hint=f"give wss://{where.host}:{where.port}, or forward the port to this machine by SSH",
        )


def _web(text: str, scheme: str) -> Endpoint:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError(f"{_tame(text)} has no valid host and port", hint=f"give {FORMS}") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "it holds more than a host and a port", hint="a token goes into the environment: give token_env"
        )
    if not host or not port or parts.path not in ("", "/"):
        raise UsageError(f"{text} is not a host and a port alone", hint=f"give {scheme}://host:port")
    return Endpoint(host=host, port=port, secure=scheme == "wss")


def _tame(text: str) -> str:
    """As much of an address as cannot hold a password or a token."""
    return text if re.fullmatch(r"[A-Za-z0-9_.:/\[\]-]{1,100}", text) else f"{text.partition(':')[0][:20]}:…"
