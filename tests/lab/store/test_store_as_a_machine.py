"""The stores as a state machine: writes, kills between any two changes of a file, damages, reads.

Held after every step, whatever came before: reading changes nothing, fails on nothing, and shows of every
run and record a version that was written whole; one that was written and not damaged since is shown. And
after the same build: its results are those of an undisturbed one, and no temporary file is left.
"""

import dataclasses
import json
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from faulty import KINDS, Killed, faults
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from building import folder as folders
from experiments.lab.settings import Search
from experiments.lab.store import sealed
from experiments.lab.store.drawings import Drawn
from experiments.lab.store.files import StorageError
from experiments.lab.store.held import Held
from experiments.lab.store.records import DONE, FAILED, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import COMPLETED, Run

SEARCH = Search(
    "s",
    "S",
    "mnist",
    "recurrent",
    length=2,
    points=({"units": 1}, {"units": 2}, {"units": 3}),
)
KEYS = ("a" * 24, "b" * 24, "c" * 24)
POINTS = dict(zip(KEYS, SEARCH.points, strict=True))
SECTIONS = ("rnn", "units")
GONE = None


def made_run(key: str, version: int, status: str = COMPLETED) -> tuple[Run, dict]:
    (settings,) = SEARCH.runs(POINTS[key])
    arrays = {"weights/0": np.full(40, version), "probabilities": np.full((3, 2), version / 7)}
    run = Run(
        key=key,
        settings=settings,
        status=status,
        curves={"loss": [float(version)]},
        scores={"validation_accuracy": 0.5, "version": version},
        parameters=version,
        seconds=0.0,
        step_seconds=0.0,
        environment={},
        finished_at=f"2026-01-01T00:00:00.{version:06}+00:00",
    )
    return run, arrays if status == COMPLETED else {}


def made_record(section: str, version: int, status: str = DONE) -> Record:
    return Record(
        section=section,
        status=status,
        profile="standard",
        settings={},
        inputs={"version": str(version)},
        built_at="",
        seconds=0.0,
        environment={},
        data={},
        command="",
        scores={"version": version},
        arrays={"images": np.full(30, version)} if status == DONE else {},
    )


def damaged(content: bytes, how: str, draw: random.Random) -> bytes:
    """Return a file's content as it is after some damage."""
    if how == "digit":  # another number, so that all else about the file is in order
        return content.replace(b"99", b"98").replace(b": 1", b": 2")
    if how == "flip" and content:
        garbled = bytearray(content)
        garbled[draw.randrange(len(content))] ^= 0x11
        return bytes(garbled)
    return content[: len(content) // 2] if how == "cut" else b""


def state(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Stores(RuleBasedStateMachine):
    """`allowed` has, for every place, the versions that a reader may be shown; GONE for none."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.allowed = {place: {GONE} for place in (*KEYS, *SECTIONS)}
        self.version = 0

    def teardown(self):
        shutil.rmtree(getattr(self, "folder", "/nowhere"), ignore_errors=True)

    def held(self) -> Held:
        return Held(self.folder, say=lambda line: None)

    def attempt(self, place, moment, kind, write):
        """Write a new version of a place, with a fault at a moment, and note what may be seen after."""
        self.version += 1
        before = self.allowed[place]
        try:
            with faults.at(self.folder, moment, kind):
                write()
            self.allowed[place] = {self.version}
        except (Killed, StorageError):
            # A power cut may have left a file of it in pieces.
            self.allowed[place] = before | {self.version} | ({GONE} if kind == "cut" else set())

    @rule(
        key=st.sampled_from(KEYS),
        moment=st.integers(0, 14),
        kind=st.sampled_from(KINDS),
    )
    def store_run(self, key, moment, kind):
        store = self.held().runs
        self.attempt(key, moment, kind, lambda: store.write(*made_run(key, self.version)))

    @rule(section=st.sampled_from(SECTIONS), moment=st.integers(0, 12), kind=st.sampled_from(KINDS))
    def store_record(self, section, moment, kind):
        held = self.held()
        record = made_record(section, self.version + 1)
        self.attempt(section, moment, kind, lambda: held.keep_record(record))

    @rule(place=st.sampled_from([*KEYS, *SECTIONS]), moment=st.integers(0, 5))
    def store_failure(self, place, moment):
        """A failure, killed or not, takes nothing from what stands."""
        held = self.held()
        try:
            with faults.at(self.folder, moment, "killed"):
                if place in SECTIONS:
                    held.keep_record(made_record(place, 0, FAILED))
                else:
                    held.runs.write(*made_run(place, 0, FAILED))
        except Killed:
            pass

    @rule(seed=st.integers(0, 2**32))
    def damage(self, seed):
        """Cut, garble, empty, remove or exchange a file; what it belongs to may be gone after that."""
        draw = random.Random(seed)  # Hypothesis would mostly take the first of each
        files = sorted(path for path in self.folder.rglob("*.*") if path.is_file())
        if not files:
            return
        path = draw.choice(files)
        content = path.read_bytes()
        how = draw.choice(["cut", "flip", "digit", "empty", "remove", "exchange"])
        if how == "exchange":
            other = draw.choice([it for it in files if it.suffix == path.suffix])
            path.write_bytes(other.read_bytes())
            other.write_bytes(content)
            self._may_be_gone(other)
        elif how == "remove":
            path.unlink()
        else:
            path.write_bytes(damaged(content, how, draw))
        self._may_be_gone(path)

    def _may_be_gone(self, path):
        name = str(path.relative_to(self.folder))
        for place in self.allowed:
            if place in name:
                self.allowed[place] = self.allowed[place] | {GONE}

    @invariant()
    def readers_see_what_was_written_and_change_nothing(self):
        before = state(self.folder)
        held = self.held()
        for key in KEYS:
            run = held.runs.read(key)
            held.runs.latest(key)
            assert (run and run.parameters) in self.allowed[key]
            if run:
                assert run.key == key
                assert set(run.weights()[0]) == {run.parameters}
        for section in SECTIONS:
            record = held.any_record(section)
            held.failure(section), held.drawn(section)
            assert (record and record.scores["version"]) in self.allowed[section]
            if record:
                assert record.section == section
                assert set(record.arrays["images"]) == {record.scores["version"]}
        held.stored_result(SEARCH.name)
        assert state(self.folder) == before

    @rule(moment=st.integers(0, 40), kind=st.sampled_from(KINDS))
    def build(self, moment, kind):
        """A build that something may happen to; then the same command again, undisturbed."""
        try:
            with faults.at(self.folder, moment, kind):
                self._build()
        except (Killed, StorageError):
            pass
        self._build()
        left = [name for name in state(self.folder) if "/damaged/" not in f"/{name}"]
        json_files = [name for name in left if name.endswith(".json")]
        assert len(left) == len(json_files) + len(KEYS) + len(SECTIONS), left
        assert not [name for name in left if ".partial" in name]
        assert json.loads((self.folder / "results.json").read_text()) == FOUND

    def _build(self):
        """Train, search, measure and print what is missing, as a build does, without its networks."""
        folders.sweep(self.folder)
        held = self.held()
        trials = []
        for number, (key, point) in enumerate(POINTS.items()):
            # What a run or record holds follows from its key and inputs: a version of its own here.
            run = held.runs.read(key)
            if run is None or run.parameters != WHOLE:
                run = held.runs.write(*made_run(key, WHOLE))
            trials.append(Trial(SEARCH.name, str(number), point, (run,)))
            self.allowed[key] = {WHOLE}
        stored = held.stored_result(SEARCH.name)
        if stored is None or stored[0] != "key":
            held.keep_result(SearchResult(SEARCH, tuple(trials)), "key")
        for section in SECTIONS:
            record = held.any_record(section)
            if record is None or record.scores["version"] != WHOLE or held.failure(section):
                held.keep_record(made_record(section, WHOLE))
            drawn = held.drawn(section)
            if drawn is None or held.shown_drawings(section) is None:
                inputs = {"record": held.any_record(section).digest}
                held.keep_drawn(Drawn(section, inputs))
            self.allowed[section] = {WHOLE}
        found = {
            "trials": [trial.rows() for trial in held.stored_result(SEARCH.name)[1].trials],
            "sections": {name: dict(held.any_record(name).scores) for name in SECTIONS},
        }
        sealed.write_whole(self.folder / "results.json", json.dumps(found).encode())


WHOLE = 999_999


def found_undisturbed() -> dict:
    rows = []
    for number, (key, point) in enumerate(POINTS.items()):
        run = dataclasses.replace(made_run(key, WHOLE)[0])
        rows.append(Trial(SEARCH.name, str(number), point, (run,)).rows())
    return {"trials": rows, "sections": {name: {"version": WHOLE} for name in SECTIONS}}


FOUND = found_undisturbed()

TestStores = Stores.TestCase
TestStores.settings = hypothesis_settings(max_examples=20, stateful_step_count=20, deadline=None)


@pytest.mark.slow
class TestStoresForLong(Stores.TestCase):
    """Ten times as many sequences."""

    settings = hypothesis_settings(max_examples=200, stateful_step_count=20, deadline=None)
