"""Tests of `building.folder`: whose output folder it is."""

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
