"""Tests of `building.folder`: whose output folder it is."""

import os

import pytest

from building import folder
from building.request import RequestError


def test_folder_with_others_files_is_refused_and_nothing_in_it_is_touched(tmp_path):
    for name in (
        "figures/photo.png",
        "logs/diary.txt",
        "records/tax.json",
        "src/.film.mkv.1.partial",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    with pytest.raises(RequestError, match="holds what is no report's"):
        folder.check(tmp_path)
    folder.sweep(tmp_path)
    assert len([it for it in tmp_path.rglob("*") if it.is_file()]) == 4


def in_place_of_a_folder(path, kind):
    """Put a pipe, a file, or a link to nothing where a folder belongs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    {
        "pipe": lambda: os.mkfifo(path),
        "file": path.touch,
        "link": lambda: path.symlink_to("nothing"),
    }[kind]()


@pytest.mark.parametrize("kind", ["pipe", "file", "link"])
def test_sweep_removes_what_is_no_folder_in_the_place_of_scratch_or_a_state(tmp_path, kind):
    """keras-tuner would wait for ever at a pipe, and a training's state could not be written."""
    places = tmp_path / folder.WORKERS, tmp_path / "runs" / f"{'a' * 24}.partial"
    for place in places:
        in_place_of_a_folder(place, kind)
    folder.sweep(tmp_path)
    assert not any(os.path.lexists(place) for place in places)
