"""Tests of `experiments.lab.store.records`: whole, and noticed when they are not."""

import numpy as np
import pytest

from experiments.lab.store import records, sealed
from experiments.lab.store.files import Damaged
from experiments.lab.store.records import Record

ARRAYS = {"images": np.arange(12, dtype=np.uint8).reshape(3, 4), "rates": np.array([0.1, 1 / 3])}


def made(**changes) -> Record:
    given = {
        "section": "units",
        "status": "done",
        "profile": "standard",
        "settings": {"seeds": 1, "limit": None},
        "inputs": {"data:mnist": "f" * 64},
        "built_at": "2026-01-01T00:00:00.000000+00:00",
        "seconds": 1.5,
        "environment": {"numpy": "2"},
        "data": {"mnist": {"label": "MNIST", "classes": ("0", "1")}},
        "command": "python build_report.py units",
        "scores": {"test_accuracy": np.float32(0.5), "count": np.int64(3)},
        "facts": {"rates": np.array([0.5, 0.25]), "best": {"units": 64}},
        "claims": [{"name": "c", "left": {"label": "a"}, "verdict": "better", "interval": None}],
        "trials": [{"search": "units", "seed": 1}],
        "arrays": ARRAYS,
    }
    return Record(**{**given, **changes})


def test_record_is_read_as_it_was_written(tmp_path):
    records.write(made(), tmp_path)
    held = records.read("units", tmp_path)
    assert held.scores == {"test_accuracy": 0.5, "count": 3}
    assert held.facts == {"rates": [0.5, 0.25], "best": {"units": 64}}
    assert held.claims == made().claims
    assert held.data["mnist"]["classes"] == ["0", "1"]
    assert set(held.arrays) == set(ARRAYS)
    assert all(np.array_equal(held.arrays[name], ARRAYS[name]) for name in ARRAYS)


def test_record_without_arrays_needs_no_file_of_them(tmp_path):
    records.write(made(arrays={}), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["units.json"]
    assert len(records.read("units", tmp_path).arrays) == 0


def test_section_never_built_has_no_record(tmp_path):
    assert records.read("units", tmp_path) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_score_that_is_not_finite_is_refused_and_the_old_record_stays(tmp_path, value):
    records.write(made(), tmp_path)
    with pytest.raises(ValueError, match="JSON"):
        records.write(made(scores={"loss": value}), tmp_path)
    assert records.read("units", tmp_path).scores["count"] == 3


def test_what_is_not_plain_data_is_refused(tmp_path):
    with pytest.raises(TypeError, match="plain data only, not set"):
        records.write(made(facts={"a": {1}}), tmp_path)


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def emptied(path):
    path.write_bytes(b"")


def changed_digit(path):
    content = bytearray(path.read_bytes())
    place = content.find(b"0.25") + 3 if path.suffix == ".json" else len(content) // 2
    content[place] ^= 1
    path.write_bytes(bytes(content))


def not_a_record(path):
    path.write_text("[]")


def arrays_file(folder):
    (found,) = sealed.array_files(folder / "units.json")
    return found


@pytest.mark.parametrize(
    ("suffix", "damage"),
    [
        (".json", cut),
        (".json", emptied),
        (".json", changed_digit),
        (".json", not_a_record),
        (".npz", cut),
        (".npz", emptied),
        (".npz", changed_digit),
        (".npz", lambda path: path.unlink()),
    ],
)
def test_damaged_record_is_noticed_left_alone_and_set_aside_by_the_next(tmp_path, suffix, damage):
    records.write(made(), tmp_path)
    damage(tmp_path / "units.json" if suffix == ".json" else arrays_file(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(Damaged, match="units"):
        records.read("units", tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    records.write(made(), tmp_path)
    assert records.read("units", tmp_path).scores["count"] == 3
    (kept,) = (tmp_path / "damaged").iterdir()
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


def test_record_of_another_format_is_missing(tmp_path):
    sealed.write(tmp_path / "units.json", {"something": "else"}, 99)
    assert records.read("units", tmp_path) is None


def test_failure_leaves_the_record_that_stands_and_goes_with_the_next(tmp_path):
    records.write(made(), tmp_path)
    records.write(made(status="failed", message="no", scores={}, arrays={}), tmp_path)
    assert records.read("units", tmp_path).scores["count"] == 3
    assert len(records.read("units", tmp_path).arrays) == 2
    assert records.read_failure("units", tmp_path).message == "no"
    records.write(made(), tmp_path)
    assert records.read_failure("units", tmp_path) is None


def test_damaged_failure_is_none(tmp_path):
    records.write(made(status="failed", arrays={}), tmp_path)
    cut(tmp_path / "failures" / "units.json")
    assert records.read_failure("units", tmp_path) is None


def test_record_of_another_section_in_its_place_is_noticed(tmp_path):
    records.write(made(section="rnn"), tmp_path)
    (tmp_path / "rnn.json").rename(tmp_path / "units.json")
    with pytest.raises(Damaged, match="does not match"):
        records.read("units", tmp_path)
