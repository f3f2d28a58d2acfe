"""No agent answers for a human: neither as it is, nor cut loose from its shell, nor while it is being stopped."""

from __future__ import annotations

import re
import shlex
import sys

from tests.controller.conftest import Make
from tests.controller.holding import start
from tests.controller.test_checkpoints import answered, asked
from tests.waiting import until


def test_an_agent_cannot_answer_its_own_checkpoint(make_lab: Make) -> None:
    lab = make_lab("workers: {allow_full: true}\n")
    lab.run("up")
    lab.call("run", problem="lab: command-own", yes=True)
    card = asked(lab, "approval")
    log, direct, loose = (lab.directory / name for name in ("log", "direct", "loose"))
    tool = shlex.join([sys.executable, "-m", "tmuxorch", "-C", str(lab.directory)])

    def tries(words: str) -> str:
        return f"{tool} {words} >>{log} 2>&1; echo status $? >>{log}"

    whys = {
        f"approve {card['id']}": "is an agent and cannot answer a checkpoint",
        f"decline {card['id']}": "is an agent and cannot answer a checkpoint",
        "run --yes --detach again": "does not lead the work and cannot call run",
    }
    direct.write_text("\n".join(map(tries, whys)))
    loose.write_text(f"while sleep 0.1; do {tries(next(iter(whys)))}; done")

    # Not in the repo of the item that waits, where nobody else may write.
    stubborn = f"sh: sh {direct}; trap '' INT TERM; setsid -f sh {loose}; sleep 60"
    worker = start(lab, lab.repos["app"].parent, stubborn, scope="full", paths=["elsewhere"])
    until(lambda: log.exists() and log.read_text().count("status 3") > 3, what="the first tries")
    stopping = lab.start("stop", worker["id"])
    until(lambda: lab.events("job_stopping"), what="the begin of the stop")
    tried = log.read_text().count("status")
    until(lambda: log.read_text().count("status") > tried + 1, what="tries while it is being stopped")
    stopping.communicate(timeout=30)
    assert stopping.returncode == 0
    assert set(re.findall(r"status \d+", log.read_text())) == {"status 3"}
    for why, said in zip(whys.values(), log.read_text().split("status 3"), strict=False):
        assert f"{worker['id']} {why}" in said
    assert lab.call("show", id=card["id"])["state"] == "open"
    assert lab.answers()[card["id"]] == 0
    answered(lab, card, "decline")
