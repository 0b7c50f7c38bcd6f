"""Tests of `building.builder`: interruptions and several processes, with the small sections."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from toy import results

import experiments
from building.builder import jobs, turn


def workers_of(process):
    """Return the processes that the build has started to train."""
    listed = subprocess.run(
        ["pgrep", "-P", str(process.pid), "-f", "experiments.lab.search.worker"],
        capture_output=True,
        text=True,
    )
    return [int(number) for number in listed.stdout.split()]


def read_until(process, words):
    """Read what the build says up to the first line with `words`; fail if it ends before."""
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"the build ended ({process.wait()}) without saying {words!r}")


def gone(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{number}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


def wait_until(condition):
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks at processes in /proc")
def test_killed_worker_is_replaced_and_interrupted_build_goes_on_to_the_same_results(
    toy, built, copied
):
    held = results.found(built.output)
    lost = {row["run"] for name in ("rnn", "units") for row in results.trials(copied)[name]}
    for key in lost:
        shutil.rmtree(copied / "runs" / key)

    first = toy.start(copied, "--jobs", "1")
    read_until(first, "training begins")
    (worker,) = workers_of(first)
    os.kill(worker, signal.SIGKILL)
    read_until(first, "local-0: the worker was ended by SIGKILL")
    read_until(first, "training begins")  # by the worker's successor
    (worker,) = workers_of(first)
    first.send_signal(signal.SIGINT)
    said, _ = first.communicate(timeout=300)
    assert first.returncode == 130
    kept, _, last = said.splitlines()[-3:]
    assert kept.startswith("kept: 0 of ")
    assert kept.endswith(", 1 under way up to the last validation and all that was measured")
    assert last == "interrupted; the same command goes on from here"
    wait_until(lambda: gone(worker))
    assert (copied / "assignment2.html").read_text().endswith("</html>\n")

    second = toy.run(copied, "--jobs", "2")
    assert second.returncode == 0, second.stderr
    assert results.found(copied) == held


def test_workers_end_with_a_killed_build(toy, copied):
    shutil.rmtree(copied / "runs" / results.trials(copied)["rnn"][0]["run"])
    build = toy.start(copied, "--jobs", "2")
    read_until(build, "training begins")
    workers = workers_of(build)
    assert len(workers) == 2
    build.kill()
    build.communicate()
    wait_until(lambda: all(map(gone, workers)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_moments_ends_with_the_results_of_an_undisturbed_build(
    toy, built, tmp_path, seed
):
    draw = random.Random(seed)
    output = tmp_path / "report"
    for _ in range(4):
        process = toy.start(output, "--jobs", "2")
        time.sleep(draw.uniform(3, 12))
        victims = workers_of(process)
        if victims and draw.random() < 0.5:
            os.kill(draw.choice(victims), signal.SIGKILL)
            time.sleep(draw.uniform(0, 6))
        process.kill()
        process.communicate()
    ended = toy.run(output, "--jobs", "2")
    assert ended.returncode == 0, ended.stderr
    assert results.found(output) == results.found(built.output)
    assert not list((output / "runs").glob(".*"))
    assert not list((output / "runs").glob("*.partial"))


@pytest.mark.slow
def test_workers_started_by_hand_in_folders_of_their_own_give_the_same_results(
    toy, built, tmp_path
):
    output, address = tmp_path / "report", ("127.0.0.1", free_port())
    names = {"KERASTUNER_ORACLE_IP": address[0], "KERASTUNER_ORACLE_PORT": str(address[1])}
    workers = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        environment = {**toy.environment, **names, "KERASTUNER_TUNER_ID": name}
        command = [sys.executable, "-m", "experiments.lab.search.worker", str(output)]
        with open(tmp_path / name / "log", "wb") as log:
            workers.append(
                subprocess.Popen(
                    command, cwd=tmp_path / name, env=environment, stdout=log, stderr=log
                )
            )
    try:
        chief = toy.run(output, "--jobs", "1", KERASTUNER_TUNER_ID="chief", **names)
        assert chief.returncode == 0, chief.stderr
        assert [worker.wait(300) for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert results.found(output) == results.found(built.output)
    begun = chief.stdout.count("training begins (first)"), chief.stdout.count("(second)")
    assert sum(begun) > 0  # they came before the chief's own worker, and trained


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_comparison_of_results_sees_a_number_and_not_a_time(built):
    held = results.found(built.output)
    assert held["sections"]["rnn"]["trials"][0]["test_accuracy"] > 0
    assert "seconds" not in str(held)
    changed = results.without_times({**held, "seconds": 1.0, "built_at": "now"})
    assert changed == held
    changed["sections"]["rnn"]["trials"][0]["test_accuracy"] += 1e-9
    assert changed != held


@pytest.mark.parametrize(("gpus", "replicas", "count"), [(0, 2, 1), (4, 1, 4), (4, 4, 1)])
def test_one_training_a_gpu_unless_each_takes_them_all(gpus, replicas, count):
    assert jobs(gpus, replicas) == count


def test_one_training_a_core_without_gpus(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5}, raising=False)
    assert jobs(0) == 3


def test_what_others_need_is_trained_first_and_then_what_is_slow_to_measure():
    sections = [experiments.module(name).SECTION for name in experiments.names()]
    needed = {name for section in sections for name in section.needs}
    ordered = sorted(sections, key=lambda section: turn(section, section.name in needed))
    assert [section.name for section in ordered[:3]] == [
        "learning-rates", *experiments.parts("deconvnet")[:2]
    ]  # fmt: skip
