"""Tests of what stands where: answers, abstract, conclusion, appendix, editions, numbers of words."""

import dataclasses
import re
import shutil

import page_checks
import pytest
import sample_report

from experiments.lab.data.facts import DATA_SETS
from experiments.lab.evidence.claims import as_plain
from rendering.document import page, pieces
from rendering.document.report import FRESH, STALE, SectionView

PARTIAL = """{% extends "section.html" %}
{% set reached = scores.test_accuracy | percent %}
{% block question %}How good is it?{% endblock %}
{% block answer %}It gets <b>{{ reached }}</b> right.{% endblock %}
{% block detail %}{{ see_table("rates") }} has the rates, {{ see("images") }} an image.{% endblock %}
{% block evidence %}
<p>One two three {{ cite("zeiler-2013") }}.</p>
{{ figure("curves") }}
{% call appendix() %}
{{ table("rates", [["Rate", "rate"]], [[0.001]], "Rates.") }}
{{ figure("images") }}
<p>{{ cite("bai-2018") }}</p>
{% endcall %}
{% endblock %}
{% block limits %}It is made up.{% endblock %}
{% block abstract %}A made-up network is good.{% endblock %}
{% block conclusion %}Made-up networks are good.{% endblock %}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("structure")
    return sample_report.report(folder), folder


@pytest.fixture
def render(made, tmp_path):
    """A function that renders the sample with a partial, and with other fields of its own."""

    def render_with(partial=PARTIAL, **changed):
        report = dataclasses.replace(made[0], **changed)
        html = page.render(report, made[1], sample_report.templates(tmp_path, partial))
        assert page_checks.problems(html) == []
        return html

    return render_with


def within(html, start, end="</section>"):
    return html[html.index(start) :].partition(end)[0]


def row_of(html, section):
    row = within(html, f'<tr data-part="{section}">', "</tr>")
    return [
        " ".join(re.sub("<[^>]+>", "", cell).replace("&nbsp;", " ").split())
        for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
    ]


def test_answers_have_a_row_for_each_part_and_say_where_it_stands(render):
    html = render()
    assert html.index('id="answers"') < html.index('id="contents"') < html.index('id="section-rnn"')
    assert row_of(html, "rnn") == [
        "3a", "How good is it?", "It gets 62.3 % right. On stand-in data.", "Section 3a, Figure 1",
    ]  # fmt: skip
    assert row_of(html, "units") == ["3b ii", "Units", "Not built yet.", "Section 3b ii"]
    assert row_of(html, "cells") == ["3b i", "Cells", "Failed.", "Section 3b i"]


def test_answer_of_a_partial_without_one_is_what_its_claims_say(render):
    assert row_of(render(""), "rnn")[2] == (
        "0.001 is better than 0.01 by 1.0 points (in this run) On stand-in data."
    )


def test_section_without_answer_or_claims_says_that_nothing_is_compared(made, render):
    first = made[0].sections[0]
    bare = dataclasses.replace(first, record=dataclasses.replace(first.record, claims=[]))
    assert (
        row_of(render("", sections=[bare]), "rnn")[2]
        == "Nothing is compared here. On stand-in data."
    )


def test_stale_answer_says_so(made, render):
    stale = dataclasses.replace(made[0].sections[0], state=STALE)
    assert (
        row_of(render(sections=[stale]), "rnn")[2]
        == "It gets 62.3 % right. On stand-in data. Out of date."
    )


def test_section_opens_with_its_answer_and_ends_with_its_limits(render):
    section = within(render(), '<section id="section-rnn"')
    order = [
        "<b>Answer.</b>\nIt gets",
        "Table\u00a0A1</a> has",
        "One two three",
        "<b>Limits.</b> It is",
    ]
    places = [section.index(words) for words in order]
    assert places == sorted(places)


def test_abstract_and_conclusion_have_what_the_sections_say_for_them(render):
    html = render()
    abstract = within(html, 'role="doc-abstract"', "</div>")
    assert "A made-up network is good." in abstract
    assert "stand-in for MNIST" in abstract
    assert "trained once" not in abstract  # it had two seeds
    assert "Made-up networks are good." in within(html, '<section id="conclusion"')


def test_report_without_results_concludes_nothing(render):
    html = render(sections=[SectionView("units", 1, "3b ii", "Units", "pending")], data={})
    assert "No finding can be given yet." in within(html, 'role="doc-abstract"', "</div>")
    assert "Nothing can be concluded yet." in within(html, '<section id="conclusion"')


def test_single_run_and_ties_are_among_the_limits(made, render):
    first = made[0].sections[0]
    tied = dataclasses.replace(sample_report.CLAIM, name="t", verdict="tied", p_value=0.5)
    record = dataclasses.replace(
        first.record, trials=[{"seed": 1}], claims=[as_plain(sample_report.CLAIM), as_plain(tied)]
    )
    html = render(sections=[dataclasses.replace(first, record=record)])
    limits = " ".join(within(html, '<section id="conclusion"').split())
    assert "Of the 2 comparisons in this report, 1 shows no clear difference" in limits
    assert "Where a setting was trained once" in limits
    assert "Where a setting was trained once" in within(html, 'role="doc-abstract"', "</div>")


def test_appendix_has_numbers_of_its_own_and_stands_last(render):
    html = render()
    section = within(html, '<section id="section-rnn"')
    assert '<a class="far" href="#figure-rnn-images">Figure\u00a0A1</a>' in section
    assert '<a href="#appendix-rnn">Appendix</a>' in section
    assert "<b>Table A1</b>" not in section
    appendix = html[html.index('id="appendix"') :]
    assert html.index('id="references"') < html.index('id="appendix"')
    assert "<b>Table A1</b> Rates." in appendix
    assert "<b>Figure A1</b>" in appendix
    assert "<b>Table A2</b> The sections" in appendix


def test_main_edition_leaves_the_appendix_out_and_says_so(render):
    html = render(edition="main")
    assert 'id="appendix' not in html
    assert ">Table\u00a0A1 of the full edition</span> has the rates" in html
    assert "Main text without its appendix" in within(html, 'class="marks"', "</p>")
    assert "<code>--edition full</code>" in within(html, '<section id="made"')
    assert "S. Bai" not in html  # cited in the appendix alone
    assert "command a" not in html


def test_words_of_the_main_text_are_counted_in_the_provenance(render, tmp_path):
    def counted(partial):
        shutil.rmtree(tmp_path / "templates", ignore_errors=True)
        return int(re.search(r"main text has (\d+)\u00a0words", render(partial))[1])

    longer = PARTIAL.replace("One two three", "One two three four five")
    more = PARTIAL.replace("Rates.", "Rates of another kind.")
    assert counted(longer) - counted(PARTIAL) == 2
    assert counted(more) == counted(PARTIAL)


def test_tables_captions_and_tags_are_no_words():
    html = "<h3>A title</h3><p>It’s 62.3 % of <b>all</b>.</p><table><td>no</td></table>"
    assert pieces.word_count(html + '<figcaption>no</figcaption><img alt="no">') == 6


def test_answer_on_a_terminal_is_plain_text(made, tmp_path):
    templates, section = sample_report.templates(tmp_path, PARTIAL), made[0].sections[0]
    assert page.answer_of(section, section, templates) == "It gets 62.3\u202f% right."


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("verdict", "'maybe' is no verdict"),
        ("answer", None),
    ],
)
def test_verdict_is_one_of_those_there_are(render, block, said):
    partial = f'{{% extends "section.html" %}}{{% block {block} %}} maybe {{% endblock %}}'
    if said is None:
        assert "<b>Answer.</b>\nmaybe" in render(partial)
    else:
        with pytest.raises(page.PageError, match=said):
            render(partial)


def test_unknown_place_is_refused():
    with pytest.raises(pieces.PlaceError, match="no place 'nowhere'"):
        pieces.Pieces().keep("nowhere", "a")


def test_parts_stand_in_the_contents_with_numbers_of_their_own(made, render):
    first = made[0].sections[0]
    part = SectionView("rnn.one", 1, "3a", "A study", "pending", "never built")
    html = render(sections=[dataclasses.replace(first, parts=[part], state=FRESH)])
    contents = within(html, '<nav class="contents"', "</nav>")
    assert '<a href="#section-rnn.one"><span class="ordinal">3a.1</span>' in contents
    assert '<h3><span class="ordinal">3a.1</span> A study</h3>' in html


STUDIES = """{% extends "section.html" %}
{% import "studies.html" as found %}
{% block answer %}{{ found.tally(studies) }}{% endblock %}
{% block evidence %}{{ found.findings(studies, table) }}{% endblock %}
"""
STUDY = """{% extends "section.html" %}
{% block answer %}It does {{ scores.test_accuracy | percent }}.{% endblock %}
{% block finding %}It does.{% endblock %}
{% block verdict %}VERDICT{% endblock %}
{% block evidence %}{{ figure("curves") }}{{ see("curves") }}{{ cite("bai-2018") }}{% endblock %}
"""


def studied(made, folder, *verdicts):
    """Return the page of a section with a part for each verdict, an empty one for none."""
    first = made[0].sections[0]
    templates = sample_report.templates(folder, STUDIES)
    (templates / "sections" / "rnn").mkdir()
    parts = []
    for index, verdict in enumerate(verdicts):
        partial = STUDY.replace("VERDICT", verdict)
        (templates / "sections" / "rnn" / f"{index}.html").write_text(partial)
        name = f"rnn.{index}"
        parts.append(dataclasses.replace(first, name=name, title=f"Study {index}"))
    report = dataclasses.replace(made[0], sections=[dataclasses.replace(first, parts=parts)])
    return page.render(report, made[1], templates)


def test_section_opens_with_the_verdicts_of_its_parts(made, tmp_path):
    html = studied(
        made, tmp_path, "not reproduced", "reproduced", "", "cannot be told here", "reproduced"
    )
    assert page_checks.problems(html) == []
    tally = (
        "Of 4\u00a0findings of Zeiler and Fergus, studied here on small networks: "
        "2 reproduced, 1 not reproduced and 1 cannot be told here."
    )
    assert f"<b>Answer.</b>\n{tally}" in re.sub("</?data.*?>", "", html)
    table = within(html, '<figure id="table-rnn-findings"', "</figure>")
    rows = re.findall(r"<tr>\s*(<th scope=\"row\".*?)</tr>", table, re.S)
    assert len(rows) == 4
    assert '<a href="#section-rnn.0">Study 0</a>' in rows[0]
    assert "not reproduced" in rows[0]
    assert "It does 62.3\u202f%." in rows[0]
    assert html.index("table-rnn-findings") < html.index('<div class="section-part"')


def test_parts_without_verdicts_have_no_table_of_findings(made, tmp_path):
    html = studied(made, tmp_path, "", "")
    assert "table-rnn-findings" not in html
    assert "Of 1" not in html


def test_quick_run_and_copied_data_are_marked_and_among_the_limits(made, render):
    first = made[0].sections[0]
    quick = dataclasses.replace(first, record=dataclasses.replace(first.record, profile="quick"))
    copy = {"name": "cifar10", "kind": "unverified", "label": "CIFAR-10 from /a, not verified"}
    copy["classes"] = DATA_SETS["cifar10"].classes
    data = {"cifar10": {**sample_report.IDENTITIES["mnist"], **copy}}
    html = render(sections=[quick], data=data)
    marks = within(html, 'class="marks"', "</p>")
    assert "Quick run · Unverified copy of CIFAR-10" in marks
    assert "its numbers are no results" in within(html, 'role="doc-abstract"', "</div>")
    assert "/a, not" not in within(html, "<body>", "</header>")
    limits = within(html, '<section id="conclusion"')
    assert "<b>Quick run.</b>" in limits
    assert "The files of CIFAR-10 are not the official ones" in limits
    assert "CIFAR-10 from /a, not verified" in within(html, '<section id="made"')


def test_other_images_in_place_of_a_data_set_are_called_so(made, render):
    other = {"kind": "unverified", "label": "MNIST from /a, not verified", "classes": ["a", "b"]}
    html = render(data={"mnist": {**sample_report.IDENTITIES["mnist"], **other}})
    assert "Other images in place of MNIST" in within(html, 'class="marks"', "</p>")
    assert "trains networks on the substitute for MNIST," in within(html, 'role="doc-abstract"')
    limits = within(html, '<section id="conclusion"')
    assert "In place of MNIST this report uses other images" in limits
    assert "not the official ones" not in limits


def test_finished_report_on_official_data_has_no_mark(made):
    official = {"mnist": {**sample_report.IDENTITIES["mnist"], "kind": "official"}}
    report = dataclasses.replace(made[0], sections=made[0].sections[:1], data=official)
    assert report.marks == []
    assert report.data_names == ["MNIST"]
