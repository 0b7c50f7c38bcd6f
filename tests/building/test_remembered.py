"""Tests of `building.remembered`: what an output folder tells the next command."""

import json
import os

import pytest

import build_report
from building import remembered
from building.request import RequestError
from experiments.lab.store.files import Damaged

LABELS = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
QUICK = {"profile": "quick", "seeds": "2", "author": "A. Student"}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.delenv(remembered.ENVIRONMENT, raising=False)
    remembered.write(tmp_path, QUICK, LABELS)
    return tmp_path / remembered.NAME


def test_what_was_written_is_read_and_can_be_read_by_people(kept):
    assert remembered.read(kept.parent) == QUICK
    assert json.loads(kept.read_text())["options"] == QUICK
    assert json.loads(kept.read_text())["data"] == LABELS


def test_folder_that_is_moved_still_knows(kept, tmp_path):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    kept.rename(moved / kept.name)
    assert remembered.read(moved) == QUICK
    assert remembered.read(tmp_path) == {}


@pytest.mark.parametrize("content", ["", "[]", "null", "3", '{"format": 1}', '"text"', "[" * 9999])
def test_damaged_file_offers_nothing_and_asks_only_who_gives_no_option(kept, content):
    kept.write_text(content)
    with pytest.raises(Damaged):
        remembered.read(kept.parent)
    assert remembered.offered(kept.parent, {"seeds": "1"}) == {}
    with pytest.raises(RequestError, match=r"build\.json is damaged .*--profile standard"):
        remembered.offered(kept.parent, {})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_pipe_in_its_place_is_damage(kept):
    kept.unlink()
    os.mkfifo(kept)
    with pytest.raises(Damaged, match="is no file"):
        remembered.read(kept.parent)


def test_line_that_says_what_is_taken_over_stays_short(tmp_path):
    said = remembered.said(tmp_path, {"author": "W" * 300, "profile": "quick"})
    assert "W" * 60 + "…" in said
    assert "W" * 61 not in said


def test_every_changed_letter_of_an_option_is_damage(kept):
    kept.write_text(kept.read_text().replace("quick", "quack"))
    with pytest.raises(Damaged, match="changed since"):
        remembered.read(kept.parent)


def test_command_wins_and_a_profile_brings_its_own_numbers():
    assert remembered.taken_over(QUICK, {"seeds": "3"}) == {
        "profile": "quick",
        "author": "A. Student",
    }
    assert remembered.taken_over(QUICK, {"profile": "quick"}) == {"author": "A. Student"}


@pytest.mark.parametrize(
    ("held", "given", "left"),
    [
        ({"data_dir": "/d"}, {"data": "stand-in"}, {}),
        ({"data_dir": "/d"}, {"data": "real"}, {"data_dir": "/d"}),
        ({"data": "stand-in"}, {"data_dir": "/d"}, {}),
        ({"data": "real"}, {"data_dir": "/d"}, {"data": "real"}),
    ],
)
def test_other_data_take_the_place_of_those_the_folder_was_built_on(held, given, left):
    assert remembered.taken_over(held, given) == left


def test_folder_of_data_is_kept_by_its_whole_path_wherever_it_was_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(remembered.ENVIRONMENT, raising=False)
    assert remembered.to_keep({"data_dir": "some"}) == {"data_dir": str(tmp_path / "some")}
    monkeypatch.setenv(remembered.ENVIRONMENT, "other")
    assert remembered.to_keep({}) == {"data_dir": str(tmp_path / "other")}
    assert remembered.to_keep({"data": "stand-in", "data_dir": "x"}) == {"data": "stand-in"}


def test_option_that_is_given_empty_is_forgotten():
    assert remembered.to_keep({**QUICK, "author": ""}) == {"profile": "quick", "seeds": "2"}


def test_changes_name_profile_numbers_and_data(kept):
    assert remembered.changes(kept.parent, QUICK, LABELS) == []
    assert remembered.changes(
        kept.parent, {"profile": "standard"}, {**LABELS, "mnist": "digits"}
    ) == [
        "profile was quick, is now standard",
        "seeds was 2, is now as usual",
        "mnist was MNIST, is now digits",
    ]


def test_arguments_are_read_as_the_options_they_came_from():
    text = {**QUICK, "title": "--list", "data_dir": "/with space"}
    options = build_report.parser().parse_intermixed_args(remembered.arguments(text))
    assert {name: str(getattr(options, name)) for name in text} == text
    assert options.list is None


def command(output, monkeypatch, *given):
    """Return the request that the command line makes."""
    from building import status

    asked = []
    monkeypatch.setattr(status, "show_list", lambda request, _: asked.append(request) or 0)
    assert build_report.main([*given, "--list", "--output", str(output)]) == 0
    return asked[0]


def test_command_takes_over_what_the_folder_was_built_with_and_says_so(kept, monkeypatch, capsys):
    asked = command(kept.parent, monkeypatch)
    assert (asked.profile.name, asked.profile.seeds, asked.author) == ("quick", 2, "A. Student")
    assert asked.command.endswith("--profile=quick --seeds=2 '--author=A. Student'")
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"as {kept.parent} was built: --profile=quick --seeds=2 '--author=A. Student'"


def test_command_that_gives_all_takes_nothing_over_and_says_nothing(kept, monkeypatch, capsys):
    given = ("--profile", "standard", "--author", "B", "--course", "C", "--title", "T")
    asked = command(kept.parent, monkeypatch, *given)
    assert (asked.profile.name, asked.profile.seeds) == ("standard", 1)
    assert (asked.author, asked.course, asked.title) == ("B", "C", "T")
    assert capsys.readouterr().err == ""


def test_build_keeps_its_options_and_another_without_them_has_nothing_to_do(here, copied, capsys):
    assert here(copied, "--author", "A. Student", "--course", "CS 1", "--title", "My report") == 0
    assert {"author", "course", "title"} < set(remembered.read(copied))
    capsys.readouterr()
    assert here(copied) == 0
    said = capsys.readouterr()
    assert "nothing to do" in said.out
    assert "'--author=A. Student' '--course=CS 1' '--title=My report'" in said.err


def test_edition_is_remembered_and_changes_the_printing_alone(here, copied, capsys):
    assert here(copied, "--edition", "main", "--list") == 0
    assert "printed" in capsys.readouterr().out
    assert here(copied, "--edition", "main") == 0
    assert remembered.read(copied)["edition"] == "main"
    capsys.readouterr()
    assert here(copied) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_listing_keeps_nothing(here, copied):
    before = (copied / remembered.NAME).read_bytes()
    assert here(copied, "--list", "--author", "B") == 0
    assert (copied / remembered.NAME).read_bytes() == before


def test_data_that_are_refused_leave_no_folder(tmp_path, capsys):
    output = tmp_path / "report"
    given = ["--output", str(output), "--data-dir", str(tmp_path / "none")]
    assert build_report.main(given) == 2
    assert "no such folder" in capsys.readouterr().err
    assert not output.exists()
