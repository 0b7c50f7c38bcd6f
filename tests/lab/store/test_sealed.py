"""Tests of `experiments.lab.store.sealed`: what was cut, garbled, exchanged or moved is noticed."""

import dataclasses
import json
import math

import numpy as np
import pytest

from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged

ARRAYS = {"a": np.arange(6).reshape(2, 3), "b": np.array([0.5])}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.json"


def arrays_file(path):
    (found,) = sealed.array_files(path)
    return found


def test_what_was_written_is_read_with_its_digest(path):
    @dataclasses.dataclass
    class Held:
        number: np.float32

    mark = sealed.write(path, {"held": Held(np.float32(0.5)), "n": (1, 2)}, 3, ARRAYS)
    plain, arrays = sealed.read(path, 3)
    assert plain == {"digest": mark, "held": {"number": 0.5}, "n": [1, 2]}
    assert set(arrays.named("b")) == {"b"}
    assert set(arrays) == set(ARRAYS)
    assert all(np.array_equal(arrays[name], ARRAYS[name]) for name in ARRAYS)


def test_without_arrays_there_is_no_file_of_them(path):
    sealed.write(path, {}, 1, {})
    assert [it.name for it in path.parent.iterdir()] == ["it.json"]
    assert len(sealed.read(path, 1)[1]) == 0


def test_new_version_drops_the_arrays_of_the_old_and_no_others(path):
    sealed.write(path, {}, 1, ARRAYS)
    sealed.write(path.with_name("it-too.json"), {}, 1, ARRAYS)
    sealed.write(path, {}, 1, {"a": np.zeros(1)})
    assert len(sealed.array_files(path)) == 1
    assert len(sealed.read(path.with_name("it-too.json"), 1)[1]) == 2
    sealed.write(path, {}, 1)
    assert sealed.array_files(path) == []


def test_values_that_are_not_finite_are_refused_unless_asked_for(path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        sealed.write(path, {"x": math.inf}, 1)
    sealed.write(path, {"x": math.inf}, 1, any_float=True)
    assert sealed.read(path, 1)[0]["x"] == math.inf


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"x": 1}', b"\xff", b"[" * 100_000]
)
def test_file_of_something_else_is_damaged(path, content):
    path.write_bytes(content)
    with pytest.raises(Damaged):
        sealed.read(path, 1)


def test_changed_value_other_format_and_other_arrays_are_noticed(path):
    sealed.write(path, {"x": 1}, 1, ARRAYS)
    with pytest.raises(sealed.OtherFormat):
        sealed.read(path, 2)
    garbled = path.read_text().replace('"format": 1', '"format": 2')
    path.write_text(garbled)
    with pytest.raises(Damaged, match=r"it\.json does not match"):
        sealed.read(path, 1)
    sealed.write(path, {"x": 1}, 1, ARRAYS)
    beside = arrays_file(path)
    kept = beside.read_bytes()
    beside.write_bytes(sealed.npz({"a": np.zeros(2)}))
    with pytest.raises(Damaged, match=r"it-.*\.npz does not match"):
        sealed.read(path, 1)
    beside.write_bytes(kept)
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({**plain, "x": 2}))
    with pytest.raises(Damaged, match=r"it\.json does not match"):
        sealed.read(path, 1)


def test_file_in_the_place_of_another_is_noticed(path):
    sealed.write(path, {"x": 1}, 1)
    other = path.with_name("other.json")
    path.rename(other)
    with pytest.raises(Damaged, match="does not match"):
        sealed.read(other, 1)
    folder = path.parent / "folder"
    folder.mkdir()
    other.rename(folder / path.name)
    with pytest.raises(Damaged, match="does not match"):
        sealed.read(folder / path.name, 1)


def test_folder_that_was_moved_with_all_above_it_is_whole(tmp_path):
    sealed.write(tmp_path / "report" / "records" / "it.json", {"x": 1}, 1, ARRAYS)
    (tmp_path / "report").rename(tmp_path / "elsewhere")
    plain, arrays = sealed.read(tmp_path / "elsewhere" / "records" / "it.json", 1)
    assert plain["x"] == 1
    assert len(arrays) == 2


def test_arrays_that_a_killed_writer_left_are_dropped(path):
    sealed.write(path, {}, 1, ARRAYS)
    kept = arrays_file(path)
    kept.with_name("it-0123456789abcdef.npz").write_bytes(b"left")
    kept.with_name("gone-0123456789abcdef.npz").write_bytes(b"left")
    kept.with_name("it-mine.npz").write_bytes(b"not ours")
    sealed.drop_unnamed(path.parent)
    assert sorted(it.name for it in path.parent.iterdir()) == [
        kept.name, "it-mine.npz", "it.json"
    ]  # fmt: skip


def test_arrays_of_a_damaged_file_are_kept(path):
    sealed.write(path, {}, 1, ARRAYS)
    path.write_bytes(path.read_bytes()[:-5])
    sealed.drop_unnamed(path.parent)
    assert len(sealed.array_files(path)) == 1


def test_bytes_are_read_as_written_and_damage_is_noticed(tmp_path):
    path = tmp_path / "state"
    sealed.write_bytes(path, b"content")
    assert sealed.read_bytes(path) == b"content"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Damaged, match="state does not match"):
        sealed.read_bytes(path)


def test_bytes_of_another_place_are_noticed(tmp_path):
    for folder in ("one.partial", "other.partial"):
        sealed.write_bytes(tmp_path / folder / "state", b"content")
    one, other = tmp_path / "one.partial" / "state", tmp_path / "other.partial" / "state"
    assert one.read_bytes() != other.read_bytes()
    other.write_bytes(one.read_bytes())
    with pytest.raises(Damaged):
        sealed.read_bytes(other)
