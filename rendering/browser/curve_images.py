"""Learning curves as small SVG images, for pages that show hundreds of them.

A few hundred bytes each and drawn in microseconds, which no plotting library does; larger figures with
axes to read values from are drawn by `rendering.figures`.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from rendering import wording
from rendering.browser.model import Attempt
from rendering.figures.drawing import colour

SPARK_WIDTH, SPARK_HEIGHT = 120, 26
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 380, 170, 44, 18, 22


def spark(attempts: Sequence[Attempt]) -> Markup:
    """Return the validation accuracy of each attempt as thin lines on a common scale of 0 to 1."""
    lines = [
        _path(*_points(attempt, "validation_accuracy"), _span(attempts, "iteration"),
              (0.0, 1.0), (1, 1, SPARK_WIDTH - 2, SPARK_HEIGHT - 2), colour(index))
        for index, attempt in enumerate(attempts)
    ]  # fmt: skip
    return _svg(SPARK_WIDTH, SPARK_HEIGHT, "validation accuracy: " + _words(attempts), lines)


def chart(attempts: Sequence[Attempt]) -> Markup:
    """Return loss and accuracy of each attempt, side by side; training dashed, validation solid."""
    halves = [
        *_half(attempts, 0, "loss", ("loss", "validation_loss"), percent=False),
        *_half(attempts, WIDTH + 24, "accuracy", ("accuracy", "validation_accuracy"), percent=True),
    ]
    told = f"loss and accuracy of {wording.plural(len(attempts), 'run')}: {_words(attempts)}"
    return _svg(2 * WIDTH + 24, HEIGHT, told, halves)


def _half(
    attempts: Sequence[Attempt], shift: float, title: str, names: tuple[str, str], percent: bool
) -> list[str]:
    """Return the parts of one panel: frame, scale in words, and a line for each attempt and curve."""
    x_span = _span(attempts, "iteration")
    y_span = _span(attempts, *names)
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
    for index, attempt in enumerate(attempts):
        for name, dash in zip(names, ("3 2", ""), strict=True):
            x, y = _points(attempt, name)
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


def _points(attempt: Attempt, name: str) -> tuple[Sequence[float | None], Sequence[float | None]]:
    """Return a curve of an attempt, iterations and values; empty if it has none of that name."""
    values = attempt.series.get(name, ())
    return (attempt.series["iteration"], values) if values else ((), ())


def _span(attempts: Sequence[Attempt], *names: str) -> tuple[float, float]:
    """Return the smallest and the largest finite value of some curves of all attempts; (0, 1) if none."""
    curves = [attempt.series.get(name, ()) for attempt in attempts for name in names]
    known = [value for curve in curves for value in curve if _known(value)]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _words(attempts: Sequence[Attempt]) -> str:
    """Say the last and the best validation accuracy of each attempt."""
    told = []
    for attempt in attempts:
        known = [value for value in _points(attempt, "validation_accuracy")[1] if _known(value)]
        ends = (
            f"last {wording.percent(known[-1])}, best {wording.percent(max(known))}"
            if known
            else ("no finite value")
        )
        told.append(f"seed {attempt.seed} {ends}")
    return "; ".join(told)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


def _svg(width: int, height: int, told: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704
        f'<svg role="img" aria-label="{escape(told)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(parts)}</svg>'
    )
