"""Tests of `building.time_left`: what it says while a build goes on, held against what was left."""

import json
from pathlib import Path

import pytest

from building.time_left import LATELY, TOLD_FROM, TRUSTED, TimeLeft
from experiments.lab.search.estimates import MEASURING, PRINTING, seconds, whole
from experiments.lab.settings import RunSettings

# A standard build on real data on two cores of an AMD EPYC, with when each training began and ended, in
# seconds. Other programs came to both cores at 109 and left by 640. When these leave, nobody can foresee.
TRAININGS = json.loads((Path(__file__).parent / "standard_build.json").read_text())
TOOK, SECTIONS, PRINTED = 740.2, 19, 8.0  # its report was shorter than today's
COME, GO = (109, 170), (430, 650)  # until the pace is known, and while it is about to change


def settings(row):
    given = {"learning_rate": 1e-3, "optimizer": "adam", **row["hyperparameters"]}
    names = ("view", "network", "length", "unit", "validate_every")
    plain = {name: row[name] for name in names} | {"start_from": row.get("start_from")}
    return RunSettings.from_json({**plain, "hyperparameters": given, "seed": 1})


def events(speed):
    """Yield moment, what happens, and to which training, with its share; in order."""
    for row in TRAININGS:
        key, begun, ended = (row["search"], row["trial"]), row["began"], row["ended"]
        yield begun / speed, "started", key, 0.0
        yield ended / speed, "ended", key, 1.0
        moments = range(int(begun) + 1, int(ended), 3)
        yield from ((it / speed, "advanced", key, (it - begun) / (ended - begun)) for it in moments)


def told(every=10, speed=1.0):
    """Return, for each moment of the build, what was said and what was left, in seconds."""
    left = TimeLeft(measuring=SECTIONS * MEASURING, printing=PRINTED / speed)
    found, moment = [], every
    expected = {(row["search"], row["trial"]): seconds(settings(row), []) for row in TRAININGS}
    left.foreseen = list(expected.values())
    opened = set()
    for now, what, key, share in sorted(events(speed)):
        while moment < now:
            found.append((moment, left.seconds(moment), TOOK / speed - moment))
            moment += every
        if key[0] not in opened:
            opened.add(key[0])
            for trial in (it for it in expected if it[0] == key[0]):
                left.plan(trial, expected[trial])
        if what == "advanced":
            left.advanced(key, share)
        else:
            getattr(left, what)(key, now)
        # Sections are measured while others train.
        left.measuring = SECTIONS * MEASURING * max(0.0, 1 - now * speed / TOOK)
    return found


@pytest.mark.parametrize("speed", [1.0, 0.4])
def test_time_left_of_a_real_build_is_right_within_a_third(speed):
    for moment, said, left in told(speed=speed):
        if moment < 60 and said is None:
            continue
        changing = any(first <= moment * speed <= last for first, last in (COME, GO))
        assert said == pytest.approx(left, rel=1 / 2 if changing else 1 / 3, abs=10.0), moment


def test_dry_run_of_a_real_build_is_right_within_a_third(monkeypatch):
    monkeypatch.setattr("experiments.lab.search.estimates.machine", lambda: 1.0)
    said = whole([settings(row) for row in TRAININGS], [], SECTIONS, few=False, together=2)
    assert said == pytest.approx(TOOK, rel=1 / 3)


def test_nothing_is_told_before_a_share_of_the_work_is_done():
    left = TimeLeft(foreseen=[100.0])
    assert left.seconds(0.0) is None
    left.plan(("units", 0), 100.0)
    left.started(("units", 0), 0.0)
    left.advanced(("units", 0), TOLD_FROM / 2)
    assert left.seconds(5.0) is None
    left.advanced(("units", 0), TOLD_FROM * 2)
    assert left.seconds(5.0) > 50


def two_of_ten(took):
    """Return the time left after two of ten trainings of 100 s, one after the other, took `took` each."""
    left = TimeLeft(foreseen=[100.0] * 10, printing=0.0)
    for number in range(2):
        left.plan(("units", number), 100.0)
        left.started(("units", number), number * took)
        left.ended(("units", number), (number + 1) * took)
    return left


def test_pace_is_that_of_the_trainings_so_far():
    assert two_of_ten(100.0).seconds(200.0) == pytest.approx(800.0)
    expected = 800 * 3
    assert two_of_ten(300.0).seconds(600.0) == pytest.approx(expected, rel=2 * TRUSTED / 100)


def test_what_was_there_already_is_no_work():
    left = two_of_ten(100.0)
    left.foreseen = []
    for number in range(2, 10):
        left.plan(("units", number), 100.0)
        left.replayed(("units", number))
    assert left.seconds(200.0) == 0.0


def test_late_trainings_count_more_than_early_ones():
    left = TimeLeft(foreseen=[100.0] * 4, printing=0.0)
    for number, (begun, ended) in enumerate(
        [(0.0, 300.0), (300.0 + 5 * LATELY, 400.0 + 5 * LATELY)]
    ):
        left.plan(("units", number), 100.0)
        left.started(("units", number), begun)
        left.ended(("units", number), ended)
    assert left.seconds(400.0 + 5 * LATELY) == pytest.approx(200.0, rel=0.05)


def test_measuring_and_printing_are_part_of_what_is_left():
    left = two_of_ten(100.0)
    left.measuring, left.printing = 50.0, None
    assert left.seconds(200.0) == pytest.approx(850.0 + PRINTING)


def test_last_training_is_waited_for_by_the_others():
    left = TimeLeft(foreseen=[100.0, 10.0], printing=0.0)
    for number, expected in enumerate([100.0, 10.0]):
        left.plan(("units", number), expected)
        left.started(("units", number), 0.0)
    left.ended(("units", 1), 10.0)
    left.advanced(("units", 0), 0.1)
    assert left.seconds(10.0) == pytest.approx(90.0)
