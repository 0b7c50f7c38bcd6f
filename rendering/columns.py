"""Tables of plain text in aligned columns, for terminals and pipes."""

from collections.abc import Sequence

from rendering.wording import THIN


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a line of headings and a line for each row, without a line break at the end.

    Two spaces or more stand between columns, so that a script can split there; nothing is cut. Narrow
    spaces, which terminals do not align, become plain ones.
    """
    lines = [[cell.replace(THIN, " ") for cell in row] for row in (headings, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
