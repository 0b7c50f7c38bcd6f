"""What a profile leaves out: it is not built unasked, and every view of the folder says so."""

import json

import pytest

from building import plan as planning
from building import scope
from building.afresh import Afresh
from building.plan import LEFT_OUT

PART = "deconvnet.weakest"


@pytest.fixture
def leaving_out(monkeypatch):
    monkeypatch.setattr(planning, "LEAVES_OUT", {"standard": (PART,)})


def test_every_profile_leaves_out_what_nothing_else_needs():
    import experiments

    needed = {
        need for name in experiments.names() for need in experiments.module(name).SECTION.needs
    }
    for left_out in planning.LEAVES_OUT.values():
        assert set(left_out) <= set(experiments.names())
        assert not needed & set(left_out)


@pytest.mark.usefixtures("leaving_out")
def test_what_is_left_out_is_built_only_by_name(context_of, tmp_path):
    def wanted(*sections):
        context = context_of(tmp_path, sections=sections)
        states = planning.make_plan(context)
        return scope.sections_to_build(context, states, Afresh(context, pretend=True)), states

    unasked, states = wanted()
    assert PART not in unasked
    assert states[PART].condition == LEFT_OUT
    for name in (PART, "deconvnet"):
        asked, states = wanted(name)
        assert PART in asked
        assert states[PART].condition != LEFT_OUT


def test_what_was_built_before_is_kept_up_to_date(context_of, copied, monkeypatch):
    monkeypatch.setattr(planning, "LEAVES_OUT", {"standard": (PART,)})
    assert planning.make_plan(context_of(copied))[PART].measured


@pytest.mark.usefixtures("leaving_out")
def test_build_without_it_is_whole_and_page_results_and_list_say_so(here, copied, capsys):
    for path in (*copied.glob(f"records/{PART}*"), copied / "assignment2.pdf"):
        path.unlink()
    assert here(copied) == 0
    said = capsys.readouterr()
    assert "out of date" not in said.err
    assert (
        f"{PART}: left out a standard build leaves it out"
        in (copied / "assignment2.html").read_text()
    )
    section = json.loads((copied / "results.json").read_text())["sections"]["deconvnet"]
    assert (section["status"], section["parts"]["weakest"]["status"]) == ("done", "left out")
    assert here(copied, "--list") == 0
    (line,) = [it for it in capsys.readouterr().out.splitlines() if it.startswith("deconvnet")]
    assert line.split()[1] == "fresh"
    assert line.endswith(f"{PART} is left out")
    assert here(copied) == 0
    assert "nothing to do" in capsys.readouterr().out
