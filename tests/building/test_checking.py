"""`--check` on a folder that a build has left, and what a build says of faults at its end."""

from building import checking

# The small sections' page is a list of their names: it lacks much that the results have.


def test_faults_are_a_line_each_and_exit_status_1(here, built, capsys):
    assert here(built.output, "--check") == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert "rnn: the page has no such section" in lines
    assert f"{len(lines)}\u00a0faults; every value, claim, link and figure was held" in last


def test_folder_without_a_report_is_one_line_and_exit_status_2(here, tmp_path, capsys):
    assert here(tmp_path / "none", "--check") == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [line for line in said if "no report to check" in line]


def test_build_names_few_faults_and_counts_all(built):
    *named, last = checking.told(built.output, pdf=True)
    assert len(named) == checking.FEW
    assert f"python build_report.py --check --output {built.output} lists them" in last


def test_build_without_a_pdf_does_not_check_it(copied):
    (copied / "assignment2.pdf").unlink()
    counted = [[*checking.told(copied, pdf)][-1] for pdf in (True, False)]
    assert "13\u00a0faults" in counted[0]
    assert "12\u00a0faults" in counted[1]


def test_build_does_not_stumble_over_what_it_cannot_check(tmp_path):
    assert next(checking.told(tmp_path, pdf=False)).startswith(f"{tmp_path}: no report to check")
