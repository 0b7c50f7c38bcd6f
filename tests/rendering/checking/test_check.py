"""Each rule of `--check` passes a sound report, and fails one that breaks it."""

import json

import pytest
from sound_report import CLAIM, CLAIMED, FIGURE, FIGURES, PAGE, SECTION, SENTENCE, VALUE, pdf_of

from rendering.checking.check import NothingToCheck, faults, notes
from rendering.checking.reading import Wrong


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the report, with other sentences, page or results."""

    def write(sentence=SENTENCE, claimed=CLAIMED, page=PAGE, section=SECTION, left_out=None):
        (tmp_path / "figures").mkdir(exist_ok=True)
        for name in FIGURES:
            (tmp_path / "figures" / name).write_text("x")
        (tmp_path / "trials.csv").write_text("search,trial\nrecurrent,0\n")
        html = page.replace("{sentence}", sentence).replace("{claimed}", claimed)
        (tmp_path / "assignment2.html").write_text(html)
        results = {"sections": {"rnn": section}, "data": {}, "environment": {}}
        (tmp_path / "results.json").write_text(json.dumps(results))
        (tmp_path / "assignment2.pdf").write_bytes(pdf_of(tmp_path, **(left_out or {})))
        return tmp_path

    return write


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_sound_report_has_no_fault(written):
    assert list(faults(written())) == []


@pytest.mark.parametrize(
    "value, path, text",
    [
        ("0.6234", "rnn/scores/accuracy", "62.3\u202f%"),
        ("0.6234", "rnn/scores/accuracy", "0.62"),
        ("-0.6234", "-rnn/scores/accuracy", "−62.3 points"),
        ("2.5e-05", "rnn/scores/rate", "2.5 × 10⁻⁵"),
        ("0.012", "rnn/claims/same/estimate", "1.2 points"),
        ("0.0004", "rnn/claims/same/p_value", "p\u202f<\u202f0.001"),
        (
            "0.6234 0.012",
            "rnn/scores/accuracy rnn/claims/same/estimate",
            "62.3\u202f±\u202f1.2\u202f%",
        ),
        ("2", "rnn/facts/rows/length", "2\u00a0rows"),
        ("2", "each rnn/facts/rows/0 rnn/facts/rows/1", "2"),
        ("GRU 64", "rnn/facts/cell", "GRU 64"),
        ("0.1", "rnn/facts/0.1", "0.1"),
        ("2024-02-03T14:05:00+00:00", "rnn/built_at", "3\u00a0February 2024, 14:05"),
        ("492.3", "rnn/seconds", "8\u202fmin 12\u202fs"),
    ],
)
def test_value_at_its_rounding_is_no_fault(written, value, path, text):
    sentence = f'In this run <data value="{value}" data-path="{path}">{text}</data>.'
    assert list(faults(written(sentence))) == []


@pytest.mark.parametrize(
    "value, path, text, said",
    [
        ("0.6234", "rnn/scores/accuracy", "62.4\u202f%", "not 0.6234 at its rounding"),
        ("0.6234", "rnn/scores/accuracy", "6.23\u202f%", "not 0.6234 at its rounding"),
        ("0.6244", "rnn/scores/accuracy", "62.4\u202f%", "results.json has 0.6234"),
        ("0.6234", "rnn/scores/other", "62.3\u202f%", "has no rnn/scores/other"),
        ("0.6234", "gru/scores/accuracy", "62.3\u202f%", "has no gru/scores/accuracy"),
        ("-0.012", "-rnn/claims/same/estimate", "+1.2 points", "at its rounding"),
        ("2.5e-05", "rnn/scores/rate", "2.6 × 10⁻⁵", "at its rounding"),
        ("0.012", "rnn/claims/same/estimate", "p\u202f<\u202f0.001", "at its rounding"),
        ("3", "each rnn/facts/rows/0 rnn/facts/rows/1", "3", "results.json has 2"),
        ("GRU 64", "rnn/facts/cell", "GRU 128", "is not 'GRU 64'"),
        ("GRU 128", "rnn/facts/cell", "GRU 128", "has 'GRU 64'"),
        ("492.3", "rnn/seconds", "8\u202fmin 14\u202fs", "at its rounding"),
        ("2024-02-03T14:05:00+00:00", "rnn/built_at", "4\u00a0February 2024, 14:05", "is not"),
    ],
)
def test_value_that_is_not_that_of_the_results_is_a_fault(written, value, path, text, said):
    sentence = f'In this run <data value="{value}" data-path="{path}">{text}</data>.'
    assert said in only(list(faults(written(sentence))))


@pytest.mark.parametrize(
    "text",
    [
        "LeNet-5 has conv1.",
        "Tasks 1 and 2.",
        "On Caltech-101 and CIFAR-10.",
        "<code>--seeds 3</code>",
        '<a href="#answers">Table 3</a>',
        '<span class="elsewhere">Table A3 of the full edition</span>',
        '<data value="95" data-source="setting">95</data>',
        '<data value="96 filters" data-source="zeiler-2013">96 filters</data>',
    ],
)
def test_digit_of_a_name_reference_or_constant_is_no_fault(written, text):
    assert list(faults(written(f"In this run {text}"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "In this run 97 images are read.",
        "In this run, as in the paper, 97 images are read.",
        "In this run, as reported in the paper, it is 97.",
        "In this run top97 is read.",
        "</p><table><tr><td>97 of all</td></tr></table><p>In this run.",
        '</p><p class="note">Of 97.</p><p>In this run.',
    ],
)
def test_typed_number_is_a_fault(written, text):
    assert "97 has no origin" in only(list(faults(written(text))))


@pytest.mark.parametrize("word", ["Ninety", "thousands"])
def test_number_in_words_is_a_fault_too(written, word):
    assert f"{word} has no origin" in only(list(faults(written(f"In this run {word} are read."))))


def test_number_reported_from_a_work_that_is_not_listed_is_a_fault(written):
    text = 'In this run <data value="96" data-source="nobody-1900">96</data>.'
    assert "is reported from nobody-1900, which is not listed" in only(list(faults(written(text))))


@pytest.mark.parametrize(
    "text, word",
    [
        ("In this run it is faster.", "faster"),
        (f"In this run it is higher, at {VALUE}.", "higher"),
        ('In this run it is the best (<a href="#answers">Table</a>).', "best"),
        ("In this run, as in the paper, it is the smallest.", "smallest"),
        ("In this run it has steeper slopes than before.", "steeper"),
        ("In this run it keeps more of the gradient than the other.", "more"),
        ("In this run it is quicker than the other.", "quicker"),
        ("In this run that is the quickest way.", "quickest"),
        ("In this run these are the most frequent ones.", "the most frequent"),
        ("</p><table><tr><td>faster</td></tr></table><p>In this run.", "faster"),
    ],
)
def test_comparison_without_a_claim_is_a_fault(written, text, word):
    assert f"“{word}” rests on no claim" in only(list(faults(written(text))))


@pytest.mark.parametrize(
    "text",
    [
        "<!--background-->Small is better than large.<!--/background-->",
        "The rate <!--definition-->with the highest accuracy<!--/definition--> is chosen.",
        "Which is better?",
        '<data value="faster" data-source="zeiler-2013">faster</data>',
        "The <!--most rnn/scores/accuracy of rnn/scores/accuracy rnn/scores/rate-->highest<!--/most-->.",
        "The <!--least rnn/scores/rate of rnn/scores/accuracy-->lowest<!--/least-->.",
        "In the latest tests the interest rests.",
    ],
)
def test_comparison_that_rests_on_something_is_no_fault(written, text):
    assert list(faults(written(f"This run. {text}"))) == []


@pytest.mark.parametrize(
    "order, said",
    [
        (
            "least rnn/scores/accuracy of rnn/scores/rate",
            "is 0.6234, not the least: there is 2.5e-05",
        ),
        (
            "most rnn/scores/rate of rnn/scores/accuracy",
            "is 2.5e-05, not the most: there is 0.6234",
        ),
        ("most rnn/scores/none of rnn/scores/rate", "results.json has no rnn/scores/none"),
    ],
)
def test_superlative_that_the_values_do_not_bear_out_is_a_fault(written, order, said):
    kind = order.partition(" ")[0]
    found = only(list(faults(written(f"In this run <!--{order}-->highest<!--/{kind}-->."))))
    assert f"“highest”: {said}" in found or said in found


def test_result_in_text_that_is_declared_as_none_is_a_fault(written):
    text = f"In this run <!--method-->the best, {VALUE},<!--/method--> is taken."
    assert "is a result in what is declared as method" in only(list(faults(written(text))))


def test_verdict_that_the_results_do_not_have_is_a_fault(written):
    found = only(list(faults(written(claimed=CLAIMED.replace("same better", "same worse")))))
    assert "says 'worse' of rnn/claims/same; results.json has 'better'" in found


@pytest.mark.parametrize(
    "words, expected",
    [
        ("It is better.", 1),
        ("It is not clearly better or worse.", 0),
        ("Neither is clearly better.", 0),
        ("It is tied with the best.", 0),
    ],
)
def test_tie_that_is_told_as_a_difference_is_a_fault(written, words, expected):
    section = SECTION | {"claims": [CLAIM | {"verdict": "tied"}]}
    claimed = CLAIMED.replace("same better", "same tied").replace("It is better.", words)
    found = list(faults(written(claimed=claimed, section=section)))
    assert len(found) == expected
    assert all("says “better” of rnn/claims/same, which is tied" in one for one in found)


def test_verdict_from_the_other_side_is_the_opposite_one(written):
    turned = CLAIMED.replace("rnn/claims/same better", "-rnn/claims/same worse")
    assert list(faults(written(claimed=turned))) == []


def test_claim_that_the_results_do_not_have_is_a_fault(written):
    found = only(list(faults(written(claimed=CLAIMED.replace("same", "other")))))
    assert "has no claim rnn/claims/other" in found


ONCE = "a claim of one run, and nothing beside it says so"


@pytest.mark.parametrize(
    "sentence",
    [
        f"It reads {VALUE} of the images.",
        f"It reads {VALUE} of the images in this run.</p><p>",
        f"The trained network reads {VALUE} of the images.",
    ],
)
def test_claim_of_one_run_whose_paragraph_does_not_say_so_is_a_fault(written, sentence):
    assert ONCE in only(list(faults(written(sentence))))


@pytest.mark.parametrize(
    "words", ["In this run", "One run.", "With one seed", "It was trained once.", "In this network"]
)
def test_claim_of_one_run_whose_paragraph_says_so_is_no_fault(written, words):
    assert list(faults(written(words))) == []


def test_cell_of_a_table_is_limited_by_what_its_section_says(written):
    cell = f"{SENTENCE}</p><table><tr><td>{CLAIMED}</td></tr></table><p>"
    assert list(faults(written(cell, claimed=""))) == []
    assert ONCE in only(list(faults(written(cell.replace(" in this run", ""), claimed=""))))


def test_claim_of_validation_that_does_not_say_so_is_a_fault(written):
    section = SECTION | {"claims": [CLAIM | {"measure": "validation_accuracy"}]}
    found = only(list(faults(written(section=section))))
    assert "a claim of validation accuracy, and nothing beside it says so" in found


@pytest.mark.parametrize("elsewhere", ["", "</p><p>Of stand-in data. In this run."])
def test_claim_on_stand_ins_that_does_not_say_so_is_a_fault(written, elsewhere):
    section = SECTION | {"data": {"mnist": {"kind": "stand-in"}}}
    found = list(faults(written(SENTENCE, CLAIMED + elsewhere, section=section)))
    assert "a claim on stand-in data, and nothing beside it says so" in only(found)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('id="section-rnn"', 'id="section-x"', "the page has no such section"),
        ('<p>', '<p id="answers">', "the id is used 2 times"),
        ("{claimed}", '{claimed}<a href="#gone">x</a>', "leads to #gone, which there is not"),
        ("{claimed}", '{claimed}<a href="other.html">x</a>', "leads to other.html, which there is not"),
        (
            "{claimed}",
            '{claimed}<a href="trials.csv#search=no&open=0">x</a>',
            "leads to the search no, which there is not",
        ),
        ('alt="It rises."', 'alt=""', "has no alternative text"),
        ('alt="It rises."', 'alt="Curves."', "the alternative text is the caption again"),
        ('alt="It rises."', 'alt="It falls."', "its alternative text is not that of results.json"),
        ("Figure 1 Curves.", "Figure 1 Lines.", "its caption is not that of results.json"),
        ("figure-rnn-curves", "figure-rnn-lines", "drawn and not printed"),
        ("</figcaption>", "", "closes another element"),
        ("<h2>", "<h1>Again</h1><h2>", "it has 2 headings of the first level"),
        ('<h1 class="title">A report</h1>', "", "it has 0 headings of the first level"),
        ("<!--claim", "<!--/claim--><!--claim", "a claim ends that did not begin"),
        ("{claimed}", "{claimed}<!--method-->a", "text declared as method does not end"),
        ("{claimed}", "{claimed}<!--/method-->a", "<!--/method--> begins or ends nothing"),
        ("{claimed}", "{claimed}<!--method-->a<!--caveat-->", "<!--caveat--> begins or ends nothing"),
    ],
)  # fmt: skip
def test_fault_of_the_page_is_seen(written, old, new, said):
    assert old in PAGE + CLAIMED
    page, claimed = PAGE.replace(old, new, 1), CLAIMED.replace(old, new)
    found = list(faults(written(page=page, claimed=claimed)))
    assert any(said in line for line in found), found


@pytest.mark.parametrize("left_out", ["figures/rnn-curves.csv", "build_report.py"])
def test_figure_that_does_not_say_what_it_was_made_from_is_a_fault(written, left_out):
    found = only(list(faults(written(page=PAGE.replace(left_out, "it")))))
    assert found == f"#figure-rnn-curves: does not say that it is made from {left_out}"


def test_table_that_does_not_say_what_it_was_made_from_is_a_fault(written):
    table = (
        '<figure id="table-rnn-a"><table><caption>Table 1 {}</caption></table></figure>{{claimed}}'
    )
    page = PAGE.replace("{claimed}", table.format("Sizes."))
    said = (
        "#table-rnn-a: does not say that it is made from rnn and results.json and build_report.py"
    )
    assert only([one for one in faults(written(page=page)) if "structure" not in one]) == said
    page = PAGE.replace("{claimed}", table.format("Of rnn, results.json, by build_report.py rnn."))
    assert [one for one in faults(written(page=page)) if "structure" not in one] == []


def test_section_without_an_answer_is_a_fault(written):
    page = PAGE.replace('<a href="#section-rnn">Section 3a</a>', "")
    assert "the table of answers does not lead to it" in only(list(faults(written(page=page))))


def test_missing_figure_file_and_search_are_faults(written):
    section = SECTION | {
        "trials": [{"search": "other"}],
        "figures": [FIGURE | {"file": "figures/no.svg"}],
    }
    found = list(faults(written(section=section)))
    assert found == ["rnn: there is no figures/no.svg", "rnn: trials.csv has no search other"]


@pytest.mark.parametrize(
    "left_out, said",
    [
        ("title", "has no title"),
        ("language", "does not say its language"),
        ("tagged", "does not say that it is tagged"),
        ("bookmark", "has no bookmark “3a Recurrent”"),
        ("structure", "has no structure"),
        ("figure", "its structure has 0 elements Figure; the page has 1"),
        ("alternative", "1 of its figures have no alternative text"),
        ("place", "page 1: a link leads to gone, which there is not"),
    ],
)
def test_fault_of_the_pdf_is_seen(written, left_out, said):
    folder = written(left_out={left_out: True})
    assert only(list(faults(folder))).startswith(f"assignment2.pdf: {said}")
    assert list(faults(folder, pdf=False)) == []


@pytest.mark.parametrize(
    "left_out, said",
    [("attachment", "is not attached"), ("content", "is attached, and not as it is in the folder")],
)
def test_file_of_numbers_that_is_not_attached_as_it_is_is_a_fault(written, left_out, said):
    found = list(faults(written(left_out={left_out: True})))
    expected = [f"assignment2.pdf: {file} {said}" for file in ("results.json", "rnn-curves.csv")]
    assert found == expected


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 cut", b"%PDF-1.7\nno objects\n%%EOF\n"])
def test_what_is_no_whole_pdf_is_a_fault(written, content):
    folder = written()
    (folder / "assignment2.pdf").write_bytes(content)
    assert only(list(faults(folder))) == "assignment2.pdf: is no whole PDF"
    assert list(notes(folder)) == []


def test_missing_pdf_is_a_fault(written):
    folder = written()
    (folder / "assignment2.pdf").unlink()
    assert only(list(faults(folder))) == "assignment2.pdf: there is none"
    assert list(notes(folder)) == []


def test_numbers_and_claims_that_are_wrong_are_told_from_other_faults(written):
    wrong = VALUE.replace("62.3", "62.4")
    claimed = CLAIMED.replace("same better", "same worse")
    order = "<!--least rnn/scores/accuracy of rnn/scores/rate-->lowest<!--/least-->"
    found = list(faults(written(f"In this run {wrong}, the {order}, 97.", claimed)))
    assert sorted(isinstance(one, Wrong) for one in found) == [False, True, True, True]


def test_words_of_a_command_are_no_comparison(written):
    command = (
        "In this run. To build it: <code>python build_report.py rnn --output /tmp/best</code>."
    )
    assert list(faults(written(command))) == []


def test_folder_without_a_report_cannot_be_checked(tmp_path):
    with pytest.raises(NothingToCheck, match="no report to check"):
        list(faults(tmp_path))


def test_check_changes_no_file(written):
    folder = written()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    list(faults(folder))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_link_to_a_search_that_there_is_is_no_fault(written):
    page = PAGE.replace("{claimed}", '{claimed}<a href="trials.csv#search=recurrent&open=0">x</a>')
    assert list(faults(written(page=page))) == []
