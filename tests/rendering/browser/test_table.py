"""Tests of the trial browser's table of text."""

import dataclasses
import re

from rendering.browser import table


def test_piped_table_is_plain_aligned_text(search):
    text = table.of_trials(search, terminal=False)
    assert "\x1b" not in text
    assert "\t" not in text
    head, first, second = text.splitlines()
    assert first[head.index("validation") :].startswith("85.00 ± 7.07 %")
    assert second[head.index("status") :].split("  ")[0] == "diverged"
    assert second.endswith("loss <not finite> at iteration 500")


def test_table_of_trials_has_all_values_those_that_vary_first(search, sizes):
    head, *_ = table.of_trials(search, terminal=False).splitlines()
    assert head.split()[:4] == ["trial", "cell", "units", "optimizer"]
    head, *rows = table.of_trials(sizes, terminal=False).splitlines()
    assert head.split()[:3] == ["trial", "per_class", "learning_rate"]
    assert [row.split()[:3] for row in rows] == [["0", "15", "0.00123"], ["1", "all", "0.00123"]]


def test_table_of_all_searches_has_a_line_for_each(search, sizes):
    head, first, second = table.of_searches([search, sizes], terminal=False).splitlines()
    assert first.split("  ")[0] == "cells"
    assert first[head.index("best") :].startswith("85.00 ± 7.07 %")
    assert re.split(" {2,}", first[head.index("with") :])[0] == "cell=lstm, units=64"
    assert re.split(" {2,}", second[head.index("with") :])[0] == "per_class=all"


def test_best_of_a_search_in_which_nothing_varies_is_told_by_all_its_values(search):
    single = dataclasses.replace(search, trials=search.trials[:1])
    head, line = table.of_searches([single], terminal=False).splitlines()
    assert line[head.index("with") :].startswith("cell=lstm, units=64, optimizer=adam")


def test_search_without_a_completed_trial_has_dashes_for_its_best(without_best):
    head, line = table.of_searches([without_best], terminal=False).splitlines()
    assert line[head.index("best") :].split()[:2] == ["–", "–"]


def test_trial_tells_what_it_confuses_most_and_the_command_that_trains_it_again(search):
    trial = dataclasses.replace(search.trials[0], confusion=((7, 0, 3), (1, 9, 0), (5, 0, 5)))
    told = dataclasses.replace(
        search, trials=(trial,), classes=("cat", "dog", "bird"), retrain="build cells/N --retrain"
    )
    text = table.of_trial(told, trial, terminal=False)
    assert re.search("to train it again +build cells/0000 --retrain", text)
    rows = [re.split(" {2,}", line.strip()) for line in text.split("\n\n")[-1].splitlines()]
    assert rows == [
        ["test images of", "taken for", "how many", "of"],
        ["bird", "cat", "5", "10"],
        ["cat", "bird", "3", "10"],
        ["dog", "cat", "1", "10"],
    ]
    assert "taken for" not in table.of_trial(search, search.trials[0], terminal=False)


def test_terminal_gets_a_table_that_fits_its_width(search):
    drawn = table.of_searches([search], width=110, terminal=True)
    text = re.sub(r"\x1b\[[\d;]*m", "", drawn)
    assert "Cells & units" in text
    assert max(map(len, text.splitlines())) <= 110


def seen(drawn):
    return re.sub(r"\x1b\[[\d;]*m", "", drawn)


def test_narrow_terminal_cuts_no_number(sizes):
    numbers = re.compile(r"\d\S*")
    whole = numbers.findall(seen(table.of_trials(sizes, width=500, terminal=True)))
    assert "69.00" in whole
    for width in (120, 100, 60, 20):
        shown = seen(table.of_trials(sizes, width=width, terminal=True))
        assert numbers.findall(shown) == whole
        assert "…" not in shown


def test_what_all_trials_share_stands_in_the_title_on_a_terminal(search):
    title, *rest = seen(table.of_trials(search, width=150, terminal=True)).splitlines()
    assert title.strip() == "Cells & units; in all trials optimizer=adam"
    assert "adam" not in "".join(rest)


def test_brackets_in_a_message_are_no_markup(without_best):
    trial = dataclasses.replace(without_best.trials[0], message="error [bold]", values={})
    search = dataclasses.replace(without_best, trials=(trial,))
    assert "[bold]" in table.of_trials(search, width=150, terminal=True)
