"""What a worker can write, tried by the real Codex: by commands and by patches, new and resumed, under configurations
that would allow more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.codex.live import NO_SNAPSHOT, Bench
from tests.codex.tinymodel import Step, call, patch, say, shell, tell
from tests.demo.codex import bench as scripted_bench
from tests.demo.codex import serving
from tmuxorch.codex import execargs
from tmuxorch.codex.execargs import toml_text
from tmuxorch.codex.execstream import ExecSummary, parse_line


class Ground:
    """A repo with directories, a place outside of it and a private temporary directory; what a worker wrote in them."""

    def __init__(self, bench: Bench, directory: Path) -> None:
        self.bench, self.repo = bench, bench.repo
        self.src, self.docs = self.repo / "src", self.repo / "docs"
        self.outside, self.tmp = directory / "outside", directory / "private"
        for place in (self.src, self.docs, self.outside, self.tmp):
            place.mkdir()
        (self.docs / "one.md").write_text("old\n")
        self.last = directory / "last"
        self.thread = ""
        self.plain = bench.config.read_text()

    def configure(self, top: str, tables: str) -> None:
        """The user's config.toml: top-level lines, what it needs anyway, tables."""
        self.bench.config.write_text(f"{top}\n{self.plain}\n{tables}\n")

    def options(self, **more: Any) -> dict[str, Any]:
        return {"sandbox": "workspace-write", "last_message": self.last, "tmp": self.tmp} | more

    def new(self, *steps: Step, **more: Any) -> list[str]:
        return self._run(execargs.exec_new(self.bench.binary, cwd=self.repo, **self.options(**more)), steps)

    def resumed(self, *steps: Step, **more: Any) -> list[str]:
        """As `new`, in the thread of the one before."""
        argv = execargs.exec_resume(self.bench.binary, self.thread, cwd=self.repo, **self.options(**more))
        return self._run(argv, steps)

    def _run(self, argv: list[str], steps: Iterable[Step]) -> list[str]:
        done = self.bench.run(argv, tell(*steps, say("end")))
        told = ExecSummary()
        for line in done.stdout.splitlines():
            told = told.after(parse_line(line))
        assert (told.outcome, told.message) == ("completed", "end"), done
        self.thread = told.thread
        items = self.bench.model.requests[-1]["input"]
        return [str(item["output"]) for item in items if item["type"].endswith("_output")][
            -len(list(steps)) :
        ]

    def tries(self, *places: Path) -> list[Step]:
        """Steps that try to write in each of these directories, by a command and by a patch."""
        return [
            shell("; ".join(f"echo x > '{place}/shell'" for place in places)),
            *(patch(f"*** Add File: {place}/patch\n+x\n") for place in places),
        ]

    def written(self, *places: Path) -> dict[Path, list[str]]:
        """What of `tries` is there, of each directory; it is gone afterwards."""
        found = {}
        for place in places:
            names = [name for name in ("shell", "patch") if (place / name).exists()]
            for name in names:
                (place / name).unlink()
            if names:
                found[place] = names
        return found


BOTH = ["shell", "patch"]


@pytest.fixture
def ground(own: Bench, tmp_path: Path) -> Ground:
    return Ground(own, tmp_path)


def test_an_editing_worker_writes_in_its_paths_and_nowhere_else(ground: Ground) -> None:
    """/tmp is closed: all of this is below it. What is not there yet cannot be made, and links lead nowhere."""
    places = (ground.src, ground.tmp, ground.repo, ground.docs, ground.repo / ".git", ground.outside)
    missing = ground.docs / "missing"
    scope = {"writable": [ground.src, missing, ground.src / "below"]}
    (ground.src / "link").symlink_to(ground.docs)
    (ground.src / "file").symlink_to(ground.docs / "one.md")
    by_links = [
        *ground.tries(ground.src / "link"),
        shell("echo x > src/file; ln docs/one.md src/hard; mv docs/one.md src/moved"),
        patch("*** Update File: src/file\n@@\n-old\n+new\n"),
        patch("*** Update File: docs/one.md\n*** Move to: src/moved\n@@\n-old\n+new\n"),
    ]
    ground.new(*ground.tries(*places), shell("mkdir docs/missing"), *by_links, **scope)
    assert ground.written(*places) == {ground.src: BOTH, ground.tmp: BOTH}
    assert [path.name for path in ground.docs.iterdir()] == ["one.md"]
    assert (ground.docs / "one.md").read_text() == "old\n"
    assert not (ground.src / "hard").exists()
    assert ground.bench.config.read_text() == ground.plain
    ground.resumed(*ground.tries(*places), **scope)
    assert ground.written(*places) == {ground.src: BOTH, ground.tmp: BOTH}
    ground.resumed(*ground.tries(*places), writable=[ground.docs])
    assert ground.written(*places) == {ground.docs: BOTH, ground.tmp: BOTH}


def test_a_file_is_open_alone_and_for_what_codex_cannot_name_what_is_above_it(ground: Ground) -> None:
    (ground.docs / "two.md").write_text("old\n")
    odd = ground.src / "[id]"
    odd.mkdir()
    places = (odd, ground.src, ground.docs, ground.repo)
    scope = {"writable": [odd], "files": [ground.docs / "one.md", ground.docs / "not-there.md"]}
    steps = [
        shell("echo more >> docs/one.md; echo x > docs/not-there.md; echo x > docs/two.md"),
        patch("*** Update File: docs/one.md\n@@\n-old\n+new\n"),
        patch("*** Add File: docs/not-there.md\n+x\n"),
        shell("rm docs/one.md; sed -i s/new/newer/ docs/one.md"),
    ]
    ground.new(*steps, *ground.tries(*places), **scope)
    assert ground.written(*places) == {odd: BOTH, ground.src: BOTH}
    assert (ground.docs / "one.md").read_text() == "new\nmore\n"
    assert (ground.docs / "two.md").read_text() == "old\n"
    assert sorted(path.name for path in ground.docs.iterdir()) == ["one.md", "two.md"]


def test_a_path_that_codex_cannot_name_is_its_directory() -> None:
    assert execargs.confined(
        "workspace-write", cwd="/a", writable=["/a/b/[c]"], tmp="/t"
    ) == execargs.confined("workspace-write", cwd="/a", writable=["/a/b", "/a/b/c"], tmp="/t")
    assert execargs.confined(
        "workspace-write", cwd="/[a]", writable=["/[a]/b"], tmp="/t"
    ) == execargs.confined("workspace-write", tmp="/t")


def test_each_scope_has_a_name_of_its_own() -> None:
    """Codex merges permissions of one name, wherever they are."""
    names = {
        execargs.confined("workspace-write", writable=[path], tmp="/t")[1] for path in ("/a", "/b", "/c")
    }
    assert len(names) == 3


def test_all_of_the_working_directory(ground: Ground) -> None:
    """It is entered as trusted only by a new thread, and not with the override; .git stays closed."""
    places = (ground.repo, ground.src, ground.repo / ".git", ground.outside)
    untrusted = [ground.repo]
    for writable in (None, [ground.repo]):
        ground.new(*ground.tries(*places), writable=writable, untrusted=untrusted)
        assert ground.written(*places) == {ground.repo: BOTH, ground.src: BOTH}
    ground.resumed(*ground.tries(*places), writable=[ground.repo])
    assert ground.written(*places) == {ground.repo: BOTH, ground.src: BOTH}
    assert ground.bench.config.read_text() == ground.plain


def test_the_private_directory_is_temporary_and_the_instructions_of_the_repo_are_read(ground: Ground) -> None:
    """Whatever the user's settings and shell say of TMPDIR; Codex leaves the instructions out of what is untrusted,
    which nobody needs to call so where nothing is entered."""
    ground.bench.environment["TMPDIR"] = str(ground.outside)
    ground.plain = ground.plain.replace(NO_SNAPSHOT, "")
    ground.configure("", '[shell_environment_policy.set]\nMINE = "yes"\nTMPDIR = "/nowhere"\n')
    (ground.repo / "AGENTS.md").write_text("Whistle while you work.\n")
    for sandbox in ("workspace-write", "read-only"):
        said = ground.new(
            shell("mktemp; echo $MINE; touch src/made"),
            sandbox=sandbox,
            writable=[ground.src],
            untrusted=[ground.repo],
        )
        assert f"{ground.tmp}/tmp." in said[0]
        assert "\nyes\n" in said[0]
        assert (ground.src / "made").exists() == (sandbox == "workspace-write")
        (ground.src / "made").unlink(missing_ok=True)
        assert "Whistle while you work." in json.dumps(ground.bench.model.requests[-1]["input"])


LOOSE = {
    "sandbox mode": (
        'sandbox_mode = "danger-full-access"\napproval_policy = "on-request"',
        "[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = [{outside}, {docs}]\n"
        '[projects.{repo}]\ntrust_level = "trusted"',
    ),
    "permissions": (
        'default_permissions = "lax"\n'
        "features.request_permissions_tool = true\nfeatures.exec_permission_approvals = true",
        '[permissions.lax]\nextends = ":workspace"\n[permissions.lax.filesystem]\n":root" = "write"\n'
        "[permissions.lax.workspace_roots]\n{outside} = true\n[permissions.lax.network]\nenabled = true",
    ),
    "everything": ('default_permissions = ":danger-full-access"', ""),
}
"""What a user's configuration may say: top-level lines, and tables."""

RULES = 'prefix_rule(pattern=["touch"], decision="allow")\n'


@pytest.mark.parametrize("loose", LOOSE)
def test_no_configuration_allows_more(ground: Ground, loose: str) -> None:
    """In the first of them the repo itself has a `.codex` that says all of it, and is trusted."""
    quoted = {name: toml_text(str(getattr(ground, name))) for name in ("outside", "docs", "repo")}
    top, tables = LOOSE[loose]
    ground.configure(top, tables.format(**quoted))
    for home in (ground.bench.home, ground.repo / ".codex"):
        (home / "rules").mkdir(parents=True)
        (home / "rules" / "default.rules").write_text(RULES)
    (ground.repo / ".codex" / "config.toml").write_text('sandbox_mode = "danger-full-access"\n')
    config = ground.bench.config.read_text()
    port = ground.bench.model.url.split(":")[2].removesuffix("/v1")
    places = (ground.src, ground.docs, ground.outside)
    steps = [
        *ground.tries(*places),
        shell(f"touch {ground.outside}/by-rule"),
        shell(f"touch {ground.outside}/extra", sandbox_permissions="require_escalated", justification="why"),
        shell(f"exec 3<>/dev/tcp/127.0.0.1/{port} && touch {ground.tmp}/net"),
    ]
    ground.new(*steps, sandbox="read-only", tmp=None)
    assert ground.written(*places) == {}
    ground.resumed(*steps, writable=[ground.src])
    assert ground.written(*places) == {ground.src: BOTH}
    ground.new(*steps, writable=[ground.src])
    assert ground.written(*places) == {ground.src: BOTH}
    ground.resumed(*steps, sandbox="read-only", tmp=None)
    assert ground.written(*places) == {}
    assert list(ground.outside.iterdir()) == []
    assert not (ground.tmp / "net").exists()
    assert ground.bench.config.read_text() == config


def test_a_sub_agent_may_do_no_more(ground: Ground) -> None:
    """Not even in a role that the user has allowed everything."""
    role = ground.bench.home / "writer.toml"
    role.write_text('name = "writer"\ndescription = "w"\nsandbox_mode = "danger-full-access"\n')
    ground.configure("", f'[agents.writer]\ndescription = "w"\nconfig_file = {toml_text(str(role))}\n')
    work = tell(shell(f"touch {ground.outside}/made; touch {ground.src}/made"), say("done"))
    spawn = call("spawn_agent", message=work, agent_type="writer")
    steps = [
        [{**spawn[0], "namespace": "multi_agent_v1"}],
        shell("until [ -e src/made ]; do sleep 0.01; done", yield_time_ms=30_000),
    ]
    ground.new(*steps, model="unknown", writable=[ground.src])  # one that has the tool under this name
    assert (ground.src / "made").exists()
    assert list(ground.outside.iterdir()) == []


def test_full_access_is_full_on_resume_too(ground: Ground) -> None:
    """Whatever narrower the user's configuration says; and it enters nothing as trusted with the override."""
    ground.configure('default_permissions = ":read-only"', "")
    config = ground.bench.config.read_text()
    for run in (ground.new, ground.resumed):
        run(
            *ground.tries(ground.outside, ground.repo / ".git"),
            sandbox="danger-full-access",
            untrusted=[ground.repo],
        )
        assert ground.written(ground.outside, ground.repo / ".git").keys() == {
            ground.outside,
            ground.repo / ".git",
        }
    assert ground.bench.config.read_text() == config


REVIEWED = """
rules:
  - match: 'APPROVAL REQUEST START'
    steps: [[{do: json, value: {outcome: allow, risk_level: low, user_authorization: high, rationale: fine}}]]
  - match: '^work$'
    steps:
      - [{do: command, cmd: "touch escaped", escalate: true, justification: why}]
      - [{do: message, text: end}]
"""


async def test_no_reviewer_lets_anything_out(tmp_path: Path) -> None:
    """A reviewer of the user's, which is a model too, is asked even by exec, unless that is told never to ask."""
    repo, log = tmp_path / "repo", list[str]()
    repo.mkdir()
    with serving(REVIEWED, log) as server:
        world = scripted_bench(server, log, tmp_path / "home", repo)
        config = Path(world.env["CODEX_HOME"], "config.toml")
        reviewer = 'approval_policy = "on-request"\napprovals_reviewer = "auto_review"\n'
        config.write_text(reviewer + config.read_text())

        held = [
            execargs.confined(sandbox, writable=[], tmp=None) for sandbox in ("read-only", "workspace-write")
        ]
        for options in held:
            assert (await world.exec("work", *options)).message == "end"
            assert not (repo / "escaped").exists()
        assert (await world.exec("work", "-s", "read-only")).message == "end"
        assert (repo / "escaped").exists()
