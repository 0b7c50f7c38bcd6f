"""The report on a screen, in a real browser: read, sorted, copied, enlarged, printed, light and dark."""

import dataclasses
import json
import re

import browser_fixture
import made as builds
import page_checks
import pytest
import sample_report

from experiments.lab.settings import Search
from experiments.lab.store.drawings import Origin
from experiments.lab.store.runs import RunStore
from rendering.document import media, page
from rendering.document.report import SectionView
from rendering.figures.drawing import COLOURS

HOSTILE = (
    '</title><script>document.title = "taken"</script>',
    '"><img src=x onerror="document.title = 1">',
    "\u202eright to left \u05e9\u05dc\u05d5\u05dd",
    "\U0001f469\u200d\U0001f52c & \U0001f1eb\U0001f1f7",
    "W" * 300,
)
ROWS = """{{ table("rates", ["Name", ["Test", "percent"], ["Time", "duration"]],
   [["b", 0.62, 492], ["a", 0.9, 12.0], ["c", none, 3700], ["d", 0.001, 0.5]], "Rates.") }}
{% call aside("Settings") %}<p>inside</p>{% endcall %}
{{ formula("x^2", "x squared") }}{{ figure("curves") }}{{ figure("images") }}"""
TALL = "<p style='height: 2000px'>x</p>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("screen")
    return sample_report.report(folder), folder


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """A function that returns templates with a partial; the same partial gives the same folder."""
    kept = {}

    def templates(partial):
        if partial not in kept:
            kept[partial] = sample_report.templates(tmp_path_factory.mktemp("partial"), partial)
        return kept[partial]

    return templates


@pytest.fixture
def rendered(made, templates, tmp_path):
    """A function that renders the sample for a screen and returns its file."""

    def rendered(partial=sample_report.PARTIAL, **changed):
        report = dataclasses.replace(made[0], **changed)
        html = page.render(report, made[1], templates(partial), media.Screen())
        (tmp_path / "page.html").write_text(html)
        return tmp_path / "page.html"

    return rendered


def test_page_is_sound_without_a_browser_too(rendered):
    assert page_checks.problems(rendered().read_text()) == []


def test_figure_leads_to_its_trials_on_a_screen_alone(made, rendered, templates, tmp_path):
    point = {"learning_rate": 0.1}
    search = Search("rates", "", "mnist", "lenet5", length=2, points=(point,))
    result = builds.make_result(RunStore(tmp_path / "runs"), search, [0.5])
    (section, *others) = made[0].sections
    origin = Origin(runs=(result.runs[0].key,))
    figures = tuple(dataclasses.replace(it, origin=origin) for it in section.drawn.figures)
    drawn = dataclasses.replace(section.drawn, figures=figures)
    sections = [dataclasses.replace(section, drawn=drawn), *others]
    html = rendered(sections=sections, searches=[result]).read_text()
    assert (
        'Drawn from <a href="trials.html#search=rates&amp;open=0000">trial 0000 of rates</a>'
        in html
    )
    assert page_checks.problems(html) == []
    report = dataclasses.replace(made[0], sections=sections, searches=[result])
    assert "trials.html" not in page.render(report, made[1], templates(sample_report.PARTIAL))


def without_lists(paper):
    """Return the page for paper without the lists of figures and tables, which a screen does without."""
    return re.sub(r'<nav class="part lists".*?</nav>', "", paper, flags=re.DOTALL)


def test_page_says_the_same_as_that_for_paper(made, rendered, templates):
    def words(html):
        body = html[html.index("<main>") : html.index("</main>")]
        left_out = r"<svg.*?</svg>|<script.*?</script>|</?data\b[^>]*>|<!--.*?-->"
        left_out += r'|<(details|span) class="source">.*?</\1>'  # each has a form of its own
        body = re.sub(left_out, "", body, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", body)).strip()

    paper = page.render(*made, templates(sample_report.PARTIAL))
    assert words(rendered().read_text()) == words(without_lists(paper))


@pytest.mark.parametrize("theme", browser_fixture.THEMES)
def test_page_has_no_violation_and_never_scrolls_sideways(rendered, visit, theme):
    more = ROWS.replace("rates", "more").partition("{{ figure")[0]
    shown = visit(rendered(sample_report.PARTIAL + more), theme=theme)
    for width in browser_fixture.WIDTHS:
        shown.set_viewport_size({"width": width, "height": browser_fixture.HEIGHT})
        found = (width, browser_fixture.violations(shown), browser_fixture.sideways(shown))
        assert found == (width, [], 0)


def test_page_without_scripts_shows_everything(rendered, visit):
    shown = visit(rendered(ROWS), scripts=False, width=390)
    for words in ("Contents", "Units", "inside", "never built"):
        assert shown.get_by_text(words, exact=False).first.is_visible()
    assert shown.locator("button, select").count() == 0


@pytest.mark.parametrize("hostile", HOSTILE)
def test_strange_names_come_out_as_text_and_break_nothing(rendered, visit, hostile):
    shown = visit(rendered(title=hostile, author=hostile, course=hostile), width=390)
    assert shown.locator("h1.title").text_content() == hostile
    assert shown.locator("p.author").first.text_content() == hostile
    assert shown.title() == " ".join(hostile.split())
    assert browser_fixture.sideways(shown) == 0
    assert shown.locator("main").count() == 1


def test_long_name_of_a_section_leaves_the_contents_beside_the_text(rendered, visit):
    views = [SectionView("units", 2, "3b ii", "W" * 300, "pending", "never built", "command b")]
    for width in (390, 1440):
        assert browser_fixture.sideways(visit(rendered(sections=views), width=width)) == 0


def test_script_that_the_report_did_not_bring_is_not_run(rendered, browser, tmp_path):
    file = rendered()
    injected = "<script>document.title = 'taken'</script><img src=x onerror='document.title = 1'>"
    file.write_text(file.read_text().replace("</main>", f"{injected}</main>"))
    shown = browser.new_page()
    refused = []
    shown.on("console", lambda it: refused.append(it.text))
    shown.goto(file.as_uri())
    assert shown.title() == "Assignment 2"
    assert sum("Content Security Policy" in it for it in refused) >= 2
    shown.close()


def test_columns_sort_by_their_values_and_go_back(rendered, visit):
    shown = visit(rendered(ROWS))

    def names():
        return "".join(shown.locator("#table-rnn-rates tbody th").all_text_contents())

    def click(heading):
        shown.locator("#table-rnn-rates").get_by_role("button", name=heading, exact=True).click()
        return names()

    assert names() == "bacd"
    assert [click("Test"), click("Test"), click("Test")] == ["dbac", "abdc", "bacd"]
    assert [click("Time"), click("Time")] == ["dabc", "cbad"]  # seconds, minutes and hours
    assert click("Name") == "abcd"
    assert shown.locator("th[aria-sort]").all_text_contents() == ["Name"]


def test_columns_sort_by_what_values_carry_only_where_all_do(rendered, visit):
    partial = """{{ table("t", ["Name", ["All", "percent"], ["Some", "percent"]], [
        ["b", scores.test_accuracy, 0.7], ["a", none, scores.test_accuracy],
        ["c", scores.test_accuracy, 0.2], ["d", scores.test_accuracy, 0.5]], "c") }}"""
    shown = visit(rendered(partial))
    shown.locator("figure").get_by_role("button", name="Some", exact=True).click()
    assert "".join(shown.locator("#table-rnn-t tbody th").all_text_contents()) == "cdab"


def test_columns_sort_by_the_keyboard(rendered, visit):
    shown = visit(rendered(ROWS))
    shown.locator("#table-rnn-rates").get_by_role("button", name="Name").focus()
    shown.keyboard.press("Enter")
    assert shown.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"


def test_table_of_few_rows_is_not_sorted(rendered, visit):
    assert visit(rendered()).locator("#table-rnn-rates button.sort").count() == 0


def test_copied_table_is_text_that_a_spreadsheet_takes(rendered, visit):
    shown = visit(rendered(ROWS))
    shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.get_by_role("button", name="Copy Table 1").click()
    shown.get_by_text("Copied").wait_for()
    lines = shown.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[:3] == ["Name\tTest\tTime", "b\t62.0%\t8 min 12 s", "a\t90.0%\t12 s"]


def test_figure_fills_the_window_and_goes_back_with_escape(rendered, visit):
    shown = visit(rendered(ROWS))
    figure, button = shown.locator("#figure-rnn-curves"), shown.get_by_label("Enlarge Figure 1")
    before = figure.locator("svg").bounding_box()
    button.focus()
    shown.keyboard.press("Enter")
    dialog = shown.get_by_role("dialog", name="Figure 1")
    assert dialog.locator("svg").bounding_box()["width"] > 1.5 * before["width"]
    assert "Accuracy." in dialog.text_content()
    assert browser_fixture.violations(shown) == []
    shown.keyboard.press("Escape")
    after = figure.locator("svg").bounding_box()
    assert (after["width"], after["height"]) == (before["width"], before["height"])
    assert button.evaluate("it => it === document.activeElement")


def test_raster_figure_is_enlarged_by_a_click_on_it(rendered, visit):
    shown = visit(rendered(ROWS), width=390)
    shown.locator("#figure-rnn-images > img").click()
    assert shown.get_by_role("dialog", name="Figure 2").locator("img").is_visible()
    shown.get_by_role("button", name="Close").click()
    shown.locator("#figure-rnn-images > img").wait_for()


def background(shown):
    return shown.evaluate("getComputedStyle(document.body).backgroundColor")


def test_chosen_colours_outlast_the_page_and_reach_the_figures(rendered, visit):
    shown = visit(rendered(ROWS), theme="light")
    light, ink = background(shown), fill(shown)
    shown.get_by_label("Colours").select_option("dark")
    assert background(shown) != light
    assert fill(shown) != ink
    shown.reload()
    assert background(shown) != light
    shown.get_by_label("Colours").select_option("")
    assert background(shown) == light


def fill(shown):
    return shown.evaluate(
        "getComputedStyle(document.querySelector('#figure-rnn-curves text')).fill"
    )


def test_figures_have_the_printed_colours_on_a_light_page(rendered, visit):
    shown = visit(rendered())
    for number, colour in enumerate(COLOURS, 1):
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        probe = f"""it => {{ const p = document.createElement('p'); document.body.append(p);
            p.style.color = 'var(--series-{number})'; return getComputedStyle(p).color }}"""
        assert shown.evaluate(probe) == f"rgb({red}, {green}, {blue})"


def test_contents_mark_the_section_being_read(rendered, visit):
    shown = visit(rendered(TALL))
    for name in ("units", "conclusion"):
        shown.evaluate(f"document.getElementById('{name}')?.scrollIntoView()")
        shown.evaluate(f"document.getElementById('section-{name}')?.scrollIntoView()")
        shown.locator(f"nav [aria-current][href$='{name}']").wait_for()
    assert shown.locator("nav [aria-current]").count() == 1
    assert shown.locator("nav.contents").bounding_box()["y"] == 0


def test_contents_are_folded_on_a_narrow_screen_and_fold_again_at_a_choice(rendered, visit):
    shown = visit(rendered(TALL), width=390)
    nav = shown.locator("nav.contents")
    assert not nav.get_by_role("link", name="Units").is_visible()
    shown.evaluate("scrollTo(0, document.body.scrollHeight)")
    nav.locator("summary").click()
    nav.get_by_role("link", name="Units").click()
    nav.locator("details:not([open])").wait_for()
    assert shown.url.endswith("#section-units")
    assert nav.bounding_box()["y"] == 0


def test_side_notes_are_folded_only_where_there_is_no_room(rendered, visit):
    for width, seen in ((390, False), (1440, True)):
        assert visit(rendered(ROWS), width=width).get_by_text("inside").is_visible() == seen


def test_page_looks_again_while_its_build_goes_on_and_stops_with_it(rendered, visit):
    from datetime import UTC, datetime

    now = datetime.now(UTC).isoformat()
    shown = visit(rendered(growing=True, built_at=now))
    assert "looks again" in shown.locator("nav").text_content()
    shown.clock.install()
    shown.reload()
    with shown.expect_navigation():
        shown.clock.run_for(16_000)
    rendered(built_at=now)
    with shown.expect_navigation():
        shown.clock.run_for(16_000)
    assert "looks again" not in shown.locator("nav").text_content()
    shown.evaluate("window.stays = true")
    shown.clock.run_for(120_000)
    assert shown.evaluate("window.stays")


def test_page_of_a_build_not_heard_of_for_an_hour_does_not_look_again(rendered, visit):
    shown = visit(rendered(growing=True, built_at="2024-02-03T14:05:00+00:00"))
    shown.clock.install()
    shown.reload()
    shown.evaluate("window.stays = true")
    shown.clock.run_for(120_000)
    assert shown.evaluate("window.stays")


def test_printed_page_is_light_and_has_the_order_of_the_pdf(rendered, visit, made, templates):
    shown = visit(rendered(ROWS), theme="dark")
    shown.get_by_label("Colours").select_option("dark")
    shown.emulate_media(media="print", color_scheme="dark")
    assert background(shown) == "rgb(255, 255, 255)"
    assert shown.locator("button:visible:not(.sort), select:visible").count() == 0
    assert shown.get_by_text("Test", exact=True).is_visible()  # a heading that sorts on a screen
    shown.set_viewport_size({"width": 640, "height": 900})  # the width of paper
    shown.locator("nav").get_by_role("link", name="Units").wait_for()
    shown.get_by_text("inside").wait_for()
    headings = shown.evaluate(
        """Array.from(document.querySelectorAll('h1, h2, h3, h4'))
        .map(it => [it.getBoundingClientRect().top, it.textContent.replace(/\\s+/g, ' ').trim()])"""
    )
    paper = page.render(*made, templates(ROWS))
    printed = re.findall(r"<h[123][^>]*>(.*?)</h[123]>", without_lists(paper), re.DOTALL)
    plain = [" ".join(re.sub("<[^>]*>", " ", it).split()) for it in printed]
    read = [" ".join(words.split()) for _, words in sorted(headings)]
    assert [json.dumps(it) for it in read] == [json.dumps(unescaped(it)) for it in plain]


def unescaped(text):
    from html import unescape

    return unescape(text)
