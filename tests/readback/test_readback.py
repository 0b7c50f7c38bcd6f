"""What the report shows, read back: every number and image where it belongs, every sentence true.

After a change that is meant, `PYTHONPATH=.. python -m readback.texts [SECTION]` in tests/ writes the
texts again that are compared here; read what has changed in them.
"""

import difflib
import re

import pytest

from experiments import names
from rendering.checking.check import said
from rendering.checking.reading import read
from rendering.document.partials import TEMPLATES, partial

from . import branches, catalogue, meaning, oracle, printing, texts
from .scenes import MAIN

NAMES = list(catalogue.SCENES)
SHARED = ("comparisons.html", "wide.html")
UNREACHABLE: set[str] = set()  # branches that no record can take


@pytest.fixture(scope="module")
def shown():
    """What each section shows, traced once."""
    held = {}

    def lines(name):
        if name not in held:
            held[name] = texts.shown(name)
        return held[name]

    return lines


def difference(kept, made):
    lines = difflib.unified_diff(kept, made, "kept", "made", n=0, lineterm="")
    return "\n".join(lines)


def test_every_section_and_part_is_read_back():
    assert set(NAMES) == set(names())


@pytest.mark.parametrize("name", NAMES)
def test_everything_shown_comes_from_its_place_in_the_record_and_the_runs(shown, name):
    kept = (texts.HERE / "shown" / f"{name}.txt").read_text().splitlines()
    assert not difference(kept, shown(name))


@pytest.mark.parametrize("name", NAMES)
def test_words_beside_a_number_say_what_it_is_and_of_which_run(shown, name):
    lines = shown(name)
    assert meaning.contradictions(lines) == []
    record = [line for line in lines if line.startswith("record / ")]
    assert meaning.of_other_runs(lines, record) == []


@pytest.mark.parametrize("name", NAMES)
def test_text_is_the_kept_one_in_every_scene(name):
    kept = (texts.HERE / "gold" / f"{name}.txt").read_text().splitlines()
    assert not difference(kept, texts.gold(name).splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_statements_follow_from_the_numbers(name):
    for scene in catalogue.scenes(name):
        record = texts.record_in(name, scene)
        assert oracle.untrue(name, texts.text(name, scene), record) == [], scene


@pytest.mark.parametrize("name", [name for name in NAMES if name != "dataset"])
def test_nothing_but_the_section_on_data_knows_what_their_classes_are(name):
    words = texts.text(name, MAIN) + "".join(it.caption for it in texts.drawn(name)[1])
    assert not re.findall(r"\b(?:digits?|ten|10 classes)\b", words, re.IGNORECASE)


def test_section_on_own_data_does_not_say_what_the_published_ones_show():
    assert not re.findall(r"\b(?:digits?|ten|photographs)\b", texts.text("dataset", "own"))


@pytest.mark.parametrize("name", NAMES)
def test_marks_and_spaces_stand_where_they_belong(name):
    for scene in catalogue.scenes(name):
        assert oracle.misprinted(texts.text(name, scene)) == [], scene


@pytest.mark.parametrize("name", NAMES)
def test_every_number_and_comparison_has_its_origin_in_every_scene(name):
    around = catalogue.around(name)
    for scene in catalogue.scenes(name):
        record = texts.record_in(name, scene)
        page = read(printing.traced(record, around))
        results = printing.results_of(record, around)
        assert list(said(page, results)) == [], scene


def test_every_branch_of_every_template_is_taken_by_a_scene():
    for name in NAMES:
        for scene in catalogue.scenes(name):
            texts.text(name, scene)
    taken = branches.environment().branches
    files = [partial(name) for name in NAMES] + list(SHARED)
    assert all((TEMPLATES / file).exists() for file in files)
    missed = {one for file in files for one in taken.missed(file)}
    assert missed == UNREACHABLE


def test_same_thing_has_the_same_colour_throughout_a_section():
    for name in NAMES:
        assert texts.recoloured(name) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("figure a / Loss / LSTM / training / epoch = c.epoch[*] / loss = c.validation_loss[*]",
         "training shows c.validation_loss[*]"),
        ("figure a /  / LSTM / bars / test accuracy (%) = rows[GRU 64].test_accuracy[0]",
         "LSTM stands by rows[GRU 64]"),
        ("figure a /  / LSTM / points / iteration = c.LSTM.loss[*] / loss = c.LSTM.iteration[*]",
         "'iteration' shows c.LSTM.loss[*]"),
        ("figure a /  / test accuracy (%) / cells / rows cell LSTM, GRU / columns units 64, 128"
         " = rows[LSTM 64, GRU 64].test_accuracy[0]; rows[LSTM 128, SimpleRNN 128].test_accuracy[0]",
         "GRU stands by rows[LSTM 128, SimpleRNN 128]"),
        ("table a / Cell LSTM / Test = {rows[LSTM 64].validation_accuracy[0]}",
         "'Test' shows rows[LSTM 64].validation_accuracy[0]"),
    ],
)  # fmt: skip
def test_rules_see_what_is_under_another_name(line, said):
    assert any(said in one for one in meaning.contradictions([line]))


def test_number_of_another_run_than_the_one_named_is_seen():
    line = "figure a /  / GRU / bars / test accuracy (%) = rows[0].test_accuracy[0]"
    record = ["record / rows[0] = recurrent LSTM 64: 7 under their own names",
              "record / rows[1] = recurrent GRU 64: 7 under their own names"]  # fmt: skip
    assert meaning.of_other_runs([line], record)
    assert not meaning.of_other_runs([line.replace("GRU", "LSTM")], record)


def test_main_scene_comes_first_of_all():
    assert all(next(iter(catalogue.scenes(name))) == MAIN for name in NAMES)


def _member(label, estimate, p_value):
    left, right = {"label": "A"}, {"label": label}
    return {
        "name": label, "left": left, "right": right, "estimate": estimate, "p_value": p_value,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "sound"),
    [
        ("A is better than each of the other 2, by 0.5 points at least (p ≤ 0.01).", True),
        ("A is better than each of the other 2, by 2.0 points at least (p ≤ 0.01).", False),
        ("A is better than each of the other 3, by 0.5 points at least (p ≤ 0.01).", False),
        ("C is better than each of the other 2, by 0.5 points at least (p ≤ 0.01).", False),
        ("A is tied with C.", False),
    ],
)
def test_sentence_about_all_of_a_set_is_held_against_every_member(sentence, sound):
    members = {"B": _member("B", 0.02, 0.001), "C": _member("C", 0.005, 0.01)}
    best = {**_member("each of 2 others", 0.005, 0.01), "name": "best", "members": ["B", "C"]}
    assert (oracle.compared(sentence, {**members, "best": best}) == []) == sound


def test_what_cannot_be_told_apart_is_named_whole():
    members = {"B": _member("0.1", 0.02, 0.3), "C": _member("0.01", 0.005, 0.4)}
    best = {**_member("each of 2 others", 0.005, 0.4), "name": "best", "members": ["B", "C"]}
    claims = {**members, "best": best}
    assert oracle.compared("On the test images A is tied with 0.1 and 0.01.", claims) == []
    assert oracle.compared("On the test images A is tied with 0.1.", claims)
