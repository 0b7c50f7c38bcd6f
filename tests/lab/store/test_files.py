"""Tests of `experiments.lab.store.files`: whole or not at all."""

import errno
import os

import pytest

from experiments.lab.store.files import (
    nothing_can_be_written,
    remove_partials,
    write_whole,
)


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_written_file_has_the_content_and_leaves_nothing_beside_it(tmp_path):
    write_whole(tmp_path / "new" / "a.json", b"content")
    assert (tmp_path / "new" / "a.json").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.json"]


def test_full_disk_leaves_the_old_file_and_names_it(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(path, b"new")
    assert caught.value.filename == str(path)
    assert nothing_can_be_written(caught.value)
    assert path.read_bytes() == b"old"
    assert [it.name for it in tmp_path.iterdir()] == ["a.json"]


def test_interruption_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    path = tmp_path / "a.json"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    assert [(it.name, it.read_bytes()) for it in tmp_path.iterdir()] == [("a.json", b"old")]


def test_folder_below_a_file_cannot_be_written_and_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file") as caught:
        write_whole(tmp_path / "file" / "a.json", b"")
    assert not nothing_can_be_written(caught.value)


def test_leavings_of_a_killed_writer_are_removed_and_nothing_else(tmp_path):
    for name in (".a.json.12.partial", "a.json", ".hidden"):
        (tmp_path / name).write_text("")
    (tmp_path / ".run.12.partial").mkdir()
    remove_partials(tmp_path)
    assert sorted(it.name for it in tmp_path.iterdir()) == [".hidden", ".run.12.partial", "a.json"]
