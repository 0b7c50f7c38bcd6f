"""Tests of the page: what is printed where, what is refused, and that it is one sound file."""

import dataclasses
import re

import page_checks
import pytest
import sample_report

from rendering.document import page
from rendering.document.formulas import formula
from rendering.document.report import Report, SectionView


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A report and the folder of its figures, drawn once."""
    folder = tmp_path_factory.mktemp("page")
    return sample_report.report(folder), folder


@pytest.fixture(scope="module")
def html(made, tmp_path_factory):
    return page.render(*made, sample_report.templates(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def render(made, tmp_path):
    """A function that renders the report with another partial, and other fields of its own."""

    def render_with(partial, **changed):
        report = dataclasses.replace(made[0], **changed)
        return page.render(report, made[1], sample_report.templates(tmp_path, partial))

    return render_with


def test_sample_is_the_gold_page(html):
    # After a change that is meant: PYTHONPATH=. python tests/rendering/document/sample_report.py
    assert sample_report.scrubbed(html) == sample_report.GOLD.read_text()


def test_sample_has_no_problem(html):
    assert page_checks.problems(html) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('<img src="data:image/png,">', "no alternative text"),
        ('<img src="https://example.org/a.png" alt="a">', "reads https://example.org/a.png"),
        ('<a href="other.html">a</a>', "reads other.html"),
        ('<link rel="stylesheet" href="style.css">', "reads style.css"),
        ("<style>p { background: url(a.png) }</style>", "the style reads a.png"),
        ('<a href="#nowhere">a</a>', "no element for the link #nowhere"),
        ('<p id="a"></p><p id="a"></p>', "used 2 times"),
        ("<p><b></p>", "closes another"),
        ("<section>", "never closed"),
        ("<table><tr><th>a</th></tr></table>", "no scope"),
        ("<html></html>", "language"),
    ],
)
def test_checker_names_what_is_wrong_with_a_bad_page(bad, said):
    assert said in "; ".join(page_checks.problems(bad))


def test_references_get_the_numbers_of_what_they_name(html):
    assert '<a href="#figure-rnn-curves">Figure\u00a01</a>' in html
    assert '<a href="#table-rnn-rates">Table\u00a01</a>' in html
    assert '<a href="#section-units">Section&nbsp;3b ii</a>' in html


def test_works_are_numbered_as_they_are_cited_and_linked_both_ways(render):
    html = render(
        '<p>A {{ cite("zeiler-2013") }}, B {{ cite("bai-2018", "table 1 & 2") }}, '
        'A {{ cite("zeiler-2013", "figure 2") }}.</p>'
    )
    section = html[html.index('id="section-rnn"') : html.index('id="section-units"')]
    assert re.findall(r'<a class="cite" id="(.*?)" href="#(.*?)">(.*?)</a>', section) == [
        ("cite-zeiler-2013-1", "reference-zeiler-2013", "[1]"),
        ("cite-bai-2018-1", "reference-bai-2018", "[2, table 1 &amp; 2]"),
        ("cite-zeiler-2013-2", "reference-zeiler-2013", "[1, figure 2]"),
    ]
    listed = html[html.index('id="references"') :]
    assert listed.index("M. D. Zeiler and R. Fergus (2013)") < listed.index("S. Bai")
    assert listed.count('href="#cite-zeiler-2013-') == 1  # to the first in the section
    assert "adebayo" not in listed.lower()


def test_figures_are_numbered_in_the_order_of_their_use(render):
    html = render('{{ see("curves") }}{{ figure("images") }}{{ figure("curves") }}')
    assert "<b>Figure 2</b> Accuracy." in html
    assert '<a href="#figure-rnn-curves">Figure\u00a02</a>' in html


def test_figures_are_printed_at_the_width_they_are_drawn_for(html):
    assert re.findall(r"--width: ([\d.]+)mm", html) == ["160.0", "62.0"]


def test_table_rounds_by_its_columns_and_marks_the_best_row(html):
    row = re.search(r'<tr class="best">.*?</tr>', html, re.DOTALL)[0]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
    assert cells == [
        "0.001",
        "62.3\u202f±\u202f0.4\u202f%",
        "8\u202fmin 12\u202fs",
        "best &lt;b&gt;",
    ]


def test_no_paragraph_ends_with_space_which_makes_lines_end_early_in_print(render):
    html = render("<ul><li>one\n</li></ul><p>two {% if true %}three{% endif %} \n</p>")
    assert "<li>one</li>" in html
    assert "<p>two three</p>" in html


def test_titles_and_authors_are_escaped(html):
    assert "A recurrent &lt;network&gt;" in html
    assert "Ada &amp; Co" in html


def test_section_without_results_says_why_and_how_to_build_it(html):
    place = html[html.index('<section id="section-units"') :]
    place = place[: place.index("</section>")]
    assert "Not built yet" in place
    assert "never built" in place
    assert "<code>command b</code>" in place


def test_failed_section_says_what_failed(html):
    place = html[html.index('<section id="section-cells"') :]
    assert "<b>Failed.</b> ValueError: nothing" in place[: place.index("</section>")]


def test_stand_in_data_are_marked_on_the_cover_and_named_in_section_and_limits(html):
    cover, rest = html.split("</header>")
    assert '<p class="marks" role="note">Stand-in data · Not complete</p>' in cover
    assert "enlarged digits" not in cover
    assert "<b>Stand-in data.</b> The results of this section" in rest
    assert "<b>Stand-in data.</b> enlarged digits" in rest[rest.index('id="conclusion"') :]


def test_title_page_has_no_path_fingerprint_or_command(html):
    cover = html[html.index("<body>") : html.index("</header>")]
    assert not re.search(r"<code>|0123456789ab|/\w+/|python", cover.replace("</", "<"))


def test_standard_report_has_no_stamp_of_a_quick_run(html):
    assert "quick run" not in html.lower()


def test_quick_results_stamp_the_page(made, render):
    first = made[0].sections[0]
    quick = dataclasses.replace(first.record, profile="quick")
    html = render("", sections=[dataclasses.replace(first, record=quick)])
    assert 'data-stamp="quick run · stand-in data"' in html


def test_last_part_has_fingerprint_seeds_and_commands(html):
    made, last = (html[html.index(f'<section id="{it}"') :] for it in ("made", "appendix-made"))
    assert "0123456789abcdef" * 4 in made[: made.index("</section>")]
    for said in ("1, 2", "<code>command a</code>", "python 3.12.1"):
        assert said in last[: last.index("</section>")]


def test_typed_percentage_is_set_as_a_measured_one(render):
    html = render("<p>95 % interval {{ 0.62 | percent }}</p>")
    assert "<p>95\u202f% interval 62.0\u202f%</p>" in html


def test_formula_is_as_large_as_the_text_around_it():
    _, height, depth = formula("X")
    assert 0.6 < height < 0.8  # em: a capital of a serif font, and a rounded point
    assert depth == 0


def test_no_author_prints_none(render):
    html = render("", author="")
    assert 'class="author"' not in html
    assert 'name="author"' not in html


@pytest.mark.parametrize(
    ("partial", "said"),
    [
        ("{{ scores.nothing }}", "nothing"),
        ("{{ nothing }}", "nothing"),
        ('{{ figure("nothing") }}', "drew no figure named 'nothing'"),
        ('{{ figure("curves") }}{{ figure("curves") }}', "printed twice"),
        ('{{ see("curves") }}', "not printed"),
        ('{{ see_section("nowhere") }}', "'nowhere'"),
        ('{{ cite("nobody-1900") }}', "no reference named 'nobody-1900'"),
        ('{{ table("t", [["a", "bushels"]], [[1]], "c") }}', "not bushels"),
        ('{{ table("t", ["a", "b"], [[1]], "c") }}', "table 't'"),
        ('{{ formula("\\\\nonsense{", "a") }}', "no formula"),
        ("{% if %}", "rnn.html:1"),
    ],
)
def test_mistake_in_a_partial_stops_the_page_and_names_the_section(render, partial, said):
    with pytest.raises(page.PageError, match="rnn") as caught:
        render(partial)
    assert said in str(caught.value)


def test_missing_partial_stops_the_page(made, tmp_path):
    templates = sample_report.templates(tmp_path)
    (templates / "sections" / "rnn.html").unlink()
    with pytest.raises(page.PageError, match=r"sections/rnn\.html"):
        page.render(*made, templates)


def test_missing_figure_file_stops_the_page(made, tmp_path):
    with pytest.raises(page.PageError, match="rnn"):
        page.render(made[0], tmp_path / "elsewhere", sample_report.templates(tmp_path))


def test_results_of_two_machines_are_told_apart(made, render):
    first = made[0].sections[0]
    other = dataclasses.replace(first.record, environment={"python": "3.13.0"})
    second = dataclasses.replace(first, task="3b ii", record=other)
    html = render("", sections=[first, second])
    assert re.search(r"<th[^>]*>3a</th>\s*<td>python 3.12.1; threads 1</td>", html)
    assert re.search(r"<th[^>]*>3b ii</th>\s*<td>python 3.13.0</td>", html)


@pytest.mark.parametrize("task", ["4", "", "10", "x"])
def test_section_of_no_task_of_the_assignment_stands_under_further_sections(task):
    views = [SectionView("a", 1, "1a", "A", "fresh"), SectionView("b", 2, task, "B", "fresh")]
    report = Report("T", "", "quick", views, {}, {}, "", "")
    assert [(title, [it.name for it in held]) for _, title, held in report.parts] == [
        ("Visualizing a CNN with CIFAR-10", ["a"]),
        ("Further sections", ["b"]),
    ]
