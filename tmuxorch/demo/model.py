"""A scripted model: a local server of the OpenAI Responses API whose answers come from scenario files.

    python -m tmuxorch.demo.model --port-file FILE [SCENARIO…]

It is not a language model and says so wherever a person sees it. It listens on 127.0.0.1 on a port that the
system chooses, writes that port into FILE once it is listening, and prints one line per request. An answer
depends on the request alone (but for `times:` of a failure, see scenario.py), so any number of agents may use
it at once and restart in between. TERM, INT and HUP end it with exit code 0.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from types import FrameType

from tmuxorch.demo import conversation, scenario, script, stream
from tmuxorch.demo.faults import HTTP_FAULTS
from tmuxorch.demo.stories import ONBOARDING
from tmuxorch.errors import TmuxorchError

STORY = ONBOARDING.script
BANNER = "SCRIPTED MODEL — not a language model; answers come from {sources}"


class ModelServer(ThreadingTCPServer):
    """Answers as `rules` say; `log` gets one line per request.

    As a context manager it serves from a thread of its own until the block ends. (Not http.server's own server
    class: that one asks the name service who 127.0.0.1 is, which can take seconds.)
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, rules: scenario.Scenario, log: Callable[[str], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rules = rules
        self.log = log
        self.stopping = threading.Event()
        self._failures: Counter[tuple[str, str, int]] = Counter()
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self.server_address[1])

    @property
    def base_url(self) -> str:
        """What Codex needs as `base_url` of its provider."""
        return f"http://127.0.0.1:{self.port}/v1"

    def still_fails(self, whose: str, rule: str, step: int, times: int) -> bool:
        """Count one more failure of that place in a thread (or for a prompt), unless it has had all its `times`."""
        with self._lock:
            self._failures[whose, rule, step] += 1
            return self._failures[whose, rule, step] <= times

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer `POST /v1/responses`."""
        self.close_connection = True
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            talk = conversation.read(json.loads(raw))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"not a Responses API request: {error!r}"
            self._whole(400, json.dumps({"error": {"message": message}}).encode())
            return
        answer = script.answer(self.server.rules, talk, self.server.still_fails)
        kinds = ", ".join(map(_kind, answer.outputs))
        self.server.log(f"{Path(talk.cwd).name or '-'} · {answer.about} → {kinds}")
        # A client that hangs up in the middle (an interrupted turn, a killed agent) is no error of the model.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            first = answer.outputs[0]
            if isinstance(first, scenario.Fail) and first.kind in HTTP_FAULTS:
                fault, told = HTTP_FAULTS[first.kind], (first.seconds, time.time())
                self._whole(fault.status, fault.body(*told), fault.headers(*told))
            else:
                self._stream(stream.events(answer.outputs, talk, self.server.rules.pace))

    def _whole(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
        for name, value in (sent | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, timed: Iterator[stream.Timed]) -> None:
        # Without a length the body ends with the connection, so a stream that is cut looks cut.
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for wait, event in timed:
            if wait and self.server.stopping.wait(wait):
                return
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the server's own log has a readable line for each request."""


def _kind(output: scenario.AnyOutput) -> str:
    kind = type(output).__name__.lower()
    return f"{kind} {output.kind}" if isinstance(output, scenario.Fail) else kind


def _print_line(line: str) -> None:
    shown = "".join(c if c.isprintable() else "�" for c in line)
    # The window may be gone; the agents still need their answers.
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')}  {shown}", flush=True)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(
        prog="python -m tmuxorch.demo.model", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--port-file", required=True, type=Path, metavar="FILE")
    parser.add_argument(
        "scenarios",
        nargs="*",
        type=Path,
        metavar="SCENARIO",
        default=[STORY],
        help="YAML file or directory of them",
    )
    given = parser.parse_args()
    try:
        rules = scenario.load(given.scenarios)
    except TmuxorchError as error:
        print(error.message, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    with ModelServer(rules, _print_line) as server:
        print(BANNER.format(sources=", ".join(path.name for path in given.scenarios)), flush=True)
        whole = given.port_file.with_name(f".{given.port_file.name}.{os.getpid()}")
        whole.write_text(f"{server.port}\n")
        whole.replace(given.port_file)
        threading.Event().wait()


if __name__ == "__main__":
    main()
