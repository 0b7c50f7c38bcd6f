"""A small made-up report: three sections, one with results, one without, one that failed."""

import re
import shutil
import tempfile
from pathlib import Path

import numpy as np

from experiments.lab.evidence.claims import Claim, End, as_plain
from experiments.lab.store.drawings import Drawn
from experiments.lab.store.records import Record
from rendering.document import page
from rendering.document.report import FAILED, FRESH, PENDING, Report, SectionView
from rendering.figures import vocabulary as figures

GOLD = Path(__file__).parent / "gold" / "sample.html"
MOMENT = "2024-02-03T14:05:00+00:00"

PARTIAL = """<p>It reached {{ scores.test_accuracy | percent }}, as {{ see("curves") }} and
{{ see_table("rates") }} show; more in {{ see_section("units") }}.</p>
{{ figure("curves") }}
<h3>Images & more</h3>
{{ figure("images") }}
{{ table("rates", [["Rate", "rate"], ["Test", "percent"], ["Time", "duration"], "Note"],
   [[0.001, [0.6234, 0.0041], 492, "best <b>"], [0.01, none, 12.0, none]], "Rates.", best=[0]) }}
{{ formula("\\\\eta", "eta", inline=True) }}
{% call aside("Settings") %}<p>{{ claims.rates.left.label }}</p>{% endcall %}
"""

CLAIM = Claim(
    "rates", End.of_value("0.001"), End.of_value("0.01"), "test_accuracy", "better", 0.01, None,
    "made up", 0.04,
)  # fmt: skip
IDENTITIES = {
    "mnist": {
        "name": "mnist",
        "label": "enlarged digits (stand-in for MNIST)",
        "kind": "stand-in",
        "fingerprint": "0123456789abcdef" * 4,
        "origin": "scikit-learn's digits",
    }
}


def templates(folder: Path, partial: str = PARTIAL) -> Path:
    """Return a copy of the project's templates in which `rnn` has the partial given."""
    copy = folder / "templates"
    shutil.copytree(page.TEMPLATES, copy, ignore=shutil.ignore_patterns("sections"))
    (copy / "sections").mkdir()
    (copy / "sections" / "rnn.html").write_text(partial)
    return copy


def drawings() -> list[figures.Drawing]:
    line = figures.Line("Adam", [1, 2, 3], [0.4, 0.5, 0.62])
    picture = figures.Image(np.linspace(0, 1, 16).reshape(4, 4), "a ramp")
    return [
        figures.curves(
            "curves", "Accuracy.", [figures.Panel("", "epoch", "accuracy", [line], percent=True)]
        ),
        figures.image_grid("images", "An image.", [[picture]], wide=False, raster=True),
    ]


def record(profile: str = "standard") -> Record:
    return Record(
        section="rnn",
        status="done",
        profile=profile,
        settings={},
        inputs={},
        built_at=MOMENT,
        seconds=492.0,
        environment={"python": "3.12.1", "threads": 1},
        data=IDENTITIES,
        command="python build_report.py rnn",
        scores={"test_accuracy": 0.6234},
        claims=[as_plain(CLAIM)],
        trials=[{"seed": seed} for seed in (2, 1)],
    )


def drawn(output: Path) -> Drawn:
    return Drawn("rnn", {}, tuple(drawing.save(output, "rnn") for drawing in drawings()))


def report(output: Path, profile: str = "standard", author: str = "Ada & Co") -> Report:
    sections = [
        SectionView(
            "rnn",
            1,
            "3a",
            "A recurrent <network>",
            FRESH,
            "",
            "command a",
            record(profile),
            drawn(output),
        ),
        SectionView("units", 2, "3b ii", "Units", PENDING, "never built", "command b"),
        SectionView("cells", 3, "3b i", "Cells", FAILED, "ValueError: nothing", "command c"),
    ]
    return Report(
        title="Assignment 2",
        author=author,
        profile=profile,
        sections=sections,
        environment={"python": "3.12.1"},
        data=IDENTITIES,
        built_at=MOMENT,
        command="python build_report.py",
        versions={"jinja2": "3.1.6"},
    )


def scrubbed(html: str) -> str:
    """Return the page without dates, styles and images' bytes, and without empty lines."""
    html = re.sub(r"<style.*?</style>", "<style/>", html, flags=re.DOTALL)
    html = re.sub(r'"data:([a-z/+]+);base64,[^"]*"', r'"data:\1"', html)
    html = re.sub(r"\d{4}-\d\d-\d\dT[\d:+.]+|\d+\u00a0[A-Z][a-z]+ \d{4}, \d\d:\d\d", "DATE", html)
    html = re.sub(r"(height|vertical-align|--width): -?[\d.]+", r"\1: N", html)
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":  # write the gold page anew
    with tempfile.TemporaryDirectory() as scratch:
        built = report(Path(scratch))
        GOLD.write_text(scrubbed(page.render(built, Path(scratch), templates(Path(scratch)))))
