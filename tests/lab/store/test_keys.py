"""Property tests of keys: what matters changes one, what does not does not."""

import dataclasses
import itertools
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings
from experiments.lab.store import keys
from experiments.lab.store.runs import run_key

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda held: (
        st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=3), held, max_size=3)
    ),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.text(max_size=3), PLAIN, min_size=1, max_size=5)

SETTINGS = RunSettings(
    view=View("cifar10"),
    network="lenet5",
    hyperparameters={"learning_rate": 0.001, "optimizer": "adam"},
    seed=1,
    length=10,
)
OTHER = {
    "view": View("mnist"),
    "network": "recurrent",
    "hyperparameters": {"learning_rate": 0.001, "optimizer": "sgd"},
    "seed": 2,
    "length": 11,
    "unit": "iterations",
    "batch_size": 64,
    "validate_every": 251,
    "limit": 3000,
    "snapshots": True,
    "start_from": {"run": "0" * 24, "layers": ["conv1"]},
    "replicas": 2,
}
DATA, CODE, VERSIONS = "f" * 64, "1", {"tensorflow": "2", "numpy": "1"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path_factory.mktemp("cache")))


@given(MAPPINGS, st.randoms())
def test_order_of_mapping_keys_does_not_change_a_digest(mapping, random):
    items = list(mapping.items())
    random.shuffle(items)
    assert keys.digest(dict(items)) == keys.digest(mapping)


@given(PLAIN, PLAIN)
def test_different_plain_data_have_different_digests(one, other):
    assert (keys.digest(one) == keys.digest(other)) == (repr_of(one) == repr_of(other))


def repr_of(value):
    """Tell apart what JSON tells apart: 1 and 1.0 and True, but not the order of keys."""
    if isinstance(value, dict):
        return {name: repr_of(held) for name, held in value.items()}
    return [repr_of(held) for held in value] if isinstance(value, list) else repr(value)


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", {"a": {3}}])
def test_what_is_not_plain_data_has_no_digest(value):
    with pytest.raises(TypeError, match="not plain data"):
        keys.digest(value)


def test_every_setting_changes_the_key():
    fields = {field.name for field in dataclasses.fields(RunSettings)}
    assert set(OTHER) == fields - {"precision"}  # which has one value only
    made = [run_key(SETTINGS, DATA, CODE, VERSIONS)] + [
        run_key(dataclasses.replace(SETTINGS, **{name: value}), DATA, CODE, VERSIONS)
        for name, value in OTHER.items()
    ]
    assert len(set(made)) == len(OTHER) + 1


def test_every_part_of_the_view_changes_the_key():
    drawn = View("mnist", per_class=3, seed=1)
    views = [
        View("cifar10"),
        View("mnist"),
        View("mnist", transform={"name": "channels", "channels": 3}),
        View("mnist", transform={"name": "channels", "channels": 2}),
        drawn,
        dataclasses.replace(drawn, per_class=4),
        dataclasses.replace(drawn, seed=2),
    ]
    made = {
        run_key(dataclasses.replace(SETTINGS, view=view), DATA, CODE, VERSIONS) for view in views
    }
    assert len(made) == len(views)


def test_data_code_and_each_version_change_the_key():
    here = run_key(SETTINGS, DATA, CODE, VERSIONS)
    assert here == run_key(SETTINGS, DATA, CODE, dict(reversed(VERSIONS.items())))
    changed = [
        run_key(SETTINGS, "e" * 64, CODE, VERSIONS),
        run_key(SETTINGS, DATA, "2", VERSIONS),
        *(run_key(SETTINGS, DATA, CODE, VERSIONS | {name: "9"}) for name in VERSIONS),
        run_key(SETTINGS, DATA, CODE, VERSIONS | {"keras": "3"}),
    ]
    assert here not in changed
    assert len(set(changed)) == len(changed)


def test_versions_are_those_that_are_imported():
    import numpy

    assert keys.library_versions()["numpy"] == numpy.__version__
    assert set(keys.library_versions()) == {"tensorflow", "keras", "numpy"}


PROJECT = {
    "experiments/__init__.py": "SECTIONS = ('a',)",
    "experiments/top.py": "from experiments.lab import near\nimport experiments.lab.plain\nX = 1",
    "experiments/lab/__init__.py": "'''A package.'''",
    "experiments/lab/near.py": "from . import relative\n\ndef f():\n    from .inner import late\n",
    "experiments/lab/relative.py": "from ..lab.inner.deep import value\nR = [1, 2]",
    "experiments/lab/plain.py": "class P:\n    '''Doc.'''\n    a: int = 1\n",
    "experiments/lab/inner/__init__.py": "",
    "experiments/lab/inner/late.py": "if True:\n    import experiments.lab.conditional as c",
    "experiments/lab/inner/deep.py": "value = lambda x: f'{x!r:>{10}} and {x}'",
    "experiments/lab/conditional.py": "async def g():\n    return b'bytes', 1e-3, 2j, ...",
    "experiments/lab/unrelated.py": "U = 1",
}
REACHED = set(PROJECT) - {"experiments/__init__.py", "experiments/lab/unrelated.py"}


def test_number_of_jobs_is_no_part_of_a_runs_settings():
    names = {field.name for field in dataclasses.fields(RunSettings)}
    assert not names & {"jobs", "workers", "output", "author"}


@pytest.mark.parametrize("seed", ["0", "1"])
def test_keys_do_not_depend_on_the_processs_hashing(seed):
    code = textwrap.dedent("""
        from experiments.lab.data.views import View
        from experiments.lab.settings import RunSettings
        from experiments.lab.store.runs import run_key
        cell = {"units": 8, "cell": "GRU"}
        settings = RunSettings(View("mnist"), "recurrent", cell, seed=1, length=2)
        print(run_key(settings, "data", "1", {"numpy": "2"}))
    """)
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=keys.PROJECT,
        env={"PYTHONHASHSEED": seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    settings_here = RunSettings(View("mnist"), "recurrent", {"cell": "GRU", "units": 8}, 1, 2)
    assert ran.stdout.strip() == run_key(settings_here, "data", "1", {"numpy": "2"})


def test_keys_are_24_hex_digits():
    made = {
        run_key(dataclasses.replace(SETTINGS, seed=seed), DATA, CODE, VERSIONS) for seed in range(9)
    }
    assert all(len(key) == 24 and set(key) <= set("0123456789abcdef") for key in made)
    assert all(one != other for one, other in itertools.combinations(made, 2))
