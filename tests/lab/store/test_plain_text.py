"""Tests of `experiments.lab.store.plain_text`: text from outside leaves what is around it alone."""

import pytest

from experiments.lab.store.plain_text import SIGN, is_text, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A. Student", "A. Student"),
        ("  A.\n\tStudent \r\n", "A.  Student"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u2067right\u2069 to left\u200f", "right to left"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("\x1b[31mred\x07", f"{SIGN}[31mred{SIGN}"),
        ("\ue000figure rnn/curves\ue001", f"{SIGN}figure rnn/curves{SIGN}"),
        ("\udcff", SIGN),
        ("e\u0301", "\u00e9"),
        ("\ud55c\uae00 \u0627\u0644\u0639", "\ud55c\uae00 \u0627\u0644\u0639"),
        ("\U0001f468\u200d\U0001f52c", "\U0001f468\u200d\U0001f52c"),
        ("95\u202f%", "95\u202f%"),
        ("", ""),
    ],
)
def test_text_is_shown_and_what_only_steers_it_is_not(text, shown):
    assert plain(text) == shown


def test_bytes_that_are_no_utf_8_are_no_text():
    assert not is_text(b"re\xffport".decode("utf-8", "surrogateescape"))
    assert is_text("r\u00e9port \ud55c")
