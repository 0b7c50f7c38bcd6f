"""Tests of `building.folder`: whose output folder it is."""

import os
from pathlib import Path

import pytest

import build_report
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


def test_readme_of_the_folder_tells_of_all_that_a_build_leaves(built):
    readme = (Path(build_report.__file__).parent / "report" / "README.md").read_text()
    left = [path for path in built.output.iterdir() if not path.name.startswith(".")]
    names = {f"{path.name}/" if path.is_dir() else path.name for path in left}
    names |= {f"{name}/" for name in folder.FOLDERS}
    names |= {name for name in folder.OURS if name.endswith((".html", ".pdf", ".json", ".csv"))}
    hidden = {name for name in names if name.startswith(".")}
    assert {name for name in names - hidden if f"`{name}`" not in readme} == set()


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
