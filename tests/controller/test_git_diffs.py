"""What changed, in words for a card."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.controller.gitrepos import git, make, write
from tmuxorch.controller.git import diff


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make(tmp_path / "r")


async def test_changed_and_new_files_are_shown_and_no_others(repo: Path) -> None:
    write(repo, {"a.txt": "ours\n", "b.txt": "not asked for\n", "new.txt": "one\n\ntwo"})
    (repo / "src" / "c.txt").unlink()
    said = await diff(str(repo), ["a.txt", "new.txt", "src/c.txt", "none.txt"])
    assert "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+ours\n" in said
    assert "deleted file mode 100644" in said
    assert said.endswith("new file b/new.txt\n+one\n+\n+two\n")
    assert "b.txt" not in said


async def test_no_program_of_the_repo_shows_it(repo: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    git(repo, "config", "diff.external", f"touch {proof}; false")
    git(repo, "config", "diff.x.textconv", f"touch {proof}; false")
    git(repo, "config", "color.ui", "always")
    write(repo, {".gitattributes": "* diff=x\n", "a.txt": "ours\n"})
    assert "\n+ours" in await diff(str(repo), ["a.txt"])
    assert not proof.exists()


async def test_a_huge_diff_is_cut(repo: Path) -> None:
    huge = "".join(f"line {n}\n" for n in range(200_000))
    write(repo, {"a.txt": huge, "new.txt": huge})
    for paths in (["a.txt"], ["new.txt"], ["a.txt", "new.txt"]):
        said = await diff(str(repo), paths, limit=1000)
        assert "line 3" in said
        assert 1000 < len(said) < 1200
        assert said.endswith(f"\n… there is more: git -C {repo} diff HEAD")


async def test_binaries_links_and_pipes_are_named_as_such(repo: Path) -> None:
    (repo / "b.txt").write_bytes(b"\0\1")
    (repo / "new.bin").write_bytes(b"\0\1")
    (repo / "link").symlink_to("/etc/passwd")
    make(repo / "inner")
    said = await diff(str(repo), ["b.txt", "new.bin", "link", "inner/"])
    assert "Binary files a/b.txt and b/b.txt differ" in said
    assert "new file b/new.bin\n(binary, 2 bytes)\n" in said
    assert "new file b/link\n+link to /etc/passwd\n" in said
    assert "new file b/inner/\n(a repo of its own)\n" in said


async def test_odd_names_and_bytes(repo: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(repo) + b"/\xff"))
    odd.write_bytes(b"\xfe\x1b[31m\n")
    write(repo, {":(glob)*": "glob\n", "-n": "dash\n", "a.txt": "not asked for\n"})
    git(repo, "--literal-pathspecs", "add", "--", ":(glob)*", "-n")
    said = await diff(str(repo), ["\\xff", ":(glob)*", "-n"])
    assert "new file b/\\xff\n+\\xfe\\x1b[31m\n" in said
    assert "+glob" in said
    assert "+dash" in said
    assert "a.txt" not in said


async def test_before_the_first_commit_and_without_a_repo(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a.txt": "1\n", "b.txt": "2\n"})
    git(tmp_path, "add", "a.txt")
    said = await diff(str(tmp_path), ["a.txt", "b.txt"])
    assert "+1" in said
    assert "+2" in said
    assert (
        await diff(str(tmp_path / "gone"), ["a.txt"]) == f"(no diff: {tmp_path}/gone is not there any more)"
    )
