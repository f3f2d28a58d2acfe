"""The way to an App Server: a WebSocket on its Unix socket or its port, with a bearer token where it wants one."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Mapping

from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import InvalidStatus, WebSocketException

from tmuxorch.codex.endpoint import Endpoint
from tmuxorch.errors import Refused, TimedOut, TmuxorchError, UsageError

DENIED = frozenset({401, 403})


class LinkLost(TmuxorchError):
    """The connection to the App Server is closed."""


class AccessDenied(Refused):
    """The App Server does not let us in."""


async def dial(endpoint: Endpoint, token: str, timeout: float) -> ClientConnection:
    """An open WebSocket to the App Server at `endpoint`; `token` is shown to it, and to nobody else.

    Raises LinkLost when nothing listens there, AccessDenied, or TimedOut. No error has the token in it: where the
    server's own words could repeat it, they are left out.
    """
    try:
        return await _open(endpoint, token, timeout)
    except TimeoutError:
        raise TimedOut(f"the App Server at {endpoint} did not answer within {timeout:g} s") from None
    except InvalidStatus as error:
        status = error.response.status_code
        if status in DENIED:
            said = "does not take the token that it was shown" if token else "wants a token"
            raise AccessDenied(f"the App Server at {endpoint} {said} (HTTP {status})") from None
        raise LinkLost(f"no App Server answers at {endpoint}: HTTP {status}") from None
    except OSError as error:
        raise LinkLost(f"no App Server answers at {endpoint}: {_reason(error)}") from None
    except (WebSocketException, ValueError):
        raise LinkLost(f"what listens at {endpoint} is no App Server") from None
    except ImportError as error:  # a proxy of a kind that websockets needs another package for
        raise LinkLost(f"no way to {endpoint}: {error}") from None


def token_of(variable: str, environ: Mapping[str, str]) -> str:
    """The token in that environment variable; empty without a variable. Raises UsageError when it cannot be used."""
    if not variable:
        return ""
    token = environ.get(variable, "").strip()
    again = f"export {variable}=…; tmuxorch down; tmuxorch up"
    if not token:
        raise UsageError(
            f"the environment variable {variable}, which is to hold the token, is not set", hint=again
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(f"what {variable} holds cannot be a token", hint=again)
    return token


async def _open(endpoint: Endpoint, token: str, timeout: float) -> ClientConnection:
    if endpoint.path:
        path = os.path.realpath(endpoint.path)  # Codex makes it a link to a path short enough for an address
        return await unix_connect(
            path,
            uri="ws://localhost/",
            compression=None,
            max_size=None,
            open_timeout=timeout,
            close_timeout=1,
            ping_interval=30,
            ping_timeout=60,
        )
    return await connect(
        str(endpoint),
        additional_headers={"Authorization": f"Bearer {token}"} if token else None,
        proxy=None if endpoint.is_loopback else True,
        compression=None,
        max_size=None,
        open_timeout=timeout,
        close_timeout=1,
        ping_interval=30,
        ping_timeout=60,
    )


def _reason(error: OSError) -> str:
    """Why, in the system's words: those of asyncio repeat the address, names and TLS have numbers of their own."""
    if error.errno and not isinstance(error, ssl.SSLError | socket.gaierror):
        return os.strerror(error.errno)
    return error.strerror or str(error)
