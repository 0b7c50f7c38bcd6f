"""What only a printed page is given: small capitals for abbreviations, and lines that break well."""

import re

# Where running text stands, and what in it is left alone: the italic has no small capitals.
_RUNNING = ("p", "li")
_LEFT_ALONE = ("code", "em", "figcaption", "i", "nav", "script", "style", "table")
_PLAIN = re.compile(r'<p(?: class="(?:answer|limits|more)")?>|<li>')
_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z0-9]+)")
_ABBREVIATION = re.compile(r"\b[A-Z]{3,}(?=s?\b)")
_INLINE = re.compile(r"\s+(<(?:a|b|code|data|em|i|span)\b[^>]*>)(?=[^\s<])")


def typeset(html: str) -> str:
    """Return a page with its running text as it is printed.

    Abbreviations of three capitals and more get the class "capitals". A space before an inline element
    moves into it: where the element does not fit a line, WeasyPrint 70 would leave one word before it.
    """
    head, body, rest = html.partition("<body")
    return head + body + "".join(_pieces(_TAG.split(rest)))


def _pieces(split: list[str]) -> list[str]:
    """Return text and tags, which take turns, with the text of paragraphs and list items set."""
    running, alone, made, gathered = 0, 0, [], []
    for place, piece in enumerate(split):
        if place % 2:
            name = _NAME.match(piece)
            step = -1 if piece.startswith("</") else 1
            if name and name[1] in _LEFT_ALONE:
                alone += step
            if name and name[1] in _RUNNING:
                begins = step > 0 and _PLAIN.fullmatch(piece)
                if running and not begins:
                    made.append(_INLINE.sub(r"\1 ", "".join(gathered)))
                    gathered = []
                running = 1 if begins else 0
        elif running and not alone:
            piece = _ABBREVIATION.sub(r'<span class="capitals">\g<0></span>', piece)
        (gathered if running else made).append(piece)
    return [*made, *gathered]
