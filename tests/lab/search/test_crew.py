"""Tests of `experiments.lab.search.crew` with workers that do nothing but end in their own ways."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.lab.search import crew as crews
from experiments.lab.search.admission import SECRET
from experiments.lab.search.assignments import LEFT_ALONE, PARENT, UNFIT, WorkError
from experiments.lab.search.crew import Crew, exit_words


@pytest.fixture
def crew_of(tmp_path, monkeypatch):
    """Return a crew whose workers run `code`, and what it was told of their deaths."""
    made = []

    def make(code, trial=None, jobs=1, **options):
        real = crews.subprocess.Popen

        def start(command, **named):
            return real([sys.executable, "-c", code, *command[3:]], **named)

        monkeypatch.setattr(crews.subprocess, "Popen", start)
        deaths = []

        def lost(tuner_id, reason):
            deaths.append((tuner_id, reason))
            return trial

        crew = Crew(tmp_path, ("127.0.0.1", 1), jobs, lost, **options)
        made.append(crew)
        crew.start()
        return crew, deaths

    yield make
    for crew in made:
        crew.stop()


def wait_until(condition):
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_killed_worker_is_started_again_and_its_loss_told(crew_of):
    crew, deaths = crew_of("import time; time.sleep(60)", "units/0", jobs=2)
    assert crew.check() == 2
    first = crew._members[0].process
    first.kill()
    first.wait()
    assert crew.check() == 2
    assert deaths == [("local-0", "the worker was ended by SIGKILL, perhaps for want of memory")]
    assert crew._members[0].process.pid != first.pid


@pytest.mark.parametrize("status", [0, LEFT_ALONE])
def test_worker_that_leaves_is_not_started_again(crew_of, status):
    crew, deaths = crew_of(f"raise SystemExit({status})")
    wait_until(lambda: crew.check() == 0)
    assert deaths == []


def test_worker_that_cannot_train_here_stops_the_build_with_its_last_words(crew_of):
    crew, deaths = crew_of(f"print('the data differ'); raise SystemExit({UNFIT})")
    with pytest.raises(WorkError, match="local-0 cannot train here: the data differ"):
        wait_until(lambda: crew.check() == 0)
    assert deaths == []


def test_build_goes_on_without_a_worker_that_cannot_train_while_another_can(crew_of):
    code = (
        "import os, sys, time\n"
        f"sys.exit({UNFIT}) if os.environ['KERASTUNER_TUNER_ID'] == 'local-0' else time.sleep(60)"
    )
    crew, lost = crew_of(f"print('no room', flush=True)\n{code}", jobs=2)
    wait_until(lambda: crew.check() == 1)
    assert lost == [("local-0", "cannot train here: no room")]
    assert crew.check() == 1


def test_workers_are_handed_the_secret_in_their_environment_alone(crew_of, tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    crew, _ = crew_of(
        f"import os, sys; print(os.environ.get('{SECRET}'), sys.argv[1:])", secret="s3cret"
    )
    wait_until(lambda: crew.check() == 0)
    said = (tmp_path / "logs" / "local-0.log").read_text()
    assert said == f"s3cret ['{tmp_path}']\n"


def test_worker_that_dies_again_and_again_without_a_trial_stops_the_build(crew_of, tmp_path):
    crew, deaths = crew_of("raise ImportError('no module')")
    with pytest.raises(WorkError, match="3 times before it trained anything") as refused:
        wait_until(lambda: crew.check() == 0)
    assert "ImportError: no module" in str(refused.value)
    assert str(tmp_path / "logs" / "local-0.log") in str(refused.value)
    assert len(deaths) == 3


def test_worker_that_dies_on_trials_is_started_again_for_as_long_as_there_are_any(crew_of):
    crew, deaths = crew_of("raise SystemExit(1)", trial="units/0")
    wait_until(lambda: crew.check() == 1 and len(deaths) > 4)
    assert set(deaths) == {("local-0", "the worker ended with status 1")}


def test_stopped_crew_leaves_no_process(crew_of):
    crew, deaths = crew_of("import time; time.sleep(60)", jobs=2)
    processes = [member.process for member in crew._members]
    crew.stop()
    assert all(process.returncode == -9 for process in processes)
    assert crew.check() == 0
    assert deaths == []


def test_temporary_files_of_killed_workers_go_with_the_crew(crew_of, tmp_path):
    code = "import tempfile, time; print(tempfile.mkstemp()[1], flush=True); time.sleep(60)"
    crew, _ = crew_of(code)
    log = tmp_path / "logs" / "local-0.log"
    wait_until(lambda: log.read_text().endswith("\n"))
    left = Path(log.read_text().strip())
    assert left.exists()
    crew.stop()
    assert not left.parent.exists()


SHOW = (
    "import os, sys; print(sys.argv[1], *(os.environ.get(it, '-') for it in "
    "('KERASTUNER_TUNER_ID', 'KERASTUNER_ORACLE_IP', 'KERASTUNER_ORACLE_PORT', "
    f"'CUDA_VISIBLE_DEVICES', '{PARENT}')))"
)


def test_workers_know_their_folder_name_chief_gpu_and_parent(crew_of, tmp_path):
    crew, _ = crew_of(SHOW, jobs=3, gpus=2, name="node7")
    wait_until(lambda: crew.check() == 0)
    said = [(tmp_path / "logs" / f"node7-{it}.log").read_text().split() for it in range(3)]
    assert said == [
        [str(tmp_path), f"node7-{it}", "127.0.0.1", "1", str(it % 2), str(os.getpid())]
        for it in range(3)
    ]


def test_split_training_sees_all_gpus(crew_of, tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    crew, _ = crew_of(SHOW, gpus=2, whole=True)
    wait_until(lambda: crew.check() == 0)
    assert (tmp_path / "logs" / "local-0.log").read_text().split()[4] == "-"


def test_exit_statuses_are_said_in_words():
    assert exit_words(7) == "the worker ended with status 7"
    assert exit_words(-11) == "the worker was ended by SIGSEGV"
    assert exit_words(-99) == "the worker was ended by signal 99"


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="there are no such priorities here")
def test_workers_give_way_to_the_build(crew_of):
    crew, _ = crew_of("import time; time.sleep(60)")
    given = os.getpriority(os.PRIO_PROCESS, crew._members[0].process.pid)
    crew.stop()
    assert given == min(os.getpriority(os.PRIO_PROCESS, 0) + crews.NICENESS, 19)


def test_worker_that_has_ended_needs_not_give_way():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    crews.make_way(process.pid)
