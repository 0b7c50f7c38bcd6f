"""Every command that the README tells is run, on the small sections; what would train says so instead."""

import shlex

import pytest
from test_first_hour import commands

# What the README's names are here. A keras-tuner project of any origin is one.
HERE = {
    "recurrent": "rates",
    "recurrent/3": "rates/1",
    "deconvnet.occlusion": "deconvnet.weakest",
    "units>=128": "learning_rate>=0.0001",
    "path/to/project": "tuner/rates",
    "../old": ".",  # the folder itself: no change
}
SHOWING = ("--list", "--dry-run", "--trials", "--check", "--compare", "--doctor", "--clean")
FINDS_FAULTS = (
    "--check",
    "--doctor",
)  # on this machine, or in this plain page: no fault of the command


def of_the_readme():
    told = commands("python build_report.py")
    return sorted({*told, *commands("--list"), *commands("--clean"), *commands("--trials")})


@pytest.mark.parametrize("command", of_the_readme())
def test_command_of_the_readme_does_what_it_is_told(
    command, here, copied, tmp_path, monkeypatch, capsys
):
    given = [
        HERE.get(word, word)
        for word in shlex.split(command)
        if word not in ("python", "build_report.py")
    ]
    given = [str(copied / it) if it.startswith(("tuner/", ".")) else it for it in given]
    if not set(given) & set(SHOWING):
        given.append("--dry-run")
    monkeypatch.chdir(tmp_path)  # where what is exported goes
    status = here(copied, *given)
    said = capsys.readouterr()
    assert status in ((0, 1) if set(given) & set(FINDS_FAULTS) else (0,)), said.err
    written = [word for word in given if word.endswith((".html", ".db"))]
    assert said.out or all((tmp_path / name).exists() for name in written) and written


def test_there_are_commands_to_run():
    assert len(of_the_readme()) > 12
