"""Tests of `building.request`: the command that is told can be pasted into a shell."""

import shlex
from pathlib import Path

import pytest

import build_report
from building.request import Request


@pytest.mark.parametrize("output", ["report", "other", "my own report", "it's"])
@pytest.mark.parametrize("sections", [(), ("units",), ("rnn", "deconvnet.depth")])
def test_command_builds_in_the_same_folder(output, sections):
    python, program, *given = shlex.split(Request(output=Path(output)).again(*sections))
    assert (python, program) == ("python", "build_report.py")
    options = build_report.parser().parse_intermixed_args(given)
    assert (options.output, tuple(options.sections)) == (output, sections)


def test_usual_folder_need_not_be_named():
    assert Request().again("units") == "python build_report.py units"
