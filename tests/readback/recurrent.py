"""Scenes of the sections on MNIST: rnn, cells, units, cnn-vs-rnn."""

from pathlib import Path

import pytest

from experiments.comparison import few_labels, orders, short
from experiments.recurrence import settings
from experiments.searches import recurrent as search

from . import looks
from .scenes import MAIN, Scene, changed_scene, measured, outcomes, turned_scene

CELLS = {"SimpleRNN": 0.95, "LSTM": 0.985, "GRU": 0.982}
FEW = 9  # iterations of short trainings: fewer than those of made-up runs
WIDE = (
    {"cell": "LSTM", "units": 80, "learning_rate": 2e-3, "clipping": 1.0},
    {"cell": "GRU", "units": 200, "learning_rate": 3e-3, "clipping": 0.5},
    {"cell": "SimpleRNN", "units": 40, "learning_rate": 5e-4, "clipping": 2.0},
)
EDGE = (WIDE[0], {**WIDE[1], "learning_rate": 1e-2}, WIDE[2])
EDGES = (WIDE[0], {**WIDE[1], "learning_rate": 1e-2, "clipping": 10.0}, WIDE[2])


def parameters(point: dict) -> int:
    cell, units = point.get("cell", "SimpleRNN"), point.get("units", search.ASSIGNED_UNITS)
    return search.network_parameters(cell, units)


def grid(by_cell: dict, by_units: dict | None = None, **single: object) -> list:
    """Return an outcome for each point of the grid: the cell's and the units', or a single one."""
    from made import make_study

    from experiments import cells

    points = search.grid_search(make_study(cells.SECTION)).points
    return [
        single.get(
            f"{it['cell']}_{it['units']}", (by_units or {}).get(it["units"], by_cell[it["cell"]])
        )
        for it in points
    ]


def rnn(folder: Path) -> dict[str, Scene]:
    def scene(
        outcome: object, counted: int | None = None, around: list | None = None, **options: object
    ) -> Scene:
        count = (lambda point: counted) if counted else parameters
        given = {"rnn": [outcome]}
        with pytest.MonkeyPatch.context() as patch:
            if around:
                patch.setattr(settings, "ITERATIONS", FEW)
                given["rnn-settings"] = around
            return measured("rnn", folder, given, parameters=count, **options)

    [two, *others] = outcomes(8)
    good = scene(0.96)
    mixed = [0.9, 0.9, 0.7, 0.8, 0.95, 0.94, 0.3]
    return {
        MAIN: scene(two, around=others, seeds=2),
        "one-seed": good,
        "settings": scene(0.96, around=mixed),
        "one-setting-better": scene(0.96, around=[0.9, 0.3, 0.3, 0.3, 0.3, 0.3, 0.95]),
        "one-setting-worse": scene(0.96, around=[0.9, *[0.95] * 5, 0.3]),
        "no-setting-better": scene(0.96, around=[0.9] * 7),
        "settings-failed": scene(0.96, around=["diverged"] * 7),
        "one-confusion": changed_scene(
            good, {"confusions": good.findings.facts["confusions"][:1], "as_often": 0}
        ),
        "one-as-often": changed_scene(good, {"as_often": 1}),
        "two-as-often": changed_scene(good, {"as_often": 2}),
        "perfect": scene(1.0),
        "diverged": scene(([None, 0.97], [None, 0.97]), seeds=2),
        "other-count": scene(0.9, counted=7),
        "stand-in": scene(0.9, kind="stand-in"),
    }


def cells(folder: Path) -> dict[str, Scene]:
    def scene(outcome: list, counted: object = parameters, **options: object) -> Scene:
        with pytest.MonkeyPatch.context() as patch:
            looks.patch(patch)
            return measured("cells", folder, {"recurrent": outcome}, parameters=counted, **options)

    row_by_row = "(first|training|kept|rows)-.*"
    usual = scene(grid(CELLS))
    gated = ("LSTM", "GRU")
    two = {cell: ([value] * 2, [value, value + 0.002]) for cell, value in CELLS.items()}
    return {
        MAIN: scene(outcomes(9), seeds=2),
        "both-better": usual,
        "rows-up": turned_scene(usual, {row_by_row: "up"}),
        "rows-down": turned_scene(usual, {row_by_row: "down"}),
        "rows-tied": turned_scene(usual, {row_by_row: "tied"}),
        "sizes-worse": turned_scene(usual, {"size-.*": "down"}),
        "one-size-worse": turned_scene(usual, {"size-GRU-64": "down", "size-.*": "tied"}),
        "sizes-apart": turned_scene(usual, {"size-GRU-64": "down", "size-.*": "up"}),
        "one-size-better": turned_scene(usual, {"size-GRU-64": "up", "size-.*": "tied"}),
        "plain-fall": scene(grid(CELLS, SimpleRNN_128=0.94, SimpleRNN_256=0.93)),
        "plain-falls": scene(grid(CELLS, SimpleRNN_256=0.93)),
        "one-better": scene(grid({"SimpleRNN": 0.95, "LSTM": 0.985, "GRU": 0.952})),
        "one-worse": scene(grid({"SimpleRNN": 0.96, "LSTM": 0.985, "GRU": 0.90})),
        "both-worse": scene(grid({"SimpleRNN": 0.98, "LSTM": 0.95, "GRU": 0.94})),
        "only-one-worse": scene(grid({"SimpleRNN": 0.96, "LSTM": 0.962, "GRU": 0.90})),
        "alike": scene(grid(dict.fromkeys(CELLS, 0.97))),
        "no-plain-near": scene(grid(CELLS, SimpleRNN_256="diverged")),
        "some-failed": scene(grid(CELLS, GRU_256="failed", GRU_128="diverged")),
        "plain-alone": scene(
            grid(CELLS, **{f"{cell}_{n}": "diverged" for cell in gated for n in search.UNITS})
        ),
        "gated-and-nothing-else": scene(
            grid(CELLS, **{f"{cell}_{n}": "diverged" for cell in CELLS for n in (64, 256)})
        ),
        "two-seeds": scene(grid(two), seeds=2),
        "other-count": scene(grid(CELLS), counted=None),
    }


def units(folder: Path) -> dict[str, Scene]:
    def scene(outcome: list, clipped: object = None, **options: object) -> Scene:
        given = {"recurrent": outcome, "wide-recurrent": options.pop("wide-recurrent", None)}
        with pytest.MonkeyPatch.context() as patch:
            if clipped:
                patch.setattr(settings, "ITERATIONS", FEW)
                given["rnn-clipped"] = [clipped]
            return measured("units", folder, given, parameters=parameters, **options)

    def wide(
        found: object, points: tuple = WIDE, outcome: list | None = None, **options: object
    ) -> Scene:
        outcome = outcome or grid(dict.fromkeys(CELLS, 0.95))
        more = {"wide": True, "points": {"wide-recurrent": points}}
        return scene(outcome, **{"wide-recurrent": found}, **more, **options)

    growing = {64: 0.92, 128: 0.95, 256: 0.98}
    two = {n: ([v, v + 0.01], [v, v + 0.01]) for n, v in growing.items()}
    six = {n: ([v + seed / 1000 for seed in range(6)],) * 2 for n, v in growing.items()}
    failed = {f"LSTM_{n}": "failed" for n in growing}
    most = {f"{cell}_256": "diverged" for cell in CELLS}
    return {
        MAIN: wide(outcomes(13)[9:12], outcome=outcomes(9), clipped=outcomes(13)[12], seeds=2),
        "growing": scene(grid(CELLS, growing)),
        "clipped-better": scene(grid(CELLS, growing, SimpleRNN_256=0.93), 0.97),
        "clipped-worse": scene(grid(CELLS, growing), 0.90),
        "clipped-tied": scene(grid(CELLS, growing), 0.98),
        "clipped-alone": scene(grid(CELLS, growing), "diverged"),
        "clipped-without-itself": scene(grid(CELLS, growing, SimpleRNN_256="diverged"), 0.97),
        "clipped-two-seeds": scene(grid(CELLS, two), ([0.95, 0.96],) * 2, seeds=2),
        "alike": scene(grid(CELLS, dict.fromkeys(growing, 0.97))),
        "one-worse": scene(grid(CELLS, growing, GRU_256=0.90)),
        "one-tied": scene(grid(CELLS, growing, GRU_256=0.951)),
        "two-worse": scene(grid(CELLS, growing, GRU_256=0.90, LSTM_256=0.91)),
        "only-one-worse": scene(grid(CELLS, {64: 0.95, 128: 0.95, 256: 0.951}, GRU_256=0.90)),
        "falling": scene(grid(CELLS, {64: 0.98, 128: 0.95, 256: 0.92})),
        "one-diverged": scene(grid(CELLS, growing, LSTM_256="diverged")),
        "cell-failed": scene(grid(CELLS, growing, **failed)),
        "most-diverged": scene(grid(CELLS, growing, **most)),
        "two-seeds": scene(grid(CELLS, two), seeds=2),
        "six-seeds": scene(grid(CELLS, six), seeds=6),
        "wide-better": wide((0.97, 0.99, 0.90)),
        "wide-tied": wide((0.9505, 0.93, 0.90)),
        "wide-worse": wide((0.80, 0.70, 0.60)),
        "wide-at-edge": wide((0.97, 0.99, "diverged"), EDGE),
        "wide-at-edges": wide((0.97, 0.99, 0.9), EDGES),
        "wide-failed": wide(["failed"] * 3),
        "wide-alone": wide([([None, 0.9],) * 2] * 3, outcome=[([0.95, None],) * 2] * 9, seeds=2),
    }


def cnn_against_rnn(folder: Path) -> dict[str, Scene]:
    def scene(
        cnn: object, others: list, ordered: tuple = (), fewer: tuple = (), **options: object
    ) -> Scene:
        given = {"cnn-mnist": [cnn], "recurrent": others}
        with pytest.MonkeyPatch.context() as patch:
            looks.patch(patch)
            if ordered:
                patch.setattr(short, "ITERATIONS", FEW)
                few = [[*one, of_all] for one, (of_all, *_) in zip(fewer, ordered, strict=True)]
                given |= dict(zip((orders.CNN, orders.RNN), ordered, strict=True))
                given |= dict(zip((few_labels.CNN, few_labels.RNN), few, strict=True))
            return measured("cnn-vs-rnn", folder, given, **options)

    def against(cnn: object, rnn: object, **options: object) -> Scene:
        return scene(cnn, grid(dict.fromkeys(CELLS, 0.9), GRU_128=rnn), **options)

    def shortly(ordered: tuple, fewer: tuple = ([0.7, 0.8, 0.9], [0.6, 0.8, 0.91])) -> Scene:
        return against(0.97, 0.95, ordered=ordered, fewer=fewer)

    first, *rest = outcomes(24)
    around = rest[9:17:2], rest[10:17:2]  # no difference is another number of a run
    fewer = rest[17:23:2], rest[18:23:2]
    usual = against(0.97, 0.95)
    plain = [0.96, 0.95, 0.9, 0.7], [0.93, 0.93, 0.93, 0.8]
    ordered, failed = shortly(plain), ["failed"] * 4
    others = dict.fromkeys(CELLS, 0.9)
    one_same = {"agreement.same": 1}
    return {
        MAIN: scene(first, rest[:9], around, fewer, seeds=2),
        "better": against(0.99, 0.95),
        "worse": against(0.94, 0.98),
        "tied": against(0.96, 0.96),
        "perfect": against(1.0, 1.0),
        "perfect-cnn": against(1.0, 0.95),
        "independent": turned_scene(changed_scene(usual, one_same), {"mistakes": "tied"}),
        "apart": turned_scene(usual, {"mistakes": "down"}),
        "no-common-mistake": changed_scene(usual, {"agreement.neither": 0}),
        "diverged": against(
            ([None, 0.97, 0.98], [None, 0.97, 0.98]), ([0.95, 0.96, None], [0.95, 0.96, None]),
            seeds=3,
        ),
        "no-common-seed": against(([None, 0.97],) * 2, ([0.95, None],) * 2, seeds=2),
        "stand-in": against(0.97, 0.95, kind="stand-in"),
        "orders": ordered,
        "orders-up": turned_scene(ordered, {"(order|cost)-.*": "up"}),
        "orders-down": turned_scene(ordered, {"(order|cost)-.*": "down"}),
        "orders-tied": turned_scene(ordered, {"(order|cost)-.*": "tied"}),
        "orders-without-cnn": shortly(
            ([0.96, "diverged", 0.9, 0.7], [0.93, 0.93, "diverged", 0.8])
        ),
        "orders-without-plain": shortly((failed, failed)),
        "few-up": turned_scene(ordered, {"(few|fewer)-.*": "up"}),
        "few-down": turned_scene(ordered, {"(few|fewer)-.*": "down"}),
        "few-tied": turned_scene(ordered, {"(few|fewer)-.*": "tied"}),
        "few-diverged": shortly(plain, (["diverged", 0.8, 0.9], [0.6, "diverged", 0.91])),
        "few-failed": shortly(plain, (failed[1:], failed[1:])),
        "another-best": scene(0.97, grid(others, GRU_128=0.95, LSTM_256=0.96)),
        "even-diverged": scene(0.97, grid(others, GRU_128="diverged", LSTM_256=0.96)),
        "changes-up": turned_scene(usual, {"(changed|last|sure)-.*|calibration": "up"}),
        "changes-down": turned_scene(usual, {"(changed|last|sure)-.*|calibration": "down"}),
        "changes-tied": turned_scene(usual, {"(changed|last|sure)-.*|calibration": "tied"}),
        "changes-apart": turned_scene(
            usual, {"changed-a-.*|last-cnn|sure-rnn": "up", "(changed|last|sure)-.*": "down"}
        ),
    }  # fmt: skip
