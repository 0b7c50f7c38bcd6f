"""Tests of reading source files: what is a definition, what it names, what leaves a trace."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.store.definitions import CLASS, FUNCTION, REGISTRY, VALUE, read_module
from experiments.lab.store.sourcefiles import SourceFiles

NAME = "experiments.lab.m"


def read(source, is_package=False):
    return read_module(source, NAME, is_package)


def only(source):
    """Return the one definition of a source."""
    (made,) = read(source).definitions.values()
    return made


def here(*names):
    return tuple((f"{NAME}.{name}",) for name in names)


BINDING = {
    "x = 1": "x",
    "x: int = 1": "x",
    "x: int": "x",
    "x += 1": "x",
    "x = y = 1": "xy",
    "a, (b, *c), _ = f()": "abc_",
    "[a, b] = f()": "ab",
    "if t:\n    a = 1\nelif u:\n    b = 1\nelse:\n    c = 1": "abc",
    "try:\n    a = 1\nexcept E as e:\n    b = 2\nelse:\n    c = 3\nfinally:\n    d = 4": "abcd",
    "for i, j in z:\n    k = i\nelse:\n    m = 1": "ijkm",
    "with o() as f, p() as (g, h):\n    d = f": "dfgh",
    "while (n := g()):\n    m = n": "nm",
    "match v:\n    case [p, *q]:\n        r = 1\n    case {'k': s, **t}:\n        pass": "pqrst",
    "x = [i for i in y if (z := i)]": "xz",
    "x = lambda y: (y, [z for z in y])": "x",
    "def f(a):\n    b = 1": "f",
    "async def f(a):\n    b = 1": "f",
    "class C:\n    a = 1": "C",
    "if t:\n    def f(): b = 1\n    class C: pass": "fC",
}


@pytest.mark.parametrize("statement", BINDING)
def test_every_way_to_bind_a_name_at_the_top_makes_a_definition(statement):
    assert set(read(statement).definitions) == set(BINDING[statement])


@pytest.mark.parametrize(
    ("source", "bindings"),
    [
        ("import a", {"a": ("a",)}),
        ("import a.b", {"a": ("a",)}),
        ("import a.b as c", {"c": ("a.b",)}),
        ("from a.b import c, d as e", {"c": ("a.b.c",), "e": ("a.b.d",)}),
        ("from . import d", {"d": ("experiments.lab.d",)}),
        ("from .x import y as z", {"z": ("experiments.lab.x.y",)}),
        ("from ..x import y", {"y": ("experiments.x.y",)}),
        ("if TYPE_CHECKING:\n    from a import b", {"b": ("a.b",)}),
        ("try:\n    import a as x\nexcept E:\n    import b as x", {"x": ("a", "b")}),
        ("def f():\n    import a", {}),
    ],
)
def test_imports_bind_names_to_dotted_paths(source, bindings):
    assert read(source).bindings == bindings


def test_relative_import_of_a_package_starts_in_the_package():
    assert read("from .x import y", is_package=True).bindings == {"y": (f"{NAME}.x.y",)}


def test_module_imports_what_runs_at_import_and_nothing_for_types_or_of_libraries():
    source = """
import numpy, experiments.a.b
from experiments.c import d
if typing.TYPE_CHECKING:
    import experiments.types
if ready:
    import experiments.maybe
def f():
    import experiments.late
"""
    made = read(source)
    assert made.imports == ("experiments.a.b", "experiments.c.d", "experiments.maybe")
    assert made.definitions["f"].imports == ("experiments.late",)
    assert made.effects is None


@pytest.mark.parametrize(
    ("statement", "is_effect"),
    [
        ("print(x)", True),
        ("TABLE['x'] = 1", True),
        ("np.thing.x += 1", True),
        ("del x", True),
        ("assert x", True),
        ("raise E", True),
        ("if x:\n    f()", True),
        ("try:\n    import a\n    a.begin()\nexcept E:\n    pass", True),
        ("for i in x:\n    TABLE[i] = 1", True),
        ("with f():\n    pass", True),
        ("while f():\n    pass", True),
        ("x = f()", False),
        ("'a note'", False),
        ("...", False),
        ("import a", False),
        ("pass", False),
        ("if x:\n    y = 1", False),
        ("try:\n    import a\nexcept E:\n    a = None", False),
        ("if x:\n    def f(): g()", False),
        ("def f(): g()", False),
        ("class C:\n    x = f()", False),
        ("if __name__ == '__main__':\n    main()", False),
    ],
)
def test_statements_that_do_something_at_import_are_effects(statement, is_effect):
    made = read(f"'''Module.'''\n{statement}")
    assert (made.effects is not None) == is_effect


def test_effect_names_what_it_uses():
    made = read("def f(): ...\nT = {}\nT['x'] = f('y')")
    assert made.effects.references == here("T", "f")
    assert made.effects.strings == {"x", "y"}


@pytest.mark.parametrize(
    "added", ["X += 1", "X = 2", "X['k'] = 1", "X.a.b = 1", "del X[0]", "for X in y: pass"]
)
def test_every_statement_that_binds_or_changes_a_name_counts(added):
    one, other = (read(source).definitions["X"] for source in ("X = f()", f"X = f()\n{added}"))
    assert one.digest != other.digest


def test_change_to_a_part_of_another_modules_value_is_an_effect_alone():
    made = read("from a import T\nX = 1\nT['k'] = X")
    assert set(made.definitions) == {"X"}
    assert made.effects.references == here("X")


FUNCTION_SOURCE = '''
import keras
from experiments.a import tool
LIMIT = 1

@tool.wrapped
def f(x: "list[LIMIT]", y=LIMIT) -> "Wrong [":
    """Doc."""
    # comment
    from experiments.b import late
    def inner(LIMIT):
        return late.g(x.size, keras.layers.Dense)
    return getattr(inner(y)[0].shape, "name" "d"), "a.b"
'''


def test_references_stand_in_the_order_of_the_normalized_text():
    made = read(FUNCTION_SOURCE).definitions["f"]
    assert made.kind == FUNCTION
    assert set(made.references) == {
        ("experiments.a.tool.wrapped",),
        ("experiments.b.late.g",),
        *here("LIMIT"),
    }
    # The annotation and the default.
    assert made.references.count((f"{NAME}.LIMIT",)) == 2
    assert made.references == read(FUNCTION_SOURCE + "\nLAST = 1").definitions["f"].references


def test_strings_and_attributes_that_may_name_something_are_kept():
    made = read(FUNCTION_SOURCE).definitions["f"]
    assert made.strings >= {"named", "a.b", "a", "b"}
    assert "Doc." not in made.strings
    assert made.attributes == {"size", "layers", "Dense", "shape"}


def test_prose_is_no_name():
    assert only(f"x = {'word ' * 20!r}").strings == frozenset()


def test_local_variable_called_as_a_definition_adds_a_dependency_and_hides_none():
    made = read("def g(): ...\ndef f(g):\n    g = 1\n    return g()").definitions["f"]
    assert set(made.references) == {(f"{NAME}.g",)}


def test_local_import_hides_neither_an_import_nor_a_definition_of_the_module():
    source = "from a import x\ndef f():\n    from experiments.b import x, y\n    x, y\ndef y(): ..."
    made = read(source).definitions["f"]
    assert made.references == (("experiments.b.x", "a.x"), ("experiments.b.y", f"{NAME}.y"))


def test_name_that_a_function_makes_global_is_a_reference():
    assert read("X = 1\ndef f():\n    global X").definitions["f"].references == here("X")


def test_attribute_in_a_pattern_is_kept():
    assert only("def f(x):\n    match x:\n        case C(size=1): ...").attributes == {"size"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(x): return x", "def f(x):\n    '''Doc.'''\n    # why\n    return (x)\n"),
        ("def f(): return 'a'", 'def f():\n    import a.b\n    return "a"'),
        ("def f(): return 1000", "def g(): return 1_000"),
        ("import a\ndef f(): a.b.c()", "from a import b as d\ndef f(): d.c()"),
        ("import a\ndef f(): a.b.c()", "def f():\n    from a.b import c as e\n    e()"),
        ("def g(): ...\ndef f(): g()", "def f(): h()\ndef h(): ..."),
        ("class C:\n    x = 1\n    def f(self): ...", "class D:\n    def g(self): ...\n    x = 1"),
        (
            "class C:\n    def __len__(self): ...\n    def __iter__(self): ...",
            "class C:\n    '''Doc.'''\n    def __iter__(self): ...\n    def __len__(self): ...",
        ),
    ],
)
def test_what_does_not_matter_leaves_no_trace(one, other):
    assert of_interest(one) == of_interest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'ab'", "x = f'ab'"),
        ("x = f'{a!r}'", "x = f'{a!s}'"),
        ("def f(a): a[1:]", "def f(a): a[:1]"),
        ("def f(a): f(a)", "def f(a): f(*a)"),
        ("def f(a=None): x", "def f(a): x"),
        ("def f(a): a < b", "def f(a): a <= b"),
        ("def f(): ...", "async def f(): ..."),
        ("def f(): ...", "@a\ndef f(): ..."),
        ("def f(a: int): ...", "def f(a: str): ..."),
        ("def f(): x = 1\n", "def f():\n    x = 1\n    'no docstring'"),
        ("import a\ndef f(): a.b()", "import a\ndef f(): a.c()"),
        ("import a\ndef f(): a.b()", "import b as a\ndef f(): a.b()"),
        ("def f(): a.b()", "import a\ndef f(): a.b()"),
        ("class C: x = 1", "class C: x = 2"),
        ("class C: x = 1", "class C(B): x = 1"),
        ("class C:\n    def __len__(self): 1", "class C:\n    def __len__(self): 2"),
        ("class C:\n    @a\n    def __len__(self): 1", "class C:\n    def __len__(self): 1"),
    ],
)
def test_small_changes_of_meaning_change_the_digest(one, other):
    assert of_interest(one) != of_interest(other)


def of_interest(source):
    """Return the digest of `f` or of the only definition."""
    made = read(source).definitions
    return made.get("f", list(made.values())[0]).digest


STATEMENTS = (*BINDING, *FUNCTION_SOURCE.split("\n\n"))


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_reformatting_changes_nothing(statements):
    source = "\n".join(statements)
    again = ast.unparse(ast.parse(source))
    assert read(again) == read(source)


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_module_survives_being_written_as_json(statements):
    made = read("\n".join(statements))
    assert type(made).from_json(made.to_json()) == made


CLASS_SOURCE = """
class C(Base[int]):
    limit: int = 3
    reading = property(_read)
    def __init__(self): ...
    def _read(self): return self.limit
    @property
    def size(self): return 1
    @size.setter
    def size(self, value): ...
    @_wrapped
    def used(self): ...
    def _wrapped(method): ...
    def plain(self, key=_key): ...
    def _key(self): ...
"""


def test_methods_are_parts_of_a_class_and_those_with_two_underscores_are_not():
    made = only(CLASS_SOURCE)
    assert made.kind == CLASS
    assert set(made.parts) == {"_read", "size", "used", "_wrapped", "plain", "_key"}


def test_class_names_the_methods_that_its_own_statements_use():
    assert only(CLASS_SOURCE).attributes == {"_read", "_wrapped", "_key"}


def test_both_definitions_of_a_property_count():
    other = CLASS_SOURCE.replace("def size(self, value): ...", "def size(self, value): 1")
    changed = {
        name
        for name, part in only(CLASS_SOURCE).parts.items()
        if part.digest != only(other).parts[name].digest
    }
    assert changed == {"size"}
    assert only(CLASS_SOURCE).digest == only(other).digest


@pytest.mark.parametrize(
    ("head", "exposed"),
    [
        ("class C", False),
        ("class C(object)", False),
        ("class C(ValueError)", False),
        ("class C(NamedTuple)", False),
        ("class C(Generic[T], Protocol)", False),
        ("@dataclasses.dataclass(frozen=True)\nclass C", False),
        ("@local\nclass C", False),
        ("class C(Local)", False),
        ("class C(keras.Model)", True),
        ("class C(Local, keras.Model)", True),
        ("class C(Mapping[str, int])", True),
        ("class C(dict)", True),
        ("class C(unknown())", True),
        ("class C(metaclass=Meta)", True),
        ("@keras.saving.register_keras_serializable('a')\nclass C", True),
    ],
)
def test_class_on_a_library_is_exposed_to_it_unless_it_is_known_to_be_harmless(head, exposed):
    imports = "import dataclasses, keras\nfrom typing import Generic, NamedTuple, Protocol\n"
    imports += "from collections.abc import Mapping\nfrom experiments.a import Local, local\n"
    made = read(f"{imports}{head}:\n    def f(self): ...").definitions["C"]
    assert made.exposed == exposed
    assert made.bases == (("experiments.a.Local",) if "Local" in head else ())


REGISTRIES = "from experiments.lab.store.registry import Registry as R\ndef f(): ...\n"


def test_registry_has_its_entries_as_parts_and_nothing_of_them_in_its_own_text():
    source = REGISTRIES + "T = R('thing', {'one': f, 'two': lambda: f('x')})"
    made = read(source).definitions["T"]
    assert made.kind == REGISTRY
    assert set(made.parts) == {"one", "two"}
    assert made.parts["two"].references == here("f")
    assert not made.strings & {"one", "two", "x"}
    other = read(source.replace("'two'", "'three'")).definitions["T"]
    assert other.digest == made.digest


@pytest.mark.parametrize(
    "statement",
    [
        "T = R('thing', {'one': f, **more})",
        "T = R('thing', {key: f})",
        "T = R('thing', entries)",
        "T = R('thing', entries={'one': f})",
        "T = R('thing', {'one': f, 'one': f})",
        f"T = R('thing', {{{'long' * 20!r}: f}})",
        "T = Other('thing', {'one': f})",
        "T = R('thing', {'one': f})\nT['two'] = f",
        "T, U = R('thing', {'one': f}), 1",
    ],
)
def test_what_is_no_literal_registry_is_a_value_with_all_that_it_names(statement):
    made = read(REGISTRIES + statement).definitions["T"]
    assert (made.kind, dict(made.parts)) == (VALUE, {})


@pytest.fixture
def project(tmp_path):
    (tmp_path / "experiments" / "lab").mkdir(parents=True)
    (tmp_path / "experiments" / "__init__.py").write_text("TOP = 1")
    (tmp_path / "experiments" / "lab" / "m.py").write_text("def f(): ...")
    return tmp_path


def test_modules_are_found_by_their_dotted_names(project, own_memory):
    files = SourceFiles(project)
    assert set(files.module("experiments").definitions) == {"TOP"}
    assert set(files.module("experiments.lab.m").definitions) == {"f"}
    assert not files.module("experiments.lab").definitions  # a folder without __init__.py
    assert "experiments.none" not in files
    with pytest.raises(KeyError):
        files.module("experiments.none")


@pytest.fixture
def parsed(monkeypatch):
    """The sources that were parsed."""
    held, real = [], ast.parse

    def parse(source, *given, **named):
        held.append(source)
        return real(source, *given, **named)

    monkeypatch.setattr(ast, "parse", parse)
    return held


def module(project, overlay=None):
    files = SourceFiles(project, overlay)
    made = files.module("experiments.lab.m")
    files.remember()
    return made


def test_what_was_read_is_remembered_by_its_content(project, own_memory, parsed):
    first = module(project)
    assert len(parsed) == 1
    assert module(project) == first
    assert len(parsed) == 1
    (project / "experiments" / "lab" / "m.py").write_text("def g(): ...")
    assert set(module(project).definitions) == {"g"}
    assert len(parsed) == 2


def test_overlay_stands_in_the_place_of_a_file_and_is_not_remembered(project, own_memory, parsed):
    overlay = {"experiments/lab/m.py": "def h(): ...", "experiments/new.py": "N = 1"}
    assert set(module(project, overlay).definitions) == {"h"}
    assert "experiments.new" in SourceFiles(project, overlay)
    assert not own_memory.exists()
    assert set(module(project).definitions) == {"f"}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"null"])
def test_damaged_memory_is_forgotten(project, own_memory, content):
    first = module(project)
    (memory,) = own_memory.glob("definitions-*.json")
    memory.write_bytes(content)
    assert module(project) == first
