"""Tests of `experiments.lab.store.files`: whole or not at all."""

import errno
import hashlib
import os
import stat

import pytest

from experiments.lab.store.files import (
    Damaged,
    StorageError,
    changed,
    nothing_can_be_written,
    read_whole,
    remove,
    remove_folder,
    remove_partials,
    write_whole,
)


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_written_file_has_the_content_and_leaves_nothing_beside_it(tmp_path):
    write_whole(tmp_path / "new" / "a.json", b"content")
    assert (tmp_path / "new" / "a.json").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.json"]


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be opened there")
def test_content_reaches_the_disk_before_its_name_and_the_name_before_the_next(
    tmp_path, monkeypatch
):
    reached = []

    def noted(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        reached.append(
            ("folder" if is_folder else "file", sorted(it.name for it in tmp_path.iterdir()))
        )

    monkeypatch.setattr(os, "fsync", noted)
    write_whole(tmp_path / "a", b"content")
    (first, partly), then = reached
    assert first == "file"
    assert "a" not in partly
    assert then == ("folder", ["a"])


def test_full_disk_leaves_the_old_file_and_names_it(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(StorageError) as caught:
        write_whole(path, b"new")
    assert str(caught.value) == (
        f"cannot write {path}: no space left on device; free some space, then run the command again"
    )
    assert caught.value.filename == str(path)
    assert nothing_can_be_written(caught.value)
    assert path.read_bytes() == b"old"
    assert [it.name for it in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.skipif(os.name == "nt", reason="there is no such limit")
def test_limit_on_the_size_of_files_is_called_by_its_name(tmp_path):
    import resource

    path, (_, most) = tmp_path / "a.json", resource.getrlimit(resource.RLIMIT_FSIZE)
    write_whole(path, b"old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    try:
        with pytest.raises(
            StorageError, match=r"file too large; raise the limit .*ulimit -f"
        ) as caught:
            write_whole(path, b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert nothing_can_be_written(caught.value)
    assert path.read_bytes() == b"old"


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
    with pytest.raises(StorageError, match="something else is in its place") as caught:
        write_whole(tmp_path / "file" / "a.json", b"")
    assert nothing_can_be_written(caught.value)
    assert not nothing_can_be_written(ValueError("no"))


def test_file_in_the_place_of_which_a_folder_lies_is_an_error_and_the_folder_stays(tmp_path):
    (tmp_path / "a.json" / "mine").mkdir(parents=True)
    with pytest.raises(StorageError, match="something else is in its place"):
        write_whole(tmp_path / "a.json", b"")
    with pytest.raises(StorageError, match="cannot write"):
        remove(tmp_path / "a.json")
    assert (tmp_path / "a.json" / "mine").exists()


def test_missing_unreadable_and_strange_files_are_told_apart(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    with pytest.raises(FileNotFoundError):
        read_whole(path)
    path.mkdir()
    with pytest.raises(Damaged, match=r"a\.json is no file"):
        read_whole(path)
    path.rmdir()
    os.mkfifo(path)  # nobody writes to it: opening it as a file would wait for ever
    with pytest.raises(Damaged, match=r"a\.json is no file"):
        read_whole(path)
    path.unlink()
    path.write_bytes(b"content")
    assert read_whole(path) == b"content"
    monkeypatch.setattr(os, "open", full_disk)
    with pytest.raises(StorageError, match="cannot read"):
        read_whole(path)


def test_changed_files_are_said_in_words(tmp_path):
    digests = {name: hashlib.sha256(b"content").hexdigest() for name in ("a", "b", "c", "d")}
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "c").mkdir()
    assert list(changed(tmp_path, digests)) == [
        "b is not what was written", "c is no file", "d is missing"
    ]  # fmt: skip


def test_leavings_of_a_killed_writer_are_removed_and_nothing_else(tmp_path):
    for name in (".a.json.12.partial", "a.json", ".hidden"):
        (tmp_path / name).write_text("")
    (tmp_path / ".run.12.partial").mkdir()
    remove_partials(tmp_path)
    assert sorted(it.name for it in tmp_path.iterdir()) == [".hidden", ".run.12.partial", "a.json"]


def test_folder_is_removed_with_its_content_and_of_a_link_the_link_alone(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "gone" / "below").mkdir(parents=True)
    for name in ("link", "gone", "never there"):
        remove_folder(tmp_path / name)
    assert [it.name for it in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "file").exists()
