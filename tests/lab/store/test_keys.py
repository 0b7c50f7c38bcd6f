"""Property tests of keys: what matters changes one, what does not does not."""

import ast
import dataclasses
import itertools
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings
from experiments.lab.store import keys
from experiments.lab.store.runs import run_key
from experiments.lab.training import sourcecode

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
DATA, CODE, VERSIONS = "f" * 64, {"a.py": "1", "b.py": "2"}, {"tensorflow": "2", "numpy": "1"}


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


def test_data_code_and_each_version_change_the_key_and_their_order_does_not():
    here = run_key(SETTINGS, DATA, CODE, VERSIONS)
    assert here == run_key(SETTINGS, DATA, dict(reversed(CODE.items())), VERSIONS)
    changed = [
        run_key(SETTINGS, "e" * 64, CODE, VERSIONS),
        *(run_key(SETTINGS, DATA, CODE | {name: "changed"}, VERSIONS) for name in CODE),
        *(run_key(SETTINGS, DATA, CODE, VERSIONS | {name: "9"}) for name in VERSIONS),
        run_key(SETTINGS, DATA, CODE | {"c.py": "3"}, VERSIONS),
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


@pytest.fixture
def project(tmp_path):
    for name, text in PROJECT.items():
        write(tmp_path / name, text)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_imports_are_followed_in_functions_conditions_and_relatively(project):
    assert set(keys.source_digests(["experiments.top"], project)) == REACHED


@pytest.mark.parametrize("name", sorted(REACHED))
def test_statement_added_to_any_imported_module_changes_its_digest_alone(project, name):
    before = keys.source_digests(["experiments.top"], project)
    write(project / name, PROJECT[name] + "\nadded = 1\n")
    after = keys.source_digests(["experiments.top"], project)
    assert {it for it in after if after[it] != before[it]} == {name}


def test_module_that_is_not_imported_changes_nothing(project):
    before = keys.source_digests(["experiments.top"], project)
    write(project / "experiments/lab/unrelated.py", "U = 2")
    write(project / "experiments/__init__.py", "SECTIONS = ('a', 'b')")
    assert keys.source_digests(["experiments.top"], project) == before


def test_unknown_module_is_an_error(project):
    with pytest.raises(ModuleNotFoundError, match=r"experiments\.none"):
        keys.source_digests(["experiments.none"], project)


def test_digests_are_the_same_with_and_without_what_is_remembered(project, monkeypatch):
    first = keys.source_digests(["experiments.top"], project)
    parsed = []
    real = ast.parse
    monkeypatch.setattr(
        ast, "parse", lambda *args, **named: parsed.append(1) or real(*args, **named)
    )
    assert keys.source_digests(["experiments.top"], project) == first
    assert not parsed
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(project / "empty"))
    assert keys.source_digests(["experiments.top"], project) == first
    assert len(parsed) == len(REACHED)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"null"])
def test_damaged_memory_is_forgotten(project, content):
    first = keys.source_digests(["experiments.top"], project)
    (memory,) = keys.cache_folder().glob("sources-*.json")
    memory.write_bytes(content)
    assert keys.source_digests(["experiments.top"], project) == first


def digest_of(source: str) -> str:
    return keys._normalized(ast.parse(source))


STATEMENTS = (
    "x = 1",
    "x: int = 1",
    "x += [1, 2.5, 'three', b'four', None, True]",
    "y = {'a': 1, **other, 'b': {2}}",
    "z = f'{x!r} {y:>{width}} {{}}' 'and more'",
    "def f(a, /, b=1, *c, d, e=2, **g):\n    return a @ b",
    "class C(B, metaclass=M):\n    def m(self):\n        yield from self.items",
    "with a as b, c:\n    pass",
    "try:\n    a()\nexcept* E as e:\n    raise X from e",
    "match x:\n    case {'k': [1, *rest], **more}:\n        pass\n    case C(a=1) | None:\n        y()",
    "for i, (j, *k) in z:\n    if i:\n        continue\n    else:\n        break",
    "lambda *a, b=1: (yield)",
    "x = a if b else (c := d)[1:2, ::3, ...]",
    "import a.b as c",
    "from . import d",
    "async def h():\n    async for x in y:\n        await z",
    "@decorated(1)\ndef k() -> int: ...",
    "a < b <= c is not d not in e",
    "global_value = not -x ** 2 // 3 % 4 << 5 & 6 | 7 ^ ~8",
)


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4))
@settings(max_examples=50)
def test_reformatting_changes_nothing(statements):
    source = "\n".join(statements)
    assert digest_of(ast.unparse(ast.parse(source))) == digest_of(source)


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4), st.data())
@settings(max_examples=50)
def test_comments_and_blank_lines_change_nothing(statements, data):
    lines = "\n".join(statements).splitlines()
    extras = [data.draw(st.sampled_from(["", "\n", "# a comment\n"])) for _ in lines]
    commented = [extra + line for extra, line in zip(extras, lines, strict=True)]
    assert digest_of("\n".join(commented) + "  # last") == digest_of("\n".join(lines))


def test_every_two_statements_differ():
    made = [digest_of(statement) for statement in STATEMENTS]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("opening", ["def f():", "async def f():", "class C:"])
def test_docstring_changes_nothing_and_a_string_elsewhere_does(opening):
    bare = digest_of(f"{opening}\n    x = 1")
    assert digest_of(f"'''Module.'''\n{opening}\n    '''Doc.'''\n    x = 1") == bare
    assert digest_of(f"{opening}\n    x = 1\n    'not a docstring'") != bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = None", "x = ''"),
        ("f(a)", "f(*a)"),
        ("{**a}", "{a: a}"),
        ("x[1:]", "x[:1]"),
        ("x = 'ab'", "x = f'ab'"),
        ("return_ = f'{a}{b}'", "return_ = f'{a} {b}'"),
        ("f'{a!r}'", "f'{a!s}'"),
        ("def f(a=None): x", "def f(a): x"),
        ("from a import b", "from .a import b"),
        ("a < b", "a <= b"),
        ("x: int", "x: int = 1"),
    ],
)
def test_small_changes_of_meaning_change_the_text(one, other):
    assert digest_of(one) != digest_of(other)


def test_training_code_has_all_that_trains_and_nothing_that_only_prints():
    code = set(sourcecode.training_code())
    lab = "experiments/lab/"
    wanted = {"course.py", "training.py", "networks.py", "data.py", "devices.py", "settings.py"}
    assert {lab + name for name in wanted} <= code
    assert not any(name.startswith("rendering/") for name in code)
    assert "experiments/__init__.py" not in code


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
        print(run_key(settings, "data", {"b": "2", "a": "1"}, {"numpy": "2"}))
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
    assert ran.stdout.strip() == run_key(
        settings_here, "data", {"a": "1", "b": "2"}, {"numpy": "2"}
    )


def test_keys_are_24_hex_digits():
    made = {
        run_key(dataclasses.replace(SETTINGS, seed=seed), DATA, CODE, VERSIONS) for seed in range(9)
    }
    assert all(len(key) == 24 and set(key) <= set("0123456789abcdef") for key in made)
    assert all(one != other for one, other in itertools.combinations(made, 2))
