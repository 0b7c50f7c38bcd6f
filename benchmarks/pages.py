"""How large the page of trials is, and how fast in a browser, beside HiPlot's page and Optuna's plots.

    python -m benchmarks.pages [--trials 20 5000] [--epochs 50] [--rounds 5] [--keep DIR]

The same made-up trials, seeded, go to each. HiPlot takes part where it is installed
(requirements-benchmarks.txt). A line for each page: its size, the seconds that making it took, and in
Chromium the seconds from opening the file until its table and until its last plot are there; the
processor's seconds for that; then the milliseconds from words being typed into its filter until the
rows, and until the plot too, show what they leave. Each is the median of the rounds, in which the pages
take turns, so that what else the machine does meets all of them alike.

HiPlot's page holds no curves, and its filter by words changes the table alone. Optuna's plots are
those that a study has without anything else installed, on one page; they have no table and no filter.
`--keep` writes the pages to a folder.
"""

import argparse
import importlib.util
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import made_up
from experiments.lab.store.files import write_whole
from rendering.browser import page as own_page
from rendering.browser.model import Search

HEADINGS = ("MB", "made, s", "table, s", "plot, s", "processor, s", "rows, ms", "redrawn, ms")
WINDOW = {"width": 1440, "height": 900}
PATIENCE = 60_000  # milliseconds until a page counts as one that never gets there
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking")
OWN, HIPLOT, OPTUNA = "this project", "HiPlot", "Optuna"

# What is true when the page's table is there, and when its last plot is.
TABLE = {
    OWN: "document.querySelector('table.trials tbody th')",
    HIPLOT: "document.querySelector('.sample-rows-table tbody td')",
}
PLOT = {
    OWN: "document.querySelector('#view .main-svg')",
    HIPLOT: "document.querySelector('.pplot-root g.dimension')",
    OPTUNA: "document.querySelectorAll('.plotly-graph-div').length === 6 && "
    "[...document.querySelectorAll('.plotly-graph-div')].every(it => it.querySelector('.main-svg'))",
}
# Where words are typed, what says how many rows are left, and the plot that follows, if one does.
FILTERS = {
    OWN: ("input[type=search]", "table.trials caption", "#view .plot"),
    HIPLOT: (".dataTables_filter input", ".dataTables_info", ""),
}
WORDS = ("sgd", "", "adam", "")  # between two words all rows come back: what is told always changes
# Set a filter as typing does; tell the milliseconds until a frame shows the rows, and the plot, anew.
SET_FILTER = """async ([field, count, plot, words, patience]) => {
  const find = (selector) => document.querySelector(selector);
  const began = performance.now();
  const until = async (condition) => {
    while (!condition()) {
      if (performance.now() - began > patience) throw new Error(`nothing followed ${words}`);
      await new Promise(requestAnimationFrame);
    }
    await new Promise(requestAnimationFrame);
    return performance.now() - began;
  };
  let drawn = !plot;
  if (plot) find(plot).once("plotly_afterplot", () => { drawn = true; });
  const left = find(count).textContent;
  find(field).value = words;
  for (const kind of ["input", "keyup"]) find(field).dispatchEvent(new Event(kind, { bubbles: true }));
  const rows = await until(() => find(count) && find(count).textContent !== left);
  return plot ? [rows, await until(() => drawn)] : [rows];
}"""


def main() -> None:
    """Make the pages, open each, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, nargs="+", default=[20, 5000])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder for the pages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        folder = options.keep or Path(scratch)
        for amount in options.trials:
            print(f"{amount} trials of {options.epochs} epochs")
            report(made_up.search(amount, options.epochs), folder, browser, options.rounds)


def report(search: Search, folder: Path, browser: Any, rounds: int) -> None:  # noqa: ANN401
    """Print a line for each page of `search`, after the headings."""
    print(f"{'page':14}" + "".join(f"{heading:>14}" for heading in HEADINGS))
    pages = dict(made(search, folder))
    times = defaultdict(list)
    for _ in range(rounds):
        for name, (path, _) in pages.items():
            times[name].append([*opened(browser, path, name)])
    for name, (path, seconds) in pages.items():
        middle = [None if None in each else median(each) for each in zip(*times[name], strict=True)]
        print(line(name, [path.stat().st_size / 1e6, seconds, *middle]), flush=True)


def line(name: str, numbers: list[float | None]) -> str:
    """Return a page's line; seconds have two decimals, milliseconds none, what is not there a dash."""
    cells = [
        "–" if it is None else f"{it:.0f}" if heading.endswith("ms") else f"{it:.2f}"
        for heading, it in zip(HEADINGS, numbers, strict=True)
    ]
    return f"{name:14}" + "".join(f"{cell:>14}" for cell in cells)


def made(search: Search, folder: Path) -> Iterator[tuple[str, tuple[Path, float]]]:
    """Make each page in `folder`; yield its name, its path and the seconds that it took."""
    for name, make in MAKERS.items():
        path = folder / f"{len(search.trials)}-{name.replace(' ', '-').lower()}.html"
        began = time.perf_counter()
        if make(search, path):
            yield name, (path, time.perf_counter() - began)


def opened(browser: Any, path: Path, name: str) -> Iterator[float | None]:  # noqa: ANN401
    """Open a page afresh; yield what stands under HEADINGS from "table" on, None for what it has not.

    Playwright's TimeoutError or Error if the page does not get there.
    """
    context = browser.new_context(viewport=WINDOW)
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        metrics = context.new_cdp_session(page)
        metrics.send("Performance.enable")
        began = time.perf_counter()
        page.goto(path.resolve().as_uri(), wait_until="commit")
        for condition in (TABLE.get(name), PLOT[name]):
            if condition:
                page.wait_for_function(condition, polling="raf")
            yield time.perf_counter() - began if condition else None
        found = metrics.send("Performance.getMetrics")["metrics"]
        yield next(it["value"] for it in found if it["name"] == "ProcessTime")
        yield from filter_times(page, name)
    finally:
        context.close()


def filter_times(page: Any, name: str) -> tuple[float | None, float | None]:  # noqa: ANN401
    """Return the median milliseconds until the rows, and until the plot, show what words leave."""
    if name not in FILTERS:
        return None, None
    given = [[*FILTERS[name], words, PATIENCE] for words in WORDS]
    times = [page.evaluate(SET_FILTER, it) for it in given]
    rows, *plot = (median(each) for each in zip(*times, strict=True))
    return rows, plot[0] if plot else None


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the Chromium that is installed; end the program with a line where there is none."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no Chromium on this machine: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield running
        running.close()


def own(search: Search, path: Path) -> bool:
    """Write this project's page."""
    own_page.write_html([search], path, "Benchmark")
    return True


def hiplot(search: Search, path: Path) -> bool:
    """Write HiPlot's page, a point for each trial; return whether HiPlot is there."""
    if not importlib.util.find_spec("hiplot"):
        return False
    import hiplot as hip

    hip.Experiment.from_iterable(made_up.rows(search)).to_html(str(path))
    return True


def optuna(search: Search, path: Path) -> bool:
    """Write the plots that Optuna draws of a study to one page."""
    from optuna import visualization

    study = made_up.study(search)
    plots = [
        visualization.plot_optimization_history(study),
        visualization.plot_parallel_coordinate(study),
        visualization.plot_slice(study),
        visualization.plot_rank(study, params=made_up.PAIR),
        visualization.plot_edf(study),
        visualization.plot_intermediate_values(study),
    ]
    parts = [
        it.to_html(full_html=False, include_plotlyjs=index == 0) for index, it in enumerate(plots)
    ]
    write_whole(path, f"<!DOCTYPE html><meta charset=utf-8>{''.join(parts)}".encode())
    return True


MAKERS = {OWN: own, HIPLOT: hiplot, OPTUNA: optuna}

if __name__ == "__main__":
    main()
