"""Tests of `experiments.lab.store.sealed`: what was cut, garbled or exchanged is noticed."""

import dataclasses
import json
import math

import numpy as np
import pytest

from experiments.lab.store import sealed

ARRAYS = {"a": np.arange(6).reshape(2, 3), "b": np.array([0.5])}


@pytest.fixture
def files(tmp_path):
    return tmp_path / "it.json", tmp_path / "it.npz"


def test_what_was_written_is_read_with_its_digest(files):
    @dataclasses.dataclass
    class Held:
        number: np.float32

    mark = sealed.write(files[0], {"held": Held(np.float32(0.5)), "n": (1, 2)}, 3, ARRAYS, files[1])
    held = sealed.read(files[0], 3, files[1])
    assert held == {"digest": mark, "held": {"number": 0.5}, "n": [1, 2]}
    arrays = sealed.Arrays(files[1])
    assert set(arrays) == set(ARRAYS)
    assert all(np.array_equal(arrays[name], ARRAYS[name]) for name in ARRAYS)


def test_without_arrays_there_is_no_file_of_them(files):
    sealed.write(files[0], {}, 1, {}, files[1])
    assert not files[1].exists()
    assert len(sealed.Arrays(files[1])) == 0


def test_values_that_are_not_finite_are_refused_unless_asked_for(files):
    with pytest.raises(ValueError, match="not JSON compliant"):
        sealed.write(files[0], {"x": math.inf}, 1)
    sealed.write(files[0], {"x": math.inf}, 1, any_float=True)
    assert sealed.read(files[0], 1)["x"] == math.inf


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"x": 1}', b"\xff"])
def test_file_of_something_else_is_an_error(files, content):
    files[0].write_bytes(content)
    with pytest.raises(ValueError):
        sealed.read(files[0], 1)


def test_changed_value_other_format_and_other_arrays_are_noticed(files):
    sealed.write(files[0], {"x": 1}, 1, ARRAYS, files[1])
    with pytest.raises(ValueError, match="another format"):
        sealed.read(files[0], 2, files[1])
    other = sealed.npz({"a": np.zeros(2)})
    kept = files[1].read_bytes()
    files[1].write_bytes(other)
    with pytest.raises(ValueError, match=r"it\.npz does not match"):
        sealed.read(files[0], 1, files[1])
    files[1].write_bytes(kept)
    plain = json.loads(files[0].read_text())
    files[0].write_text(json.dumps({**plain, "x": 2}))
    with pytest.raises(ValueError, match=r"it\.json does not match"):
        sealed.read(files[0], 1, files[1])


def test_bytes_are_read_as_written_and_damage_is_noticed(tmp_path):
    path = tmp_path / "state"
    sealed.write_bytes(path, b"content")
    assert sealed.read_bytes(path) == b"content"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="state does not match"):
        sealed.read_bytes(path)
