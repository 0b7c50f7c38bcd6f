"""Learning curves as small SVG pictures, for pages that show hundreds of them.

A few hundred bytes each and drawn in microseconds, which no plotting library does; larger figures with
axes to read values from are drawn by `rendering.figures`.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from experiments.lab.store.runs import Run
from rendering import wording
from rendering.figures.drawing import colour

SPARK_WIDTH, SPARK_HEIGHT = 120, 26
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 380, 170, 44, 18, 22


def spark(runs: Sequence[Run]) -> Markup:
    """Return the validation accuracy of each run as thin lines on a common scale of 0 to 1."""
    lines = [
        _path(run.curves["iteration"], run.curves["validation_accuracy"], _span(runs, "iteration"),
              (0.0, 1.0), (1, 1, SPARK_WIDTH - 2, SPARK_HEIGHT - 2), colour(index))
        for index, run in enumerate(runs)
    ]  # fmt: skip
    return _svg(SPARK_WIDTH, SPARK_HEIGHT, "validation accuracy: " + _words(runs), lines)


def chart(runs: Sequence[Run]) -> Markup:
    """Return loss and accuracy of each run, side by side; training dashed, validation solid."""
    halves = [
        *_half(runs, 0, "loss", ("loss", "validation_loss"), percent=False),
        *_half(runs, WIDTH + 24, "accuracy", ("accuracy", "validation_accuracy"), percent=True),
    ]
    told = f"loss and accuracy of {wording.plural(len(runs), 'run')}: {_words(runs)}"
    return _svg(2 * WIDTH + 24, HEIGHT, told, halves)


def _half(
    runs: Sequence[Run], shift: float, title: str, names: tuple[str, str], percent: bool
) -> list[str]:
    """Return the parts of one panel: frame, scale in words, and a line for each run and curve."""
    x_span = _span(runs, "iteration")
    y_span = _span(runs, *names)
    box = (shift + LEFT, TOP, WIDTH - LEFT - 6, HEIGHT - TOP - BOTTOM)
    left, top, wide, high = box
    tell = (lambda value: wording.percent(value, 0)) if percent else wording.number
    parts = [
        f'<text x="{left}" y="11" class="title">{title}</text>',
        f'<path d="M{left} {top}v{high}h{wide}" class="axis"/>',
        _text(left - 5, top + 8, tell(y_span[1]), "end"),
        _text(left - 5, top + high, tell(y_span[0]), "end"),
        _text(left, top + high + 15, wording.count(x_span[0]), "start"),
        _text(left + wide, top + high + 15, f"{wording.count(x_span[1])} iterations", "end"),
    ]
    for index, run in enumerate(runs):
        for name, dash in zip(names, ("3 2", ""), strict=True):
            x, y = run.curves["iteration"], run.curves[name]
            parts.append(_path(x, y, x_span, y_span, box, colour(index), dash))
    return parts


def _path(
    x: Sequence[float],
    y: Sequence[float],
    x_span: tuple[float, float],
    y_span: tuple[float, float],
    box: tuple[float, float, float, float],
    shade: str,
    dash: str = "",
) -> str:
    """Return a line through the finite points; the others leave a gap."""
    left, top, wide, high = box
    steps, drawing = [], False
    for x_value, y_value in zip(x, y, strict=True):
        if not _known(y_value):
            drawing = False
            continue
        across = left + wide * (x_value - x_span[0]) / ((x_span[1] - x_span[0]) or 1)
        down = top + high * (1 - (y_value - y_span[0]) / ((y_span[1] - y_span[0]) or 1))
        steps.append(f"{'L' if drawing else 'M'}{across:.1f} {down:.1f}")
        drawing = True
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{"".join(steps)}" stroke="{shade}"{dashed} class="line"/>' if steps else ""


def _span(runs: Sequence[Run], *names: str) -> tuple[float, float]:
    """Return the smallest and the largest finite value of some curves of all runs; (0, 1) if none."""
    known = [v for run in runs for name in names for v in run.curves[name] if _known(v)]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _words(runs: Sequence[Run]) -> str:
    """Say the last and the best validation accuracy of each run."""
    told = []
    for run in runs:
        known = [value for value in run.curves["validation_accuracy"] if _known(value)]
        ends = (
            f"last {wording.percent(known[-1])}, best {wording.percent(max(known))}"
            if known
            else ("no finite value")
        )
        told.append(f"seed {run.settings.seed} {ends}")
    return "; ".join(told)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


def _svg(width: int, height: int, told: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704
        f'<svg role="img" aria-label="{escape(told)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(parts)}</svg>'
    )
