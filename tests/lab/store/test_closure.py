"""Tests of closures on small made-up projects: what is followed, and what changes the key."""

import textwrap

import pytest

from experiments.lab.store.closure import DependencyGraph

pytestmark = pytest.mark.usefixtures("own_memory")

TOP = "experiments.top:root"
REGISTRY = """
from collections.abc import Mapping
class Registry(Mapping):
    def named(self, name): return self[name]
    def __getitem__(self, name): ...
"""


@pytest.fixture
def graph(tmp_path):
    """Return the graph of a made-up project: `graph(top=..., a=...)`, texts by module."""

    def made(**modules):
        texts = {f"experiments/{name}.py": textwrap.dedent(text) for name, text in modules.items()}
        return DependencyGraph(tmp_path, {"experiments/lab/store/registry.py": REGISTRY, **texts})

    return made


@pytest.fixture
def reached(graph):
    """Return what the roots of a project reach, without the package's name."""

    def names(*settings, roots=(TOP,), **modules):
        found = graph(**modules).closure(roots, settings).reached
        return {it.removeprefix("experiments.") for it in found} - {"top:root"}

    return names


@pytest.fixture
def key(graph):
    """Return the key of `root`, or of other roots, in a project."""
    return lambda *settings, roots=(TOP,), **modules: graph(**modules).closure(roots, settings).key


@pytest.mark.parametrize(
    ("imported", "used"),
    [
        ("from experiments.a import f", "f"),
        ("from experiments.a import f as g", "g"),
        ("from experiments import a", "a.f"),
        ("from experiments import a as b", "b.f"),
        ("import experiments.a", "experiments.a.f"),
        ("import experiments.a as b", "b.f"),
        ("from .a import f", "f"),
        ("from . import a", "a.f"),
        ("from experiments.shop import sold", "sold"),
        ("from experiments import shop", "shop.sold"),
        ("from experiments import shop", "shop.a.f"),
        ("from experiments.room import f", "f"),
        ("from experiments import room", "room.f"),
    ],
)
@pytest.mark.parametrize("local", [False, True])
def test_reference_is_followed_through_every_kind_of_import(reached, key, imported, used, local):
    body = f"\ndef root():\n    {imported if local else 'pass'}\n    return {used}(1)"
    modules = {
        "top": ("" if local else imported) + body,
        "a": "def f(x): ...\ndef unused(): ...",
        "shop": "from experiments import a\nfrom experiments.a import f as sold",
        "room/__init__": "from ..a import f",
    }
    assert reached(**modules) == {"a:f"}
    plain = "from experiments.a import f\ndef root():\n    return f(1)"
    if not local:
        plain = plain.replace("return", "pass\n    return")
    assert key(**modules) == key(top=plain, a=modules["a"])


@pytest.mark.parametrize(
    "use",
    [
        "return f()",
        "return [f() for _ in x]",
        "return lambda: f",
        "def inner():\n        return f()",
        "class Inner:\n        g = f",
        "x: 'list[f]' = 1",
        "from experiments.a import late\n    late()",
    ],
)
def test_every_place_of_a_name_in_a_function_is_followed(reached, use):
    top = f"from experiments.a import f\ndef root(x):\n    {use}"
    assert "a:f" in reached(top=top, a="def f(): ...\ndef late(): return f()")


@pytest.mark.parametrize(
    "head",
    [
        "@f\ndef root(): ...",
        "@f(1)\ndef root(): ...",
        "def root(x=f): ...",
        "def root(*, x=f()): ...",
        "def root(x: f): ...",
        "def root() -> 'f': ...",
        "root = f",
        "root = lambda: f()",
        "root, _ = f()",
        "root, *rest = [f]",
        "root: f = 1",
        "root = 1\nroot += f()",
        "root = {}\nroot['x'] = f",
        "if f():\n    root = 1",
        "try:\n    root = 1\nexcept ValueError:\n    root = f",
        "for root in f(): pass",
        "with f() as root: pass",
        "class root(f): ...",
        "@f\nclass root: ...",
        "class root:\n    x = f",
        "class root:\n    def __len__(self): f()",
    ],
)
def test_decorators_defaults_annotations_and_every_way_to_bind_are_followed(reached, head):
    assert "a:f" in reached(top=f"from experiments.a import f\n{head}", a="def f(): ...")


def test_names_for_the_type_checker_are_followed(reached):
    top = """
        if TYPE_CHECKING:
            from experiments.a import Kind
        def root(x: "Kind | None"): ...
    """
    assert reached(top=top, a="class Kind: ...") == {"a:Kind"}


def test_module_as_a_value_brings_all_of_its_definitions(reached):
    modules = {
        "top": "from experiments import a\ndef root(): return vars(a)",
        "a": "from experiments.b import f\nX = 1\ndef g(): return f()",
        "b": "def f(): ...\ndef unused(): ...",
    }
    assert reached(**modules) == {"a:*", "a:X", "a:g", "b:f"}


def test_name_that_a_module_gets_some_other_way_may_be_any_of_its_definitions(reached):
    top = "from experiments import a\ndef root(): return a.made"
    assert reached(top=top, a="def __getattr__(name): ...\nX = 1") == {
        "a:*",
        "a:X",
        "a:__getattr__",
    }


def test_circular_imports_and_recursion_come_to_an_end(reached):
    modules = {
        "top": "from experiments.a import f\ndef root(): return f(root)",
        "a": "from experiments.b import f, g",
        "b": "from experiments.a import f\ndef g(): ...",
    }
    assert reached(**modules) == {"b:*", "b:g"}


SHAPES = """
    class Shape:
        sides = 0
        def __init__(self): self._begin()
        def _begin(self): ...
        def area(self): return helper()
        @property
        def size(self): ...
        def named(self): ...
        def unused(self): other()
    class Square(Shape):
        def area(self): ...
    def helper(): ...
    def other(): ...
"""


def test_methods_are_followed_where_their_name_occurs(reached):
    top = "from experiments.a import Square\ndef root(x): x.area, getattr(x, 'named'); Square"
    assert reached(top=top, a=SHAPES) == {
        *("a:Square", "a:Square.area", "a:Shape", "a:Shape.area", "a:Shape.named"),
        *("a:Shape._begin", "a:helper"),
    }


def test_method_is_followed_from_its_class_and_by_the_names_in_settings(reached):
    top = "from experiments import a\ndef root(x): a.Shape.unused"
    assert {"a:Shape.unused", "a:other"} <= reached(top=top, a=SHAPES)
    top = "from experiments import a\ndef root(x): a.Shape"
    assert "a:Shape.size" not in reached(top=top, a=SHAPES)
    assert "a:Shape.size" in reached("size", top=top, a=SHAPES)


def test_attributes_on_the_way_to_a_definition_name_no_methods(reached):
    modules = {"unused": "def f(): ...", "a": SHAPES}
    top = "from experiments import a, unused\ndef root(): a.Shape, unused.f()"
    assert "a:Shape.unused" not in reached(top=top, **modules)


def test_method_may_be_a_root(reached, graph):
    found = reached(roots=("experiments.a:Shape.unused",), a=SHAPES)
    assert found == {"a:Shape", "a:Shape._begin", "a:Shape.unused", "a:other"}


def test_library_may_call_all_methods_of_its_subclasses_and_of_what_is_mixed_in(reached):
    a = """
        import keras
        class Mixed:
            def call(self): return helper()
        class Layer(Mixed, keras.Layer):
            def build(self): ...
        class Below(Layer):
            def get_config(self): ...
        class Apart(Mixed):
            def lonely(self): ...
        def helper(): ...
    """
    top = "from experiments.a import Below, Apart\ndef root(): Below, Apart"
    methods = {"a:Mixed.call", "a:helper", "a:Layer.build", "a:Below.get_config"}
    assert reached(top=top, a=a) == {"a:Mixed", "a:Layer", "a:Below", "a:Apart"} | methods
    top = "from experiments.a import Apart\ndef root(): Apart"
    assert reached(top=top, a=a) == {"a:Apart", "a:Mixed"}


def test_base_that_is_a_value_may_be_a_librarys(reached):
    a = "import keras\nBase = keras.Model\nclass C(Base):\n    def call(self): ..."
    top = "from experiments.a import C\ndef root(): C"
    assert "a:C.call" in reached(top=top, a=a)


def test_effects_come_with_a_module_and_with_all_that_it_imports(reached):
    modules = {
        "top": "from experiments.a import f\ndef root(): return f()",
        "a": "import experiments.room.b\nfrom experiments import plain\ndef f(): ...",
        "plain": "X = 1",
        "room/__init__": "def g(): ...\ng()",
        "room/b": "from experiments.c import T\nT['x'] = 1",
        "c": "T = {}\nT['y'] = 2\ndef late():\n    import experiments.d",
        "d": "print('not imported')",
    }
    assert reached(**modules) == {
        "a:f",
        *("room:<effects>", "room:g", "room.b:<effects>", "c:T", "c:<effects>"),
    }
    modules["top"] = "def root():\n    import experiments.d"
    assert reached(**modules) == {"d:<effects>"}


REGISTRIES = """
    from experiments.lab.store.registry import Registry
    def one(): return deep()
    def two(): return 'three'
    def three(): ...
    def deep(): ...
    T = Registry("thing", {"one": one, "two": two, "three": lambda: three()})
"""
CHOOSING = "from experiments.a import T\ndef root(name): return T[name]"
ALWAYS = {"a:T", "lab.store.registry:Registry"}


def test_entries_of_a_registry_are_followed_by_name_alone(reached):
    def found(*settings, top=CHOOSING):
        return reached(*settings, top=top, a=REGISTRIES) - ALWAYS

    assert found() - {"lab.store.registry:Registry.named"} == set()
    assert {"a:T[one]", "a:one", "a:deep"} <= found("one")
    assert not {"a:two", "a:three"} & found("one")
    # A string in the code may mean anything: only settings choose.
    assert {"a:T[two]", "a:two"} <= found("two")
    assert "a:three" not in found("two")
    assert "a:two" not in found(top=CHOOSING + " or 'two'")


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("return deep()", "return deep() + 1", True),
        ('{"one"', '{"first"', True),
        ('"one": one', '"one": two', True),
        ('"thing"', '"other"', True),
        ("return 'three'", "return 'nothing'", False),
        ("lambda: three()", "lambda: one()", False),
        ('"two": two, ', "", False),
        ('"two": two, ', '"four": deep, "two": deep, ', False),
        ('"one": one, "two": two', '"two": two, "one": one', False),
    ],
)
def test_key_knows_the_named_entries_and_nothing_of_the_others(key, old, new, changes):
    before = key("one", top=CHOOSING, a=REGISTRIES)
    assert old in REGISTRIES
    after = key("one", top=CHOOSING, a=REGISTRIES.replace(old, new))
    assert (after != before) == changes


PROJECT = {
    "top": """
        import numpy as np
        from experiments.a import Shape, measure
        from experiments import b

        def root(x, scale=np.float32(2)):
            return measure(b.measure(x)) + Shape(scale).area() * b.LIMIT

        def unused(): ...
    """,
    "a": """
        class Shape:
            def __init__(self, size):
                self.size = size
            def area(self):
                return self.size ** 2
            def unused(self): ...

        def measure(x):
            return x + 1
    """,
    "b": """
        LIMIT = 3
        def measure(x):
            return x * helper(x)
        def helper(x):
            return 2
        print("loaded", helper)
    """,
}


def edited(*edits):
    """Return the project with (module, old, new) replaced; "" as the old text adds at the end."""
    made = {name: textwrap.dedent(text) for name, text in PROJECT.items()}
    for module, old, new in edits:
        text = made.get(module, "")
        assert old in text
        made[module] = text.replace(old, new) if old else f"{text}\n{textwrap.dedent(new)}"
    return made


MEASURE_A = "def measure(x):\n    return x + 1\n"
MEASURE_B = "def measure(x):\n    return x * helper(x)\n"
KEPT = {
    "comment": [("a", "return x + 1", "return x + 1  # more")],
    "docstring": [("a", "def measure(x):", "def measure(x):\n    '''Doc.'''")],
    "formatting": [("a", "x + 1", "(x\n        + 1)")],
    "unused function": [("top", "def unused(): ...", "def unused(): return 1")],
    "unused method": [("a", "def unused(self): ...", "def unused(self): return 1")],
    "alias of a library": [("top", "numpy as np", "numpy"), ("top", "np.", "numpy.")],
    "name from a library": [("top", "import numpy as np", "from numpy import float32 as np"),
                            ("top", "np.float32", "np")],
    "alias": [("top", "import b", "import b as d"), ("top", "b.", "d.")],
    "moved function": [
        ("a", MEASURE_A, ""),
        ("c", "", MEASURE_A),
        ("top", "import Shape, measure", "import Shape"),
        ("top", "from experiments import b", "from experiments import b, c"),
        ("top", "return measure", "return c.measure"),
    ],
    "re-exported function": [
        ("a", MEASURE_A, "from experiments.c import measure"),
        ("c", "", MEASURE_A),
    ],
    "local import": [("b", "    return x *", "    import os\n    return x *")],
    "order": [("a", MEASURE_A, ""), ("a", "class Shape", MEASURE_A + "class Shape")],
    "renamed function": [("b", "helper", "assistant")],
    "renamed value": [("b", "LIMIT", "BOUND"), ("top", "LIMIT", "BOUND")],
    "renamed class": [("a", "Shape", "Form"), ("top", "Shape", "Form")],
    "both swapped": [
        ("a", MEASURE_A, MEASURE_A.replace("measure", "moved")),
        ("top", "Shape, measure", "Shape, moved"),
        ("top", "return measure", "return moved"),
    ],
    "new module": [("c", "", "print('never imported')")],
}  # fmt: skip
CHANGED = {
    "function": [("a", "x + 1", "x + 2")],
    "deep function": [("b", "return 2", "return 3")],
    "value": [("b", "LIMIT = 3", "LIMIT = 4")],
    "value, changed later": [("b", "", "LIMIT += 1")],
    "method": [("a", "** 2", "** 3")],
    "method with two underscores": [("a", "= size", "= -size")],
    "renamed method": [("a", "area", "surface"), ("top", "area", "surface")],
    "class-level value": [("a", "class Shape:", "class Shape:\n    x = 1")],
    "base": [("a", "class Shape:", "class Shape(dict):")],
    "decorator": [("a", "def measure", "@staticmethod\ndef measure")],
    "default": [("top", "float32(2)", "float32(3)")],
    "library": [("top", "float32", "float64")],
    "another library": [("top", "numpy as np", "scipy as np")],
    "swapped use": [("top", "measure(b.measure(x))", "b.measure(measure(x))")],
    "swapped bodies": [
        ("a", "x + 1", "x * helper(x)"),
        ("a", "", "def helper(x):\n    return 2"),
        ("b", "x * helper(x)", "x + 1"),
    ],
    "effect": [("b", '"loaded"', '"read"')],
    "effect elsewhere": [("b", "LIMIT", "import experiments.c\nLIMIT"), ("c", "", "print(1)")],
    "effect, new": [("a", "", "print(1)")],
}


def test_made_up_project_reaches_what_it_should(reached):
    assert reached(**PROJECT) == {
        *("a:Shape", "a:Shape.area", "a:measure"),
        *("b:LIMIT", "b:measure", "b:helper", "b:<effects>"),
    }


@pytest.mark.parametrize("change", KEPT)
def test_key_does_not_depend_on_where_things_stand_and_how_they_are_written(key, change):
    assert key(**edited(*KEPT[change])) == key(**PROJECT)


@pytest.mark.parametrize("change", CHANGED)
def test_every_change_of_meaning_changes_the_key(key, graph, change):
    before, after = (graph(**it).closure([TOP]) for it in (PROJECT, edited(*CHANGED[change])))
    assert before.key != after.key
    assert dict(before.digests) != dict(after.digests)


def test_digests_name_what_was_changed_and_nothing_else(graph):
    before, after = (
        graph(**it).closure([TOP]).digests
        for it in (PROJECT, edited(("b", "return 2", "return 3")))
    )
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == {"experiments.b:helper"}


def test_key_knows_its_roots_and_their_order_but_no_root_twice(key):
    other = "experiments.a:measure"
    made = [key(roots=roots, **PROJECT) for roots in ([TOP], [TOP, other], [other, TOP], [other])]
    assert len(set(made)) == 4
    assert key(roots=[TOP, TOP], **PROJECT) == made[0]


def test_root_may_be_found_through_a_re_export(graph):
    found = graph(**PROJECT).closure(["experiments.top:measure"])
    assert found.reached[0] == "experiments.a:measure"


@pytest.mark.parametrize(
    ("root", "said"),
    [
        ("experiments.none:f", "no module 'experiments.none'"),
        ("experiments.a:none", "no definition 'none' in experiments.a"),
        ("experiments.a:Shape.none", r"no definition 'Shape\.none'"),
        ("experiments.a", "no definition ''"),
        ("experiments.top:np", "no definition 'np'"),
        ("numpy:array", "no module 'numpy'"),
    ],
)
def test_unknown_root_is_said(graph, root, said):
    with pytest.raises(ValueError, match=said):
        graph(**PROJECT).closure([root])


def test_files_give_the_same_as_texts_in_their_place(tmp_path, key, own_memory):
    for name, text in {**PROJECT, "lab/store/registry": REGISTRY}.items():
        path = tmp_path / "files" / "experiments" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    made = []
    for _ in range(2):
        graph = DependencyGraph(tmp_path / "files")
        made.append(graph.closure([TOP]))
        graph.remember()
    assert made[0] == made[1]
    assert made[0].key == key(**PROJECT)
    assert list(own_memory.glob("definitions-*.json"))
