"""Tests of `faulty`: what goes wrong must go wrong where it is meant to."""

import os
import shutil
import sys

import pytest
from faulty import Killed, faults


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "watched" / "inner").mkdir(parents=True)
    (tmp_path / "watched" / "inner" / "file").write_text("content")
    return tmp_path / "watched"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux names open folders")
def test_every_step_of_removing_a_folder_is_a_change(tree):
    with faults.at(tree, 0, "killed") as seen:
        shutil.rmtree(tree)
    assert seen.seen == 3
    tree.joinpath("inner").mkdir(parents=True)
    with pytest.raises(Killed), faults.at(tree, 1, "killed"):
        shutil.rmtree(tree)
    assert (tree / "inner").exists()


def test_neighbours_and_reading_are_no_changes(tree):
    with faults.at(tree, 1, "killed") as seen:
        (tree.parent / "watched-too").write_text("")
        (tree / "inner" / "file").read_text()
    assert seen.seen == 0


def test_full_disk_refuses_new_files_and_lets_old_ones_go(tree):
    with faults.at(tree, 1, "full"):
        with pytest.raises(OSError, match=os.strerror(28)):
            (tree / "new").write_text("")
        (tree / "inner" / "file").unlink()
    assert not (tree / "inner" / "file").exists()


def test_power_cut_leaves_half_of_the_file_that_takes_its_name(tree):
    with pytest.raises(Killed), faults.at(tree, 1, "cut"):
        (tree / "inner" / "file").rename(tree / "inner" / "named")
    assert (tree / "inner" / "named").read_text() == "con"
