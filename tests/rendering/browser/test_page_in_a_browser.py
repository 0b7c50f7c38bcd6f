"""The page of trials as a reader uses it, in a real browser.

Tests that need no plot show the view "importance", which says that none was computed: so Plotly, a
second of the processor, stays packed.
"""

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest
from browser_fixture import sideways, violations

from experiments.lab.store.standings import Standing
from rendering.browser import columns, page
from rendering.browser.model import Attempt, Search, Trial

# What each of a reader's steps does is in every run of the tests (test_trials_in_a_browser.py); this is
# the longer form, on other searches.
pytestmark = pytest.mark.slow

HOSTILE = "</script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"
VIEWS = (
    "history", "parallel", "scatter", "map", "importance", "distribution", "timeline", "curves",
)  # fmt: skip
ROWS = "table.trials tbody tr[data-trial]"


def attempt(number, seed, accuracy):
    """A run that completed, or diverged if `accuracy` is None."""
    scores = {} if accuracy is None else {"validation_accuracy": accuracy, "test_accuracy": 0.9}
    status = "diverged" if accuracy is None else "completed"
    curve = [0.5, 0.7, accuracy]
    series = {"iteration": [250, 500, 750], "accuracy": curve, "validation_accuracy": curve}
    return Attempt(
        f"{10 * number + seed:024x}", seed, status, "loss not finite" if not scores else "",
        series, scores, 1000 * (number + 1), 20.0 + number,
        finished_at=f"2030-01-01T10:{number:02}:{30 * (seed - 1):02}+00:00",
    )  # fmt: skip


def trial(number, values, *accuracies):
    runs = tuple(attempt(number, seed, it) for seed, it in enumerate(accuracies, 1))
    broken = next((it for it in runs if not it.completed), runs[0])
    return Trial(f"{number:04}", values, broken.status, broken.message, runs)


def tried():
    """Eight trials: a grid of two hyper-parameters, one that is always the same, one diverged trial."""
    scored = [0.91, 0.93, 0.95, 0.90, None, 0.96, 0.94, 0.92]
    points = [(cell, units) for cell in ("lstm", "gru") for units in (16, 64, 128, 256)]
    trials = tuple(
        trial(number, {"cell": cell, "units": units, "optimizer": "adam"}, accuracy, accuracy)
        for number, ((cell, units), accuracy) in enumerate(zip(points, scored, strict=True))
    )
    scores = {"validation_accuracy": "max", "test_accuracy": "max"}
    return Search(
        "cells", "Cells and units", "validation_accuracy", "max", "grid", trials,
        about="rnn on mnist", scores=scores, standing=Standing("0005", ("0002",)),
        uses=(("section 3b, Cells", "assignment2.html#cells"),),
        show="python build_report.py --trials cells/N",
    )  # fmt: skip


def hostile():
    """Trials whose names and values are markup, quotes, signs of a spreadsheet, no number, long."""
    values = [HOSTILE, '"quoted", &amp;', "=1+1", "😀 ünï", "x" * 300, "__proto__", "", True]
    trials = tuple(
        trial(number, {HOSTILE: value, "rate": rate, **inherited(number)}, 0.5 + number / 100)
        for number, (value, rate) in enumerate(
            zip(values, [1e-5, 10, 9, float("nan"), float("inf"), None, -2, False], strict=True)
        )
    )
    return Search(
        f"odd {HOSTILE}", f"Odd {HOSTILE}", "validation_accuracy", "max", "random", trials,
        about=HOSTILE, scores={"validation_accuracy": "max"},
    )  # fmt: skip


def inherited(number):
    """A hyper-parameter that some trials lack, called as what every object of a script has."""
    return {"constructor": [number]} if number % 2 else {}


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "trials.html"
    page.write_html([tried(), hostile()], path, "Tested")
    return path


@pytest.fixture
def opened(visit, html):
    """Open the search "cells" in a state of the page; without a plot if none is named."""

    def opened(state="view=importance", **options):
        shown = visit(html, **options)
        go(shown, f"#search=cells&{state}")
        return shown

    return opened


def go(shown, address):
    shown.evaluate("address => { location.hash = address; }", address)
    shown.wait_for_selector("#place-search:not([hidden])")


def ids(shown):
    return shown.eval_on_selector_all(ROWS, "rows => rows.map(row => row.dataset.trial)")


def heading(shown, words):
    return shown.locator("table.trials thead button", has_text=words)


def drawn(shown):
    shown.wait_for_selector("#view .main-svg")


def drag(shown, start, end):
    """Drag over the history's points, in the plot's own coordinates: trial's place and accuracy."""
    shown.locator("#view .plot").scroll_into_view_if_needed()
    (left, top), (right, bottom) = shown.evaluate(
        """ends => { const it = document.querySelector("#view .plot"), axes = it._fullLayout;
        const box = it.getBoundingClientRect();
        return ends.map(([x, y]) => [box.x + axes.xaxis._offset + axes.xaxis.l2p(x),
                                     box.y + axes.yaxis._offset + axes.yaxis.l2p(y)]); }""",
        [start, end],
    )
    shown.mouse.move(left, top)
    shown.mouse.down()
    shown.mouse.move((left + right) / 2, (top + bottom) / 2, steps=3)
    shown.mouse.move(right, bottom, steps=3)
    shown.mouse.up()


@pytest.mark.parametrize("name", ["validation_accuracy", "units", "cell"])
def test_press_on_a_heading_sorts_as_the_terminal_does(opened, name):
    shown, search = opened(), tried()
    words = name.replace("_", " ")
    heading(shown, words).click()
    assert ids(shown) == [it.id for it in columns.ordered(search, name).trials]
    heading(shown, words).click()
    assert ids(shown) == [it.id for it in columns.ordered(search, name, reverse=True).trials]
    assert shown.locator("table.trials th[aria-sort]").count() == 1


def test_words_typed_filter_and_keep_the_order_of_their_letters(opened):
    shown = opened()
    shown.locator("input[type=search]").press_sequentially("gru")
    assert shown.locator("input[type=search]").input_value() == "gru"
    assert ids(shown) == ["0004", "0005", "0006", "0007"]
    assert shown.locator("#place-said").inner_text() == "4 trials shown"
    shown.get_by_role("button", name="Clear all filters").click()
    assert len(ids(shown)) == 8


def test_range_and_choice_hold_together(opened):
    shown = opened()
    shown.locator("summary", has_text="Filters").click()
    shown.get_by_role("group", name="cell").get_by_label("gru").uncheck()
    bounds = shown.get_by_role("group", name="validation accuracy, in %")
    bounds.get_by_label("from").fill("92")
    bounds.get_by_label("from").press("Tab")
    assert ids(shown) == [
        it.id for it in columns.chosen(tried(), ["cell=lstm", "validation>=0.92"]).trials
    ]
    assert shown.locator("summary", has_text="Filters (2 set)").count() == 1


def test_only_what_differs_is_shown_at_first_and_every_column_on_demand(opened):
    shown = opened()
    assert heading(shown, "units").count() == 1
    assert heading(shown, "optimizer").count() == 0
    shown.locator("summary", has_text="Columns").click()
    shown.get_by_role("button", name="All columns").click()
    assert heading(shown, "optimizer").count() == 1
    shown.get_by_label("units", exact=True).uncheck()
    assert heading(shown, "units").count() == 0
    shown.get_by_role("button", name="Only what differs").click()
    assert heading(shown, "units").count() == 1
    assert heading(shown, "optimizer").count() == 0


def test_address_brings_the_same_view_back(opened, visit, html):
    shown = opened()
    heading(shown, "units").click()
    shown.locator("input[type=search]").fill("lstm")
    shown.get_by_label("Put trial 0002 side by side").check()
    address = shown.evaluate("location.hash")
    again = visit(html)
    go(again, address)
    assert ids(again) == ids(shown) == ["0000", "0001", "0002", "0003"]
    assert again.locator("input[type=search]").input_value() == "lstm"
    assert again.get_by_label("Put trial 0002 side by side").is_checked()


@pytest.mark.parametrize(
    "address",
    [
        "sort=nothing&columns=[7]&x=none",
        "ranges={&choices=7&compared={}&open=9999",
        'ranges={"p:units":5,"nothing":[[1,2]]}&choices={"p:cell":null,"__proto__":["x"]}',
        'compared=["0001","0001","__proto__"]&view=__proto__',
        'ranges={"p:units":[["<b>","x"]]}&view=toString&by=7',
    ],
)
def test_address_that_means_nothing_shows_the_page_as_it_starts(opened, address):
    shown = opened(address)
    shown.wait_for_selector("table.trials")
    assert len(ids(shown)) == 8


def test_trial_opens_and_closes_by_keyboard_with_its_numbers(opened):
    shown = opened()
    shown.get_by_role("button", name="0005", exact=True).focus()
    shown.keyboard.press("Enter")
    shown.wait_for_selector("#place-opened h3:focus")
    told = shown.locator("#place-opened").inner_text()
    for words in ("96.00", "gru", "64", "adam", f"{51:024x}", "--trials cells/0005"):
        assert words in told
    assert shown.locator("#place-opened a").get_attribute("href") == "assignment2.html#cells"
    shown.get_by_role("button", name="Close").press("Enter")
    assert shown.locator("#place-opened").is_hidden()
    assert shown.evaluate("document.activeElement.textContent") == "0005"


def test_failed_trial_says_why(opened):
    shown = opened("open=0004&view=importance")
    assert "diverged: loss not finite" in shown.locator("#place-opened .fault").inner_text()


def test_side_by_side_marks_what_differs_and_nothing_else(opened):
    shown = opened('compared=["0001","0005"]&view=importance')
    rows = shown.locator("table.compared tbody tr")
    marked = {
        row.locator("th").inner_text().removeprefix("≠ "): row.locator("th").inner_text()[0] == "≠"
        for row in rows.all()
    }
    assert marked["cell"] and marked["validation accuracy"]
    assert not marked["units"] and not marked["optimizer"] and not marked["status"]


def test_at_most_five_trials_stand_side_by_side(opened):
    shown = opened()
    for number in range(7):
        shown.get_by_label(f"Put trial {number:04} side by side").check()
    assert shown.locator("table.compared thead th").count() == 6


def test_leader_that_is_tied_is_not_crowned_alone(opened):
    shown = opened()
    assert "Trial 0005" in shown.locator(".leaders").inner_text()
    assert "0002" in shown.locator(".leaders").inner_text()
    told = [
        shown.locator(f"tr[data-trial='{it}'] th").inner_text() for it in ("0005", "0002", "0001")
    ]
    assert told == ["0005 best, tied with 1", "0002 tied with the best", "0001"]


def test_rectangle_over_points_chooses_their_trials_everywhere(opened):
    shown = opened("view=history")
    drawn(shown)
    drag(shown, (1.5, 0.955), (3.5, 0.925))
    shown.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 2")
    assert ids(shown) == ["0001", "0002"]
    shown.get_by_role("tab", name="Distribution").click()
    shown.wait_for_function(
        "document.querySelector('#view figcaption').textContent.includes('of 2 trials')"
    )
    assert "ranges" in shown.evaluate("location.hash")


def test_brush_on_a_parallel_axis_chooses_and_is_drawn(opened):
    shown = opened("view=parallel")
    drawn(shown)
    restyle = """([name, range]) => { const it = document.querySelector("#view .plot");
      const at = it.data[0].dimensions.findIndex(axis => axis.label === name);
      return Plotly.restyle(it, {[`dimensions[${at}].constraintrange`]: [range]}); }"""
    shown.evaluate(restyle, ["units", [60, 130]])
    shown.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 4")
    assert ids(shown) == ["0001", "0002", "0005", "0006"]
    drawn(shown)
    kept = """document.querySelector("#view .plot").data[0].dimensions
      .find(it => it.label === "units").constraintrange"""
    assert shown.evaluate(kept) == [60, 130]


def test_saved_csv_and_json_hold_what_is_shown(opened):
    shown = opened("text=lstm&sort=-p:units&view=importance")
    files = {}
    for kind in ("CSV", "JSON"):
        with shown.expect_download() as waiting:
            shown.get_by_role("button", name=f"Save what is shown as {kind}").click()
        files[kind] = waiting.value.path().read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(files["CSV"])))
    assert [row["trial"] for row in rows] == ["0003", "0002", "0001", "0000"]
    assert [float(row["validation accuracy"]) for row in rows] == [0.90, 0.95, 0.93, 0.91]
    found = json.loads(files["JSON"])
    assert [it["hyperparameters"]["units"] for it in found["trials"]] == [256, 128, 64, 16]
    assert len(found["trials"][0]["runs"]) == 2


def test_saved_plot_is_an_svg(opened):
    shown = opened("view=distribution")
    drawn(shown)
    with shown.expect_download() as waiting:
        shown.get_by_role("button", name="Save as SVG").click()
    assert waiting.value.suggested_filename == "cells-distribution.svg"
    assert ET.parse(waiting.value.path()).getroot().tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    ("width", "theme"), [(390, "dark"), pytest.param(1440, "light", marks=pytest.mark.slow)]
)
def test_every_view_is_accessible_and_fits(opened, width, theme):
    shown = opened("view=history", width=width, theme=theme)
    found = {}
    for name in VIEWS:
        selected = shown.locator("[role=tab][aria-selected=true]")
        assert selected.get_attribute("id") == f"tab-{name}"
        shown.wait_for_selector("#view .main-svg, #view > p")
        found[name] = violations(shown), sideways(shown)
        selected.press("ArrowRight")
    assert found == dict.fromkeys(VIEWS, ([], 0))


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_open_filtered_and_compared_trials_are_accessible_and_fit(opened, width, theme):
    state = 'open=0004&compared=["0001","0005"]&text=loss&view=importance'
    shown = opened(state, width=width, theme=theme)
    shown.locator("summary", has_text="Filters").click()
    shown.locator("summary", has_text="Columns").click()
    shown.wait_for_selector("#place-opened .main-svg")
    assert violations(shown) == []
    assert sideways(shown) == 0


def test_table_of_searches_leads_to_each_and_back(visit, html):
    shown = visit(html, width=390)
    shown.wait_for_selector("#place-overview .main-svg")
    assert violations(shown) == []
    assert sideways(shown) == 0
    shown.locator("table.searches a", has_text="Cells and units").click()
    assert shown.locator("#place-heading h2").inner_text() == "Cells and units"
    shown.go_back()
    shown.wait_for_selector("table.searches")
    assert shown.locator("#place-search").is_hidden()


def test_chosen_theme_changes_colours(opened):
    shown = opened()
    colour = "getComputedStyle(document.body).backgroundColor"
    light = shown.evaluate(colour)
    shown.get_by_role("button", name="Use dark colours").click()
    assert shown.evaluate(colour) != light
    shown.get_by_role("button", name="Use light colours").click()
    assert shown.evaluate(colour) == light


def test_hostile_names_are_shown_as_text_and_do_nothing(visit, html):
    shown = visit(html)
    shown.locator("table.searches a", has_text="Odd").click()
    assert shown.locator("#place-heading h2").inner_text() == f"Odd {HOSTILE}"
    assert heading(shown, HOSTILE).count() == 1
    told = shown.locator("table.trials").inner_text()
    for words in (HOSTILE, '"quoted", &amp;', "=1+1", "😀 ünï", "x" * 300, "__proto__", "True"):
        assert words in told
    for name in VIEWS:
        shown.locator(f"#tab-{name}").click()
        shown.wait_for_selector("#view .main-svg, #view > p")
    shown.get_by_role("button", name="0000", exact=True).click()
    shown.wait_for_selector("#place-opened .main-svg")
    assert shown.evaluate("window.harmed") is None
    assert sideways(shown) == 0


def test_numbers_sort_before_words_and_what_is_no_number_last(visit, html):
    shown = visit(html)
    shown.locator("table.searches a", has_text="Odd").click()
    shown.locator("#tab-importance").click()
    heading(shown, "rate").click()
    assert ids(shown)[:4] == ["0006", "0000", "0002", "0001"]


def test_page_without_scripts_says_where_the_trials_are(visit, html):
    shown = visit(html, scripts=False)
    assert "trials.csv" in shown.locator("noscript").inner_text()


@pytest.mark.parametrize("searches", [[], [Search("none", "None", "loss", "min", "random", ())]])
def test_page_without_trials_says_so(visit, tmp_path, searches):
    page.write_html(searches, tmp_path / "trials.html", "Tested")
    shown = visit(tmp_path / "trials.html")
    shown.wait_for_function("document.querySelector('main').innerText.trim().length > 5")
    assert violations(shown) == []


def test_page_of_a_build_that_goes_on_looks_again(visit, tmp_path):
    page.write_html([], tmp_path / "trials.html", "Tested", building=True)
    shown = visit(tmp_path / "trials.html")
    shown.clock.install()
    shown.reload()
    page.write_html([tried()], tmp_path / "trials.html", "Tested")
    with shown.expect_navigation():
        shown.clock.fast_forward(20_000)
    assert shown.locator("#place-heading h2").inner_text() == "Cells and units"


def test_page_that_looks_again_leaves_its_reader_in_place(visit, tmp_path):
    page.write_html([tried()], tmp_path / "trials.html", "Tested", building=True)
    shown = visit(tmp_path / "trials.html", width=390)
    shown.clock.install()
    shown.reload()
    shown.locator("input[type=search]").fill("gru")
    shown.clock.fast_forward(60_000)  # no other page while words are typed
    assert shown.locator("input[type=search]").input_value() == "gru"
    shown.locator("input[type=search]").blur()
    drawn(shown)
    shown.evaluate("scrollTo(0, 300)")
    with shown.expect_navigation():
        shown.clock.fast_forward(20_000)
    drawn(shown)
    assert len(ids(shown)) == 4  # the address keeps what was chosen
    shown.wait_for_function("Math.abs(scrollY - 300) < 5")
