"""Tests of `building.checks`: what is missing is said with what mends it on this system."""

import os
import platform
from pathlib import Path

import pytest

import build_report
from building import checks


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("ID=debian\n", "debian"),
        ('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"),
        ("ID=fedora\n", "fedora"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=arch\n", "arch"),
        ("ID=other\n", ""),
        ("", ""),
    ],
)
@pytest.mark.skipif(platform.system() != "Linux", reason="os-release is Linux's")
def test_system_is_that_of_its_release_file(tmp_path, release, expected):
    (tmp_path / "os-release").write_text(release)
    assert checks.system(tmp_path / "os-release", {}) == expected


def test_conda_goes_before_the_system_and_no_file_is_no_system(tmp_path):
    assert checks.system(tmp_path / "none", {"CONDA_PREFIX": "/c"}) == "conda"
    if platform.system() == "Linux":
        assert checks.system(tmp_path / "none", {}) == ""


@pytest.mark.parametrize("system", [*checks.INSTALLED_BY, ""])
def test_missing_pango_is_missing_and_missing_subsetting_is_a_note(system):
    pango, subset = checks.libraries(lambda name: name == "harfbuzz", system)
    assert (pango.state, subset.state) == (checks.MISSING, checks.NOTE)
    assert "exit status will be 1" in pango.line
    assert "no gobject-2.0, pango-1.0, pangoft2-1.0, fontconfig" in pango.line
    assert (checks.INSTALLED_BY.get(system) or "this system's packages") in pango.line


def test_libraries_that_are_here_are_in_order_and_nothing_is_said():
    assert {it.state for it in checks.libraries(lambda _: True, "debian")} == {checks.OK}


def test_loader_finds_what_weasyprint_finds():
    pytest.importorskip("weasyprint.text.ffi")
    assert all(checks.loads(name) for name in checks.LIBRARIES[checks.PANGO])
    assert not checks.loads("no-such-library")


def test_little_disk_is_a_note(tmp_path, monkeypatch):
    few = type("Usage", (), {"free": 10**8})
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: few)
    assert "note: disk: 0.1 GB free" in checks.disk(tmp_path / "not" / "yet").line


@pytest.mark.parametrize(("free", "jobs", "advice"), [(3e9, 2, ""), (2.5e9, 2, "--jobs 1 takes")])
def test_little_memory_is_a_note_with_the_jobs_that_fit(free, jobs, advice):
    check = checks.memory(jobs, int(free))
    assert (check.state == checks.NOTE) == bool(advice)
    assert advice in check.remedy
    assert checks.memory(jobs, None).state == checks.OK


def test_memory_is_read_where_the_system_tells_it(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   2 kB\n")
    assert checks.available_memory(tmp_path / "meminfo") == 2048
    assert checks.available_memory(tmp_path / "none") is None


def test_folder_that_cannot_be_written_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    check = checks.writing(tmp_path / "report")
    assert check.state == checks.MISSING
    assert f"chmod u+rwx {tmp_path}" in check.remedy


def test_doctor_is_a_table_and_changes_nothing(tmp_path, toy_data, capsys):
    output = tmp_path / "report"
    given = ["--doctor", "--output", str(output), "--data-dir", str(toy_data)]
    assert build_report.main(given) == 0
    said = capsys.readouterr().out
    for about in ("Python", "tensorflow", "Pango", "HarfBuzz", "disk", "memory", "GPUs", "mnist"):
        assert about in said
    assert str(toy_data) in said
    assert not output.exists()


def test_doctor_names_data_that_cannot_be_used_in_its_table(tmp_path, capsys):
    given = ["--doctor", "--output", str(tmp_path), "--data-dir", str(tmp_path / "none")]
    assert build_report.main(given) == 1
    said = capsys.readouterr().out
    assert "no such folder" in said
    assert "Python" in said


def test_build_says_at_its_start_what_is_missing(here, copied, monkeypatch, capsys):
    lacking = checks.libraries(lambda _: False, "debian")
    monkeypatch.setattr(checks, "libraries", lambda: lacking)
    Path(copied / "assignment2.html").unlink()
    assert here(copied) == 0
    said = capsys.readouterr().err
    assert said.count("missing: Pango") == 1  # the end says what came of it
    assert "sudo apt install libpango-1.0-0" in said
    assert said.count("note: HarfBuzz-Subset") == 2
