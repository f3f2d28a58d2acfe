"""All of the old or all of the new content, and no edit lost that was not read."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tmuxorch.errors import ChangedMeanwhile, StorageError
from tmuxorch.store.atomic import ABSENT, PROJECT, digest, file_digest, write_atomic


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_new_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomic(path, b"one")
    assert (path.read_bytes(), mode(path)) == (b"one", 0o600)
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_project_file_has_the_permissions_that_its_owner_wants(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "plan.md", b"", PROJECT)
    finally:
        os.umask(before)
    assert mode(tmp_path / "plan.md") == 0o640
    (tmp_path / "plan.md").chmod(0o664)
    write_atomic(tmp_path / "plan.md", b"", PROJECT)
    assert mode(tmp_path / "plan.md") == 0o664


def test_an_edit_that_was_not_read_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_bytes(b"read")
    read = file_digest(path)
    path.write_bytes(b"edited")
    with pytest.raises(ChangedMeanwhile):
        write_atomic(path, b"ours", PROJECT, expect=read)
    assert path.read_bytes() == b"edited"
    write_atomic(path, b"ours", PROJECT, expect=digest(b"edited"))
    assert path.read_bytes() == b"ours"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_came_or_went_counts_as_changed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with pytest.raises(ChangedMeanwhile):
        write_atomic(path, b"new", expect=digest(b"was there"))
    write_atomic(path, b"new", expect=ABSENT)
    with pytest.raises(ChangedMeanwhile):
        write_atomic(path, b"newer", expect=ABSENT)
    assert path.read_bytes() == b"new"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "plan.md"
    link.symlink_to("elsewhere/real.md")
    write_atomic(link, b"x", PROJECT)
    assert link.is_symlink()
    assert (tmp_path / "elsewhere" / "real.md").read_bytes() == b"x"


@pytest.mark.parametrize("bad", ["missing/f", "dir"])
def test_what_cannot_be_written_is_named(tmp_path: Path, bad: str) -> None:
    (tmp_path / "dir").mkdir()
    with pytest.raises(StorageError, match=f"{bad} cannot be written: "):
        write_atomic(tmp_path / bad, b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["dir"]


def test_without_space_the_old_content_stays(tmp_path: Path) -> None:
    """The limit on a file's size stops the write in the middle, as a full disk does."""
    path = tmp_path / "f"
    path.write_bytes(b"old")
    code = """
import signal, sys
from pathlib import Path
from tmuxorch.errors import StorageError
from tmuxorch.store.atomic import write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    write_atomic(Path(sys.argv[1]), b"x" * 5000)
except StorageError as error:
    print(error.message)
"""
    told = subprocess.run(
        [sys.executable, "-c", code, path],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == f"{path} cannot be written: File too large\n"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
