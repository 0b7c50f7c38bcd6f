"""Text from outside, such as names and messages, made harmless where it enters.

Whatever stands in it, it must not turn the text around it (bidirectional controls), move a terminal's
cursor (control characters), stand for this project's own marks (private use), or be no text at all.
"""

import unicodedata

SIGN = "\ufffd"  # what stands for a character that cannot be shown
# Of the formatting characters these alone are kept: scripts and emoji join letters with them.
JOINERS = "\u200c\u200d"
REPLACED = ("Cc", "Co", "Cs", "Cn")  # controls, private use, halves of characters, unassigned


def plain(text: str) -> str:
    """Return `text` in one line, composed (NFC), with SIGN for what must not stand in it.

    Line breaks and tabs become spaces; characters that only steer how others are shown are left out.
    """
    shown = "".join(map(_shown, unicodedata.normalize("NFC", text)))
    return " ".join(shown.split(" ")).strip()


def is_text(text: str) -> bool:
    """Return whether `text` can be written in UTF-8: not if it came from bytes that are none."""
    return not any(unicodedata.category(letter) == "Cs" for letter in text)


def _shown(letter: str) -> str:
    if letter.isspace() and letter not in "\u00a0\u202f":
        return " "
    category = unicodedata.category(letter)
    if category in REPLACED:
        return SIGN
    return "" if category == "Cf" and letter not in JOINERS else letter
