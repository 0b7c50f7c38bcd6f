"""Formulas as images: matplotlib's mathtext, set in the letters of the report's text."""

import functools
import io

from rendering.document.embedding import data_uri
from rendering.figures.drawing import style

SIZE = 11  # points; beside text of 10.5 points letters of this size look alike
EM = 10.5  # points


@functools.lru_cache(maxsize=256)
def formula(source: str) -> tuple[str, float, float]:
    """Return a formula as a data URI (SVG), its height and its depth under the baseline.

    Both are in em, the size of the text around it, which differs on paper and on a screen. `source`
    is the part of TeX that matplotlib knows, without dollar signs. Raises ValueError for a source that
    it cannot read. See https://matplotlib.org/stable/users/explain/text/mathtext.html.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.mathtext import MathTextParser

    with style(), matplotlib.rc_context({"mathtext.fontset": "stix", "svg.fonttype": "path"}):
        font = matplotlib.font_manager.FontProperties(size=SIZE, math_fontfamily="stix")
        width, height, depth, _, _ = MathTextParser("path").parse(f"${source}$", 72, font)
        canvas = Figure(figsize=(width / 72, height / 72))
        canvas.text(0, depth / height, f"${source}$", fontproperties=font)
        buffer = io.BytesIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return data_uri(buffer.getvalue(), "image/svg+xml"), height / EM, depth / EM
