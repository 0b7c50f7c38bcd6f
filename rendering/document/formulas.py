"""Formulas as images: matplotlib's mathtext, set in the letters of the report's text."""

import functools
import io

from rendering import fonts
from rendering.document.embedding import SVG, Picture
from rendering.figures.drawing import style

EM = 10.5  # points, the size of the text
LETTERS = {
    "mathtext.fontset": "custom",
    "mathtext.rm": fonts.SERIF,
    "mathtext.it": f"{fonts.SERIF}:italic",
    "mathtext.bf": f"{fonts.SERIF}:bold",
    "mathtext.cal": f"{fonts.SERIF}:italic",
    "mathtext.fallback": "stix",  # for signs that are no letters
    "svg.fonttype": "path",
}


@functools.lru_cache(maxsize=256)
def formula(source: str) -> tuple[Picture, float, float]:
    """Return a formula as an image (SVG), its height and its depth under the baseline.

    Both are in em, the size of the text around it, which differs on paper and on a screen. `source`
    is the part of TeX that matplotlib knows, without dollar signs. Raises ValueError for a source that
    it cannot read. See https://matplotlib.org/stable/users/explain/text/mathtext.html.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.mathtext import MathTextParser

    with style(), matplotlib.rc_context(LETTERS):
        font = matplotlib.font_manager.FontProperties(size=EM, math_fontfamily="custom")
        width, height, depth, _, _ = MathTextParser("path").parse(f"${source}$", 72, font)
        canvas = Figure(figsize=(width / 72, height / 72))
        canvas.text(0, depth / height, f"${source}$", fontproperties=font)
        buffer = io.BytesIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    drawn = Picture(buffer.getvalue(), SVG, width / 72 * 25.4)
    return drawn, height / EM, depth / EM
