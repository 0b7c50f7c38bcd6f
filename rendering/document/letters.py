"""Letters that no font on this machine has, for the PDF: a sign stands for each, and a note says so.

A page with a letter that is in no font costs WeasyPrint a search through all fonts and a warning. The
report's own fonts are known; for other letters fontconfig is asked, where there is one.
"""

import functools
import re
import shutil
import subprocess
import unicodedata

SIGN = "\u25a1"  # white square
ASK_AT_MOST = 200  # letters; a page with more of them is in another script as a whole
NAMED = 3
STEERING = ("Cf", "Mn", "Me")  # joins letters or changes the one before


def without_missing(html: str, available: frozenset[str]) -> tuple[str, list[str]]:
    """Return the page with SIGN for every letter that no font has, and these letters.

    `available` are the letters of the report's own fonts.

    The head is left as it is: it is not drawn.
    """
    head, body, rest = html.partition("<body")
    steering = {it for it in set(rest) if unicodedata.category(it) in STEERING}
    drawn = sorted(set(rest) - available - set("\n\t\r") - steering)
    missing = [it for it in drawn[:ASK_AT_MOST] if not _in_the_system(it)] + drawn[ASK_AT_MOST:]
    if not missing:
        return html, []
    follow = f"[{re.escape(''.join(steering))}]*" if steering else ""
    signs = re.compile(f"[{re.escape(''.join(missing))}]{follow}")
    return head + body + signs.sub(SIGN, rest), missing


def names(letters: list[str]) -> str:
    """Return the first letters by their names in Unicode, and how many more there are."""
    named = [f"{unicodedata.name(it, 'unnamed')} (U+{ord(it):04X})" for it in letters[:NAMED]]
    more = len(letters) - NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


@functools.cache
def _in_the_system(letter: str) -> bool:
    """Return whether a font of the system has the letter, as far as fontconfig knows."""
    asked = shutil.which("fc-list")
    if asked is None:
        return False
    command = [asked, f":charset={ord(letter):x}", "file"]
    told = subprocess.run(command, capture_output=True, check=False, timeout=60)
    return bool(told.stdout.strip())
