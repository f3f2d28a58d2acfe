"""What is read of a repo: what is really there, nothing from elsewhere, little of much, and nothing is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tmuxorch.core.model import Found, RepoFacts
from tmuxorch.store import repo_facts
from tmuxorch.store.repo_facts import Document, look, pull


def write(repo: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(content)
    return repo


def test_documents_that_are_there_the_weightiest_first(tmp_path: Path) -> None:
    files = (
        *(
            "CHANGELOG",
            "Readme.de.md",
            "README.md",
            "AGENTS.md",
            "docs/Architecture.rst",
            "doc/RELEASING.txt",
        ),
        *("build", "release.sh", "docs/notes.md", "src/README.md", "docs/build.md/x", "handbook/rules.md"),
    )
    write(tmp_path, dict.fromkeys(files, "words"))
    assert look(tmp_path, docs=("handbook/rules.md", "README.md", "gone.md")).docs == (
        *("handbook/rules.md", "README.md", "AGENTS.md", "Readme.de.md"),
        *("docs/Architecture.rst", "doc/RELEASING.txt", "CHANGELOG"),
    )


def test_nothing_from_outside_the_repo_is_read(tmp_path: Path) -> None:
    repo = write(tmp_path / "repo", {"docs/AGENTS.md": "inside", ".git/config": "token"})
    write(tmp_path, {"secret.md": "secret", "out/README.md": "secret"})
    (repo / "README.md").symlink_to("../secret.md")
    (repo / "AGENTS.md").symlink_to("docs/AGENTS.md")
    (repo / "CHANGELOG.md").symlink_to("CHANGELOG.md")
    (repo / "doc").symlink_to("../out")
    os.mkfifo(repo / "RELEASE.md")
    asked = ("../secret.md", str(tmp_path / "secret.md"), ".git/config", "/dev/zero", "docs")
    assert look(repo, docs=asked).docs == ("AGENTS.md",)
    assert pull(repo, [*asked, "README.md", "AGENTS.md", "RELEASE.md", "doc/README.md"]) == [
        Document(path="AGENTS.md", text="inside", whole=True)
    ]


def test_hostile_text_is_made_visible(tmp_path: Path) -> None:
    write(tmp_path, {"README.md": "\x1b[2Jred\r\n\u202eback", "AGENTS.md": "a\0b"})
    (tmp_path / "CHANGELOG.md").write_bytes(b"caf\xe9")
    assert [document.text for document in pull(tmp_path, ["README.md", "AGENTS.md", "CHANGELOG.md"])] == [
        "\\x1b[2Jred\n\\u202eback",
        "caf\ufffd",
    ]


def test_names_that_cannot_be_told_are_left_out(tmp_path: Path) -> None:
    for name in (b"README.\xff.md", b"README.a\nb.md", b"dir\xff", b"dir\x1b"):
        path = os.fsencode(tmp_path) + b"/" + name
        if name.startswith(b"dir"):
            os.mkdir(path)
        else:
            Path(os.fsdecode(path)).write_text("words")
    facts = look(tmp_path)
    assert (facts.docs, facts.directories) == ((), ())


def test_long_documents_are_clipped_each_and_together(tmp_path: Path) -> None:
    with (tmp_path / "huge.md").open("wb") as file:
        file.write(b"x" * 100_000)
        file.truncate(1 << 40)
    names = ["huge.md", *(f"{number}.md" for number in range(9))]
    write(tmp_path, dict.fromkeys(names[1:], "\x1b" * repo_facts.EACH))
    write(tmp_path, {"short.md": "words"})
    pulled = pull(tmp_path, ["short.md", *names])
    assert [document.whole for document in pulled] == [True] + [False] * 5
    assert max(len(document.text) for document in pulled) == repo_facts.EACH
    assert sum(len(document.text) for document in pulled) == repo_facts.TOGETHER


def test_directories_that_somebody_wrote(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("src/a", "tests/a", "node_modules/a", ".venv/a", "file"), ""))
    (tmp_path / "elsewhere").symlink_to("/")
    assert look(tmp_path).directories == ("src", "tests")


def found(source: str, *commands: str) -> tuple[Found, ...]:
    return tuple(Found(command=command, source=source) for command in commands)


MAKEFILE = """\
.PHONY: test
test ::= no
test := no
VAR = build: it
lint check: all
\techo build: done
"""


@pytest.mark.parametrize(
    ("files", "tests", "build"),
    [
        ({}, (), ()),
        ({"Makefile": MAKEFILE}, found("Makefile", "make check"), ()),
        (
            {"Makefile": "test::\n", "GNUmakefile": "test:\ncheck: test\nbuild : x\n"},
            found("GNUmakefile", "make test", "make check"),
            found("GNUmakefile", "make build"),
        ),
        ({"Makefile": ".PHONY: test check build\n# test: this\n"}, (), ()),
        ({"pyproject.toml": "[tool.ruff]\n"}, (), ()),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\n"},
            found("pyproject.toml", "python3 -m pytest"),
            (),
        ),
        (
            {"package.json": '{"scripts": {"test": "jest", "build": "tsc", "start": "x"}}'},
            found("package.json", "npm run test"),
            found("package.json", "npm run build"),
        ),
        (
            {"package.json": '{"scripts": {"test": "jest"}}', "pnpm-lock.yaml": "", "yarn.lock": ""},
            found("package.json", "pnpm run test"),
            (),
        ),
        (
            {"package.json": '{"scripts": {"build": "x"}}', "yarn.lock": ""},
            (),
            found("package.json", "yarn run build"),
        ),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, (), ()),
        (
            {"Cargo.toml": "[workspace]\n"},
            found("Cargo.toml", "cargo test"),
            found("Cargo.toml", "cargo build"),
        ),
        ({"go.mod": "module m\n"}, found("go.mod", "go test ./..."), found("go.mod", "go build ./...")),
    ],
)
def test_commands_are_detected(
    tmp_path: Path, files: dict[str, str], tests: tuple[Found, ...], build: tuple[Found, ...]
) -> None:
    facts = look(write(tmp_path, files))
    assert (facts.tests, facts.build) == (tests, build)


@pytest.mark.parametrize(
    "junk", ["", "[" * 100_000, '{"scripts": 7}', "[tool]\ntool = 1", "a = " + "[" * 100_000, "\0"]
)
def test_files_that_are_no_such_files_suggest_nothing(tmp_path: Path, junk: str) -> None:
    write(tmp_path, dict.fromkeys(("Makefile", "pyproject.toml", "package.json", "Cargo.toml"), junk))
    facts = look(tmp_path)
    assert (facts.tests, facts.build) == ((), ())


def test_what_the_configuration_says_comes_in_place_of_a_guess(tmp_path: Path) -> None:
    facts = look(write(tmp_path, {"Makefile": "test:\nbuild:\n"}), tests=("./run tests",))
    assert facts.tests == found("config", "./run tests")
    assert facts.build == found("Makefile", "make build")


def test_a_large_repo_takes_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is below its top is not looked at."""
    write(tmp_path, {"README.md": "words", "src/deep/README.md": "words", "docs/deep/README.md": "words"})
    looked, scandir = list[Path](), os.scandir

    def scanned(place: Path) -> Any:
        looked.append(place)
        return scandir(place)

    monkeypatch.setattr(os, "scandir", scanned)
    facts = look(tmp_path)
    assert (facts.docs, facts.directories) == (("README.md",), ("docs", "src"))
    assert set(looked) <= {tmp_path, tmp_path / "doc", tmp_path / "docs"}


def test_a_repo_that_is_gone_has_nothing(tmp_path: Path) -> None:
    assert look(tmp_path / "gone") == RepoFacts()
    assert pull(tmp_path / "gone", ["README.md"]) == []
