"""Reading, checking, naming and dividing data files."""

import dataclasses
import hashlib
import math
import os
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.lab.data.files import Arrays, fingerprint, read
from experiments.lab.data.splits import DataError, Identity, Images, Source, divide
from experiments.lab.store.cache import cache_folder, note, recall, remembered


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "cache"))


def toy(name="mnist", train=300, test=100, seed=0):
    rng = np.random.default_rng(seed)
    shape = {"mnist": (28, 28), "cifar10": (32, 32, 3)}[name]
    return {
        "x_train": rng.integers(0, 256, (train, *shape), dtype=np.uint8),
        "y_train": np.arange(train, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (test, *shape), dtype=np.uint8),
        "y_test": np.arange(test, dtype=np.uint8) % 10,
    }


def saved(folder, name="mnist", **changes):
    """A toy file with some arrays replaced, or left out where the change is None."""
    arrays = {key: value for key, value in (toy(name) | changes).items() if value is not None}
    file = folder / f"{name}.npz"
    np.savez(file, **arrays)
    return file


def fault_of(file, name="mnist"):
    with pytest.raises(DataError) as caught:
        read(file, name)
    message = str(caught.value)
    assert "\n" not in message
    assert str(file) in message
    assert "--data stand-in" in message
    return message


def identity(kind="unverified", name="mnist", mark="0" * 64):
    return Identity(name, kind, "toy", mark, tuple("0123456789"), "here")


def source_of(file, name="mnist"):
    return Source(identity(name=name, mark=fingerprint(read(file, name))), str(file))


@pytest.mark.parametrize(("name", "shape"), [("mnist", (28, 28, 1)), ("cifar10", (32, 32, 3))])
def test_whole_file_is_read_in_one_form(tmp_path, name, shape):
    arrays = read(saved(tmp_path, name), name)

    assert arrays.x_train.shape == (300, *shape)
    assert arrays.x_train.dtype == np.uint8
    assert arrays.y_test.shape == (100,)
    assert arrays.y_test.dtype == np.int64
    assert arrays.group_train is None


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, ">i4", np.int64, np.uint64])
def test_labels_of_any_integer_dtype_and_column_shape_are_the_same_labels(tmp_path, dtype):
    plain = read(saved(tmp_path), "mnist")
    column = toy()["y_train"].astype(dtype)[:, None]

    other = read(saved(tmp_path, y_train=column), "mnist")

    np.testing.assert_array_equal(other.y_train, plain.y_train)
    assert fingerprint(other) == fingerprint(plain)


def test_images_with_and_without_a_channel_axis_have_one_fingerprint(tmp_path):
    plain = fingerprint(read(saved(tmp_path), "mnist"))
    file = saved(tmp_path, x_train=toy()["x_train"][..., None])

    assert fingerprint(read(file, "mnist")) == plain


def test_fingerprint_is_sha256_over_names_shapes_dtypes_and_bytes(tmp_path):
    arrays = read(saved(tmp_path), "mnist")
    expected = b"".join(
        f"{name} {tuple(array.shape)} {code}\n".encode() + array.tobytes()
        for name, array, code in (
            ("x_train", arrays.x_train, "|u1"),
            ("y_train", arrays.y_train, "<i8"),
            ("x_test", arrays.x_test, "|u1"),
            ("y_test", arrays.y_test, "<i8"),
        )
    )

    assert fingerprint(arrays) == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize("array", ["x_train", "y_train", "x_test", "y_test"])
def test_one_changed_value_changes_the_fingerprint(tmp_path, array):
    before = fingerprint(read(saved(tmp_path), "mnist"))
    changed = toy()[array]
    changed[0] = (changed[0] + 1) % 10

    assert fingerprint(read(saved(tmp_path, **{array: changed}), "mnist")) != before


def test_missing_file_is_named(tmp_path):
    assert "no such file" in fault_of(tmp_path / "mnist.npz")


def test_unreadable_file_is_named(tmp_path):
    folder = tmp_path / "mnist.npz"
    folder.mkdir()

    assert "cannot be read" in fault_of(folder)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_file_cut_short_is_refused(tmp_path, share):
    file = saved(tmp_path)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])

    assert "x_train: the file is damaged or cut short" in fault_of(file)


def test_changed_byte_in_an_array_is_refused(tmp_path):
    file = saved(tmp_path)
    content = bytearray(file.read_bytes())
    content[5000] ^= 255
    file.write_bytes(content)

    assert "x_train: the file is damaged or cut short" in fault_of(file)


def test_array_shorter_than_its_header_says_is_refused_before_it_is_read(tmp_path):
    file = saved(tmp_path, x_test=None)
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (900000000, 28, 28), }"
    head = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("x_test.npy", head + b"pixels")

    assert "x_test: cut short: 6 bytes for shape (900000000, 28, 28)" in fault_of(file)


def test_other_kind_of_file_is_refused(tmp_path):
    file = tmp_path / "mnist.npz"
    file.write_text("not an archive")

    assert "damaged or cut short" in fault_of(file)


@pytest.mark.parametrize("array", ["x_train", "y_train", "x_test", "y_test"])
def test_missing_array_is_named_with_what_the_file_holds(tmp_path, array):
    message = fault_of(saved(tmp_path, **{array: None}))

    assert f"{array}: the array is missing" in message
    assert ", ".join(sorted(set(toy()) - {array})) in message


class Trap:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("array", ["x_train", "y_test"])
def test_pickled_objects_are_refused_and_never_loaded(tmp_path, array):
    trap = np.array([Trap(tmp_path / "sprung")] * 300, dtype=object)

    message = fault_of(saved(tmp_path, **{array: trap}))

    assert f"{array}: holds pickled objects" in message
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("changed", "form"),
    [
        (lambda x: x / 255, "numbers in [0, 1], taken times 255"),
        (lambda x: x / np.float32(255), "numbers in [0, 1], taken times 255"),
        (lambda x: x.astype(np.float32), "numbers in [0, 255]"),
        (lambda x: x.astype(np.int64), None),
        (lambda x: x.astype(np.uint16), None),
    ],
)
def test_images_in_another_form_are_the_same_images_and_it_is_said(tmp_path, changed, form):
    whole = toy()
    notes = []
    file = saved(tmp_path, **{it: changed(whole[it]) for it in ("x_train", "x_test")})
    assert fingerprint(read(file, "mnist", notes=notes)) == fingerprint(
        read(saved(tmp_path), "mnist")
    )
    assert notes == ([f"x_train has {form}", f"x_test has {form}"] if form else [])


def test_images_of_two_forms_in_one_file_are_refused(tmp_path):
    message = fault_of(saved(tmp_path, x_test=toy()["x_test"] / 255))
    assert "x_test: numbers in [0, 1], taken times 255, but x_train has bytes" in message


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.bool_])
def test_one_hot_labels_are_the_same_labels_and_it_is_said(tmp_path, dtype):
    notes = []
    file = saved(tmp_path, y_train=np.eye(10, dtype=dtype)[toy()["y_train"]])
    assert (read(file, "mnist", notes=notes).y_train == toy()["y_train"]).all()
    assert notes == ["y_train is one-hot"]


@pytest.mark.parametrize(
    ("array", "changed", "mend"),
    [
        ("y_train", lambda y: y + 1, "y_train - 1"),
        ("y_train", lambda y: y.astype(np.float64), "y_train.astype('int64')"),
        ("y_train", lambda y: np.eye(10)[y] * 0.9, "y_train.argmax(axis=1)"),
        ("x_test", lambda x: x.reshape(len(x), -1), "x_test.reshape(-1, 28, 28, 1)"),
        ("x_test", lambda x: x[:, None], "x_test.transpose(0, 2, 3, 1)"),
        (
            "x_test",
            lambda x: x / 127.5 - 1,
            "np.interp(x_test, (np.min(x_test), np.max(x_test)), (0, 255)).astype('uint8')",
        ),
        ("x_test", lambda x: np.where(x > 250, np.nan, x), "np.nan_to_num(x_test)"),
    ],
)
def test_refusal_shows_the_line_that_mends_and_it_does(tmp_path, array, changed, mend):
    wrong = changed(toy()[array])
    message = fault_of(saved(tmp_path, **{array: wrong}))
    assert f"mend it with {mend};" in message
    mended = eval(mend, {"np": np, array: wrong})  # noqa: S307
    read(saved(tmp_path, **{array: mended}), "mnist")


def test_names_of_classes_are_taken_and_are_part_of_the_fingerprint(tmp_path):
    names = np.array([f"kind {it}" for it in range(10)])
    named, usual = read(saved(tmp_path, classes=names), "mnist"), read(saved(tmp_path), "mnist")
    assert named.classes == tuple(names)
    assert fingerprint(named) != fingerprint(usual)


@pytest.mark.parametrize(
    "names",
    [
        ["a"] * 10,
        ["a"],
        list(range(10)),
        [[*"abcdefghij"]],
        [*map(str, range(101))],
        [""] + list("bcdefghij"),
        [b"\xff"] * 10,
    ],
)
def test_names_of_classes_that_cannot_be_are_refused(tmp_path, names):
    assert "classes: " in fault_of(saved(tmp_path, classes=np.array(names)))


@pytest.mark.parametrize("classes", [2, 25])
@pytest.mark.parametrize("form", ["plain", "one-hot", "named"])
def test_number_of_classes_is_the_file_s(tmp_path, classes, form):
    held = {array: toy()[array] for array in ("y_train", "y_test")}
    held = {array: np.resize(np.arange(classes), len(it)) for array, it in held.items()}
    if form == "one-hot":
        held = {array: np.eye(classes)[it] for array, it in held.items()}
    if form == "named":
        held["classes"] = np.array([f"kind {it}" for it in range(classes)])
    arrays = read(saved(tmp_path, **held), "mnist")
    assert arrays.y_train.max() == arrays.y_test.max() == classes - 1
    assert (arrays.classes is None) == (form != "named")


def test_one_class_is_refused(tmp_path):
    labels = {
        f"y_{part}": np.zeros(count, np.uint8) for part, count in (("train", 300), ("test", 100))
    }
    message = fault_of(saved(tmp_path, **labels))
    assert "y_train: class 1 has 0 images, but at least 10 are needed" in message


def test_test_label_of_a_class_that_training_has_not_is_refused(tmp_path):
    message = fault_of(saved(tmp_path, y_train=np.resize(np.arange(5), 300)))
    assert "y_test: label" in message
    assert "is not one of 0 to 4" in message


@pytest.mark.parametrize("array", ["x_test", "y_train"])
def test_nan_is_named(tmp_path, array):
    values = toy()[array].astype(np.float64)
    values[3:5] = np.nan
    count = int(np.isnan(values).sum())

    assert f"{array}: dtype float64 with {count} NaN" in fault_of(
        saved(tmp_path, **{array: values})
    )


def test_images_of_truth_values_are_refused(tmp_path):
    message = fault_of(saved(tmp_path, x_test=toy()["x_test"].astype(np.bool_)))

    assert "x_test: dtype bool, but uint8 is needed" in message


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        ("x_train", (300, 32, 32)),
        ("x_train", (300, 28, 28, 3)),
        ("x_train", (300, 784)),
        ("x_train", ()),
        ("y_train", (300, 101)),
        ("y_test", (1, 100)),
    ],
)
def test_wrong_shape_is_named(tmp_path, array, shape):
    message = fault_of(saved(tmp_path, **{array: np.zeros(shape, np.uint8)}))

    assert f"{array}: shape {shape}, but (n" in message


def test_cifar_without_channels_is_refused(tmp_path):
    message = fault_of(
        saved(tmp_path, "cifar10", x_test=np.zeros((100, 32, 32), np.uint8)), "cifar10"
    )

    assert "x_test: shape (100, 32, 32), but (n, 32, 32, 3) is needed" in message


def test_different_lengths_are_named(tmp_path):
    message = fault_of(saved(tmp_path, y_test=toy()["y_test"][:90]))

    assert "y_test: 90 labels for the 100 rows of x_test" in message


@pytest.mark.parametrize(("label", "last"), [(255, 99), (-1, 9)])
def test_label_out_of_range_is_named_with_its_place(tmp_path, label, last):
    labels = toy()["y_train"].astype(np.int16)
    labels[17] = label

    message = fault_of(saved(tmp_path, y_train=labels))

    assert f"y_train: label {label} at position 17 is not one of 0 to {last}, " in message


def test_label_beyond_the_names_is_named(tmp_path):
    message = fault_of(saved(tmp_path, classes=np.array(["a", "b"])))
    assert "is not one of 0 to 1, as 2 classes have them" in message


def test_class_with_too_few_training_images_is_named(tmp_path):
    labels = toy()["y_train"]
    labels[labels == 7] = 6

    assert "y_train: class 7 has 0 images, but at least 10" in fault_of(
        saved(tmp_path, y_train=labels)
    )


def test_class_missing_in_the_test_set_is_named(tmp_path):
    labels = toy()["y_test"]
    labels[labels == 2] = 3

    assert "y_test: class 2 has 0 images, but at least 1" in fault_of(
        saved(tmp_path, y_test=labels)
    )


def arrays_of(train, test=100, name="mnist", groups=None, labels=None):
    """Arrays whose pixels number the images, so that any image can be traced."""
    if labels is None:
        labels = np.arange(train) % 10
    images = np.arange(train + test, dtype=np.uint32).view(np.uint8).reshape(-1, 1, 4, 1)
    return Arrays(images[:train], labels, images[train:], np.arange(test) % 10, groups)


def numbers(part: Images):
    return np.ascontiguousarray(part.images).reshape(-1).view(np.uint32)


@pytest.mark.parametrize(
    ("name", "train", "kept"), [("cifar10", 50_000, 45_000), ("mnist", 60_000, 55_000)]
)
def test_official_sizes_hold_out_five_thousand(name, train, kept):
    splits = divide(identity(name=name), arrays_of(train, 10_000))

    sizes = [len(part.labels) for part in (splits.train, splits.validation, splits.test)]
    assert sizes == [kept, 5_000, 10_000]
    assert np.bincount(splits.validation.labels).tolist() == [500] * 10


def test_other_sizes_hold_out_a_tenth_in_proportion():
    labels = np.repeat(np.arange(10), np.arange(20, 220, 20))
    splits = divide(identity(), arrays_of(1_100, labels=labels))

    assert np.bincount(splits.validation.labels).tolist() == list(range(2, 22, 2))
    assert len(splits.train.labels) == 990


def test_parts_are_disjoint_and_complete_and_keep_their_labels():
    splits = divide(identity(), arrays_of(500))

    train, validation, test = map(numbers, (splits.train, splits.validation, splits.test))
    assert sorted([*train, *validation]) == list(range(500))
    assert test.tolist() == list(range(500, 600))
    np.testing.assert_array_equal(splits.validation.labels, validation % 10)
    assert splits.train.labels.dtype == np.int64


def test_split_is_the_same_every_time_and_not_the_first_images():
    first, second = (divide(identity(), arrays_of(500)) for _ in range(2))

    np.testing.assert_array_equal(numbers(first.validation), numbers(second.validation))
    assert numbers(first.validation).max() > 250


def test_split_is_the_one_that_stored_networks_were_trained_on():
    splits = divide(identity(), arrays_of(200), limit=100)

    validated = [
        5,
        6,
        13,
        14,
        17,
        19,
        29,
        52,
        56,
        68,
        71,
        105,
        112,
        120,
        130,
        137,
        138,
        144,
        151,
        193,
    ]
    assert numbers(splits.validation).tolist() == validated
    assert numbers(splits.train)[:10].tolist() == [0, 2, 3, 4, 7, 8, 15, 16, 18, 20]


def test_groups_never_part_between_training_and_validation():
    groups = np.random.default_rng(0).permutation(np.repeat(np.arange(200), 9))
    splits = divide(identity("stand-in"), arrays_of(1_800, groups=groups, labels=groups % 10))

    train, validation = groups[numbers(splits.train)], groups[numbers(splits.validation)]
    assert not set(train) & set(validation)
    assert len(validation) == 180
    assert np.bincount(splits.validation.labels).tolist() == [18] * 10


def test_limit_keeps_a_balanced_part_of_each():
    splits = divide(identity(), arrays_of(5_000, 2_000), limit=1_000)

    for part, size in ((splits.train, 1_000), (splits.validation, 200), (splits.test, 200)):
        assert np.bincount(part.labels).tolist() == [size // 10] * 10
    assert not set(numbers(splits.train)) & set(numbers(splits.validation))


def test_limit_keeps_training_and_validation_apart_as_without_it():
    whole, limited = (divide(identity(), arrays_of(5_000), limit) for limit in (None, 50))

    assert set(numbers(limited.validation)) <= set(numbers(whole.validation))
    assert len(limited.validation.labels) == 100


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # no example caches
@given(
    counts=st.lists(st.integers(12, 90), min_size=10, max_size=10),
    limit=st.integers(150, 400),
)
def test_limit_shares_images_out_by_largest_remainders(counts, limit):
    labels = np.repeat(np.arange(10), counts)
    whole, few = (
        divide(identity(), arrays_of(len(labels), labels=labels), one) for one in (None, limit)
    )
    there_are = np.bincount(whole.train.labels)
    limit = min(limit, there_are.sum())
    exact = [Fraction(int(one) * int(limit), int(there_are.sum())) for one in there_are]
    shares = [math.floor(one) for one in exact]
    remainders = [one - share for one, share in zip(exact, shares, strict=True)]
    expected = sorted(remainders, reverse=True)[: limit - sum(shares)]
    found = np.bincount(few.train.labels).tolist()
    given_more = [
        remainder
        for remainder, more, share in zip(remainders, found, shares, strict=True)
        if more != share
    ]
    assert sum(found) == limit
    assert sorted(given_more, reverse=True) == expected


@pytest.mark.parametrize("limit", [10, 13, 60])
def test_rare_class_keeps_an_image_and_the_commonest_gives_it(limit):
    labels = np.repeat(np.arange(10), [12] * 9 + [4_000])
    splits = divide(identity(), arrays_of(len(labels), labels=labels), limit)

    assert np.bincount(splits.train.labels).tolist() == [1] * 9 + [limit - 9]


def test_tenth_that_is_no_whole_number_is_rounded_down():
    assert len(divide(identity(), arrays_of(509)).validation.labels) == 50


def test_fifth_that_is_no_whole_number_is_rounded_down():
    splits = divide(identity(), arrays_of(5_000, 500), limit=709)

    assert [len(part.labels) for part in (splits.validation, splits.test)] == [141, 141]


def test_limit_above_the_size_keeps_all():
    assert len(divide(identity(), arrays_of(500), limit=10_000).train.labels) == 450


def test_limit_that_leaves_classes_out_is_refused():
    with pytest.raises(ValueError, match="at least 10"):
        divide(identity(), arrays_of(500), limit=9)


def test_source_loads_again_from_json(tmp_path):
    source = source_of(saved(tmp_path))

    again = Source.from_json(source.to_json())

    assert again == source
    assert len(again.load().train.labels) == 270
    assert again.load().identity == source.identity


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"identity": {"name": "mnist"}, "file": "x"}'])
def test_other_json_is_refused(text):
    with pytest.raises(DataError, match="not the description of a data source"):
        Source.from_json(text)


def test_source_refuses_arrays_that_have_changed(tmp_path):
    source = source_of(saved(tmp_path))
    saved(tmp_path, **toy(seed=1))

    with pytest.raises(DataError, match="the data differ"):
        source.load()


def test_source_refuses_a_file_that_is_gone(tmp_path):
    source = source_of(saved(tmp_path))
    Path(source.file).unlink()

    with pytest.raises(DataError, match="no such file"):
        source.load()


def test_identity_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        identity().kind = "official"


def test_answer_is_remembered_until_the_file_changes(tmp_path):
    file, asked = tmp_path / "file", []

    def find_out():
        asked.append(1)
        return f"answer {len(asked)}"

    file.write_text("one")
    assert remembered("what", file, find_out) == "answer 1"
    assert remembered("what", file, find_out) == "answer 1"
    assert remembered("what else", file, find_out) == "answer 2"
    file.write_text("other")
    assert remembered("what", file, find_out) == "answer 3"


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"format": 0, "entries": {}}', '{"format": 1, "entries": 3}', "\xff"]
)
def test_damaged_memory_is_ignored_and_written_again(damage):
    note("key", 1)
    memory = next(cache_folder().iterdir())
    memory.write_bytes(damage.encode("latin-1"))

    assert recall("key") is None
    note("key", 2)
    assert recall("key") == 2


def test_memory_that_cannot_be_written_costs_nothing_but_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("one")
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "file" / "cache"))

    assert remembered("what", tmp_path / "file", lambda: "answer") == "answer"


def test_memory_keeps_the_newest_two_hundred():
    for number in range(205):
        note(f"key {number}", number)

    assert recall("key 4") is None
    assert recall("key 5") == 5


def test_cache_folder_follows_the_environment(tmp_path, monkeypatch):
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("ASSIGNMENT2_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "assignment2"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "assignment2"
