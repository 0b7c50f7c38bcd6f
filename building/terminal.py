"""What the program prints survives any terminal: what that cannot show is written in plainer letters."""

import codecs
import contextlib
import os
import sys
import unicodedata

HANDLER = "assignment2.plainer"
PLAINER = {
    "\u202f": " ",
    "\u00a0": " ",
    "\u2009": " ",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
    "\u00d7": "x",
    "\u00b1": "+-",
    "\u2019": "'",
    "\u2018": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u00b7": "*",
}


def survive() -> None:
    """Let standard output and errors take any text, whatever their encoding."""
    codecs.register_error(HANDLER, _plainer)
    for stream in (sys.stdout, sys.stderr):
        # Neither a closed stream nor one that a test has put there can be told.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors=HANDLER)


def fall_silent() -> None:
    """Print nothing any more: nobody reads, and Python would complain of that when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Return plainer letters for those that cannot be encoded, as `codecs.register_error` wants it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = "".join(map(_plain_letter, error.object[error.start : error.end]))
    return written.encode(error.encoding, "replace").decode(error.encoding), error.end


def _plain_letter(letter: str) -> str:
    """Return what stands for a letter: its own plainer form, itself without accents, or its number."""
    if letter in PLAINER:
        return PLAINER[letter]
    base = unicodedata.normalize("NFKD", letter)
    return base if base.isascii() else base[0] if base[0].isascii() else _escape(letter)


def _escape(letter: str) -> str:
    """Return a letter by its number, as Python and a shell's $'...' write it: a path can be copied."""
    return letter.encode("ascii", "backslashreplace").decode()
