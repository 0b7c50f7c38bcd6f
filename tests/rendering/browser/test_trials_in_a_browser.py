"""The trial browser in a real browser: each thing that a reader does with it."""

import csv
import dataclasses
import io
import json
import math
from pathlib import Path

import browser_fixture
import pytest
from browser_fixture import THEMES, WIDTHS

from experiments.lab.store.standings import Standing
from rendering.browser import page
from rendering.browser.model import Attempt, Importance, Search, Trial

VIEWS = (
    "history",
    "parallel",
    "scatter",
    "map",
    "importance",
    "distribution",
    "timeline",
    "curves",
)
LONG = "x" * 300
HOSTILE = '<b onclick="alert(1)">&amp;"\' ‮🎉'


def trial(number, rate, optimizer, *accuracies, status="completed", message=""):
    attempts = tuple(
        Attempt(
            f"{number:022}{seed:02}", seed, status, message,
            {"iteration": [1, 2], "loss": [2, 1], "validation_loss": [2, 1.5], "seconds": [1, 2],
             "accuracy": [it / 2, it], "validation_accuracy": [it / 2, it]},
            {"validation_accuracy": it, "best_validation_accuracy": it, "test_accuracy": it}
            if status == "completed" else {},
            1000, 2.0, {"device": "a processor"}, f"2026-01-0{1 + seed}T00:00:0{number}+00:00",
        )
        for seed, it in enumerate(accuracies, 1)
    )  # fmt: skip
    return Trial(
        f"{number:02}",
        {"learning_rate": rate, "optimizer": optimizer, "epochs": 5},
        status,
        message,
        attempts,
    )


@pytest.fixture(scope="module")
def searches():
    trials = (
        trial(0, 0.1, "adam", 0.5, 0.52),
        dataclasses.replace(trial(1, 0.01, "adam", 0.9, 0.8), confusion=((90, 10), (40, 60))),
        trial(2, 0.001, "sgd", 0.7, 0.7),
        trial(3, 0.0001, "sgd", 0.1, status="diverged", message="loss not finite at iteration 7"),
    )  # fmt: skip
    first = Search("rates", "Rates & optimizers", "validation_accuracy", "max", "grid", trials,
                   standing=Standing("01", ("02",)),
                   importance=Importance({"learning_rate": 0.7, "optimizer": 0.3}, 4),
                   uses=(("section 1b i", "assignment2.html#section-learning-rates"),),
                   classes=("cat", "dog"), show="python build_report.py --trials rates/N --output x",
                   retrain="python build_report.py rates/N --retrain")  # fmt: skip
    odd = tuple(
        Trial(str(index), {HOSTILE: value, "other": LONG if index else None}, "completed", "",
              (Attempt(f"k{index}", None, "completed", scores={"val_mae": float(index)}),))
        for index, value in enumerate([math.nan, math.inf, True, [1, 2], 10, 9, HOSTILE, LONG])
    )  # fmt: skip
    second = Search(HOSTILE, HOSTILE, "val_mae", "min", "random", odd, scores={"val_mae": "min"})
    return [first, second]


@pytest.fixture(scope="module")
def written(searches, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "trials.html"
    page.write_html(searches, path, "Assignment 2")
    return path


@pytest.fixture
def opened(visit, written):
    """Open the page at an address: `opened(search="rates", sort="-s:test_accuracy", width=390)`."""

    def opened(width=1200, theme="light", **state):
        page = visit(written, width=width, theme=theme)
        if state:
            page.evaluate(
                "state => { location.hash = new URLSearchParams(state) }",
                {key: it if isinstance(it, str) else json.dumps(it) for key, it in state.items()},
            )
            page.locator("#place-search table.trials").wait_for()
        return page

    return opened


def ids(page):
    return page.locator("table.trials button.opens").all_inner_texts()


def state_of(page):
    return page.evaluate("Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")


def drawn(page, place="#place-views"):
    page.locator(f"{place} .plot .main-svg").first.wait_for(state="attached", timeout=30_000)


def test_all_searches_are_in_the_table_and_open_from_it(opened):
    page = opened()
    page.locator("table.searches").get_by_role("link", name="Rates & optimizers").click()
    assert ids(page) == ["00", "01", "02", "03"]
    assert (
        page.locator(".leaders")
        .inner_text()
        .startswith("Trial 01 has the best validation accuracy")
    )
    assert page.locator("tr.best").get_by_text("best, tied with 1").count() == 1


def test_headings_sort_from_the_best_and_back_and_keep_what_is_missing_last(opened):
    page = opened(search="rates")
    heading = page.get_by_role("button", name="test accuracy", exact=True)
    heading.click()
    assert ids(page) == ["01", "02", "00", "03"]
    heading.press("Enter")  # the focus stays where it was
    assert ids(page) == ["00", "02", "01", "03"]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert state_of(page)["sort"] == "s:test_accuracy"


def test_mixed_values_sort_numbers_first_and_in_their_order(opened):
    page = opened(search=HOSTILE, sort=f"p:{HOSTILE}")
    assert ids(page)[:2] == ["5", "4"]


def test_words_ranges_and_choices_filter_and_are_kept_in_the_address(opened):
    page = opened(search="rates")
    page.get_by_label("Trials that hold").fill("adam")
    assert ids(page) == ["00", "01"]
    page.get_by_role("button", name="Clear all filters").click()
    page.locator("summary", has_text="Filters").click()
    page.get_by_role("group", name="status").get_by_label("diverged").click()
    page.get_by_role("group", name="test accuracy, in %").get_by_label("from").fill("60")
    page.keyboard.press("Tab")
    assert ids(page) == ["01", "02"]
    again = opened(**state_of(page))
    assert ids(again) == ["01", "02"]


def test_columns_are_what_differs_until_the_reader_chooses(opened):
    page = opened(search="rates")
    head = page.locator("table.trials thead")
    assert "epochs" not in head.inner_text()
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("button", name="All columns").click()
    assert "epochs" in head.inner_text()
    page.get_by_role("button", name="Only what differs").click()
    assert "epochs" not in head.inner_text()


def test_trial_opens_with_its_runs_curves_and_links_and_closes(opened):
    page = opened(search="rates")
    page.get_by_role("button", name="01").press("Enter")
    place = page.locator("#place-opened")
    drawn(page, "#place-opened")
    assert place.locator("h3").inner_text() == "Trial 01 of Rates & optimizers"
    run = place.get_by_role("row", name="0000000000000000000102")
    assert "2026-01-03 00:00 UTC" in run.inner_text()
    assert (
        place.get_by_role("link", name="section 1b i")
        .get_attribute("href")
        .endswith("#section-learning-rates")
    )
    assert "python build_report.py --trials rates/01 --output x" in place.inner_text()
    assert "python build_report.py rates/01 --retrain" in place.inner_text()
    matrix = place.locator("table.matrix")
    assert matrix.locator("tbody tr").nth(1).inner_text().split() == ["dog", "40", "60"]
    told = place.locator(".confusion p").inner_text().replace("\u202f", " ")
    assert told.startswith("Rows: what the images are; columns: what the network says. 150 of 200 ")
    assert "predictions are correct, over 2 runs, 75.00 %." in told
    assert told.endswith("dog for cat (40 of 100) and cat for dog (10 of 100).")
    place.get_by_role("button", name="Close").click()
    assert place.is_hidden()


def test_trials_side_by_side_mark_what_differs(opened):
    page = opened(search="rates")
    for number in ("00", "01"):
        page.get_by_label(f"Put trial {number} side by side").click()
    place = page.locator("#place-compared")
    assert "differ in the 4 rows marked" in place.inner_text()
    assert place.get_by_role("row", name="≠ learning_rate").count() == 1
    assert place.get_by_role("row", name="epochs", exact=False).locator("td.differs").count() == 0
    assert json.loads(state_of(page)["compared"]) == ["00", "01"]


def test_rectangle_in_a_plot_chooses_its_trials_in_the_table(opened):
    page = opened(search="rates", view="scatter")
    drawn(page)
    box = page.locator("#place-views .nsewdrag").first.bounding_box()
    x, y = box["x"], box["y"]
    page.mouse.move(x + 2, y + 2)
    page.mouse.down()
    page.mouse.move(x + box["width"] - 2, y + box["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function("document.querySelectorAll('table.trials button.opens').length < 4")
    assert set(ids(page)) == {"01", "02"}


def test_range_on_a_parallel_axis_and_in_the_table_are_one(opened):
    page = opened(search="rates", view="parallel", ranges={"s:validation_accuracy": [[0.6, 1]]})
    drawn(page)
    dimensions = "document.querySelector('#place-views .plot').data[0].dimensions"
    assert page.evaluate(f"{dimensions}.map(it => it.label)")[:3] == [
        "learning_rate",
        "optimizer",
        "validation accuracy",
    ]
    assert page.evaluate(f"{dimensions}[2].constraintrange") == [0.6, 1]
    page.evaluate(
        "Plotly.restyle(document.querySelector('#place-views .plot'),"
        " 'dimensions[0].constraintrange', [[-2.5, -0.5]])"
    )
    page.wait_for_function("document.querySelectorAll('table.trials button.opens').length === 1")
    assert ids(page) == ["01"]
    assert json.loads(state_of(page)["ranges"])["p:learning_rate"][0] == pytest.approx(
        [10**-2.5, 10**-0.5]
    )


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_is_shown_is_saved(opened, kind):
    page = opened(search="rates", choices={"p:optimizer": ["adam"]}, sort="s:test_accuracy")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"as {kind.upper()}").click()
    text = Path(waiting.value.path()).read_text()
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(it["trial"], float(it["test accuracy"])) for it in rows] == [
            ("00", 0.51),
            ("01", pytest.approx(0.85)),
        ]
    else:
        assert [it["trial_id"] for it in json.loads(text)["trials"]] == ["00", "01"]


def test_plot_is_saved_as_svg(opened):
    page = opened(search="rates")
    drawn(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as SVG").click()
    assert waiting.value.suggested_filename == "rates-history.svg"
    assert Path(waiting.value.path()).read_text().startswith("<svg")


def test_hostile_names_are_text(opened):
    page = opened(search=HOSTILE)
    assert page.locator("#place-heading h2").inner_text() == HOSTILE
    assert page.locator("#place-search b[onclick]").count() == 0
    assert browser_fixture.sideways(page) == 0


def test_address_that_names_nothing_known_shows_all_searches(opened, visit, written):
    page = opened()
    page.evaluate("location.hash = '#search=gone&ranges=[broken&sort=-x'")
    page.locator("table.searches").wait_for()
    page.evaluate(
        "location.hash = '#search=rates&ranges=[broken&sort=-x&choices={\"p:gone\":[1]}&open=99'"
    )
    page.locator("table.trials").wait_for()
    assert ids(page) == ["00", "01", "02", "03"]


@pytest.mark.parametrize(("width", "theme"), [(WIDTHS[0], THEMES[1]), (WIDTHS[-1], THEMES[0])])
def test_every_view_draws_says_what_it_shows_and_breaks_no_rule(opened, width, theme):
    page = opened(width, theme, search="rates", compared=["00", "01"], open="01")
    for view in VIEWS:
        page.locator(f"#tab-{view}").click()
        drawn(page)
        page.locator(f"#tab-{view}[aria-selected=true]").wait_for()
        assert len(page.locator("#place-views figcaption").inner_text()) > 30
        assert browser_fixture.sideways(page) == 0, view
    assert browser_fixture.violations(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_no_state_breaks_a_rule(opened, width, theme):
    for name in ("rates", HOSTILE):
        page = opened(width, theme, search=name)
        for view in VIEWS:
            page.locator(f"#tab-{view}").click()
            page.wait_for_timeout(500)
            assert browser_fixture.violations(page) == [], (name, view)
    assert browser_fixture.violations(opened(width, theme)) == []


def timed(number, worker, taken_up, finished):
    """A trial of one run, from one minute of an hour to another."""
    run = Attempt(
        f"run{number}", 1, "completed", scores={"validation_accuracy": 0.5}, seconds=60.0,
        taken_up_at=taken_up and f"2026-01-01T10:{taken_up}:00+00:00", worker=worker,
        finished_at=f"2026-01-01T10:{finished}:00+00:00",
    )  # fmt: skip
    return Trial(str(number), {}, "completed", "", (run,))


def test_timeline_has_a_row_for_each_worker_and_tells_what_was_trained_before(visit, tmp_path):
    trials = (
        timed(0, "", "", "02"), timed(1, "", "", "02"),  # before runs kept their worker
        timed(2, "local-1", "50", "53"), timed(3, "local-0", "51", "52"), timed(4, "local-1", "54", "55"),
    )  # fmt: skip
    one = Search("a", "A", "validation_accuracy", "max", "grid", trials)
    searches = [one, dataclasses.replace(one, name="b", title="B")]  # of the very same runs
    began = "2026-01-01T10:49:00+00:00"
    page.write_html(searches, tmp_path / "trials.html", "Timed", began=began)
    shown = visit(tmp_path / "trials.html")
    shown.locator("#place-overview .plot .main-svg").nth(3).wait_for(state="attached")
    told = (
        shown.locator("#place-overview .plot")
        .nth(1)
        .evaluate(
            "it => ({bars: it.data.map(bar => [bar.name, bar.y, bar.base.map(Number), bar.x]),"
            " rows: it.layout.yaxis.categoryarray, span: it.layout.xaxis.range.map(Number)})"
        )
    )
    fresh, kept = told["bars"]
    assert fresh[:2] == ["trained by this build", ["local-1", "local-0", "local-1"]]
    assert kept[:2] == ["trained before, taken from the store", ["not kept (1)", "not kept (2)"]]
    minutes = [it / 60_000 for it in fresh[2] + fresh[3]]
    assert [it - minutes[0] for it in minutes[:3]] == [0, 1, 4]
    assert minutes[3:] == [3, 1, 1]
    assert told["rows"] == ["local-0", "local-1", "not kept (1)", "not kept (2)"]
    assert told["span"][0] > max(kept[2])
    sentence = shown.locator("#place-overview figcaption").nth(1).inner_text()
    assert "5 runs, 5 min 0 s of training. 2 of them were taken" in sentence.replace("\u202f", " ")


def test_many_searches_are_chosen_in_a_list_and_scores_come_first_on_a_phone(
    visit, searches, tmp_path
):
    many = [
        dataclasses.replace(searches[0], name=f"s{at}", title=f"Search {at}") for at in range(8)
    ]
    page.write_html(many, tmp_path / "many.html", "Many")
    shown = visit(tmp_path / "many.html", width=WIDTHS[0])
    drawn(shown, "#place-overview")
    assert shown.evaluate("document.querySelector('.plot').data.map(it => it.y[0])")[:2] == [
        "s0",
        "s1",
    ]
    shown.get_by_label("Search", exact=True).select_option("Search 5")
    assert shown.locator("#place-heading h2").inner_text() == "Search 5"
    heads = shown.locator("table.trials thead th").all_inner_texts()
    assert heads[1:3] == ["trial", "validation accuracy"]
    shown.locator("#tab-curves").click()
    drawn(shown)
    titles = shown.evaluate(
        "Object.entries(document.querySelector('#view .plot').layout)"
        ".filter(([name]) => name.startsWith('yaxis')).map(([, it]) => it.title.text)"
    )
    assert sorted(titles) == ["accuracy", "loss"]
    assert browser_fixture.violations(shown) == []


def test_arrows_move_between_views(opened):
    page = opened(search="rates")
    page.locator("#tab-history").press("ArrowLeft")
    assert state_of(page)["view"] == "curves"
    assert page.evaluate("document.activeElement.id") == "tab-curves"


def test_of_many_classes_the_most_frequent_confusions_are_listed(visit, searches, tmp_path):
    names = tuple(f"class {number}" for number in range(30))
    counts = [[50 if at == to else int(to == at + 1) * at for to in range(30)] for at in range(30)]
    one = dataclasses.replace(searches[0].trials[1], confusion=counts)
    many = dataclasses.replace(searches[0], trials=(one,), classes=names, standing=None)
    page.write_html([many], tmp_path / "many.html", "Many")
    shown = visit(tmp_path / "many.html")
    shown.get_by_role("button", name="01").click()
    rows = shown.locator(".confusion tbody tr")
    assert rows.count() == 20
    assert rows.first.inner_text().split("\t") == ["class 28", "class 29", "28", "78"]


def test_colours_change_at_a_press(opened):
    page = opened(search="rates")
    page.get_by_role("button", name="Use dark colours").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 28)"


@pytest.mark.slow
def test_five_thousand_trials_are_drawn_a_window_at_a_time(visit, searches, tmp_path):
    one = searches[0].trials[0]
    many = tuple(dataclasses.replace(one, id=str(number)) for number in range(5000))
    page.write_html([dataclasses.replace(searches[0], trials=many)], tmp_path / "many.html", "Many")
    shown = visit(tmp_path / "many.html")
    shown.locator("table.trials").wait_for()
    assert shown.locator("table.trials tbody tr").count() < 200
    shown.locator(".window").evaluate("it => { it.scrollTop = it.scrollHeight }")
    shown.get_by_role("button", name="4999", exact=True).wait_for()
    shown.get_by_label("Trials that hold").fill("4998")
    assert ids(shown) == ["4998"]


def test_without_scripts_the_page_says_where_the_trials_are(visit, written):
    assert "trials.csv" in visit(written, scripts=False).locator("noscript").inner_text()
