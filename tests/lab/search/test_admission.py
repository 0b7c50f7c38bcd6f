"""Tests of `experiments.lab.search.admission`: a build hears its own workers and nobody else."""

import json
import stat
import threading

import grpc
import pytest
from keras_tuner.src import protos

from experiments.lab.search import admission, connection
from experiments.lab.search.admission import FILE, SECRET, Admission, port_of
from experiments.lab.search.assignments import WorkError
from experiments.lab.search.campaign import Campaign
from experiments.lab.search.chief import Chief
from experiments.lab.settings import Search, grid
from experiments.lab.store import runs
from experiments.lab.store.runs import RunIndex, RunStore

SERVICE = protos.get_service()
SEARCH = Search(
    "both",
    "",
    "mnist",
    "recurrent",
    length=1,
    points=grid(cell=("GRU", "LSTM"), units=(8,)),
    fixed={"optimizer": "adam", "learning_rate": 1e-3},
)


class Deaf:
    """Hears what happens to trials and does nothing."""

    def trial_started(self, *_):
        pass

    trial_advanced = trial_ended = trial_started


@pytest.fixture
def campaign(tmp_path):
    index = RunIndex(
        RunStore(tmp_path / "runs"), {"mnist": "f" * 64}, lambda _: "", {}, build=runs.now()
    )
    made = Campaign(index, tmp_path / "tuner", {"build": index.build}, Deaf())
    made.add(SEARCH)
    return made


@pytest.fixture
def chief(campaign, tmp_path, monkeypatch):
    """A chief that serves on this machine, and the environment of its workers."""
    monkeypatch.delenv(SECRET, raising=False)
    made = Chief(Admission.made_for(tmp_path / "tuner"))
    made.serve(campaign)
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", made.address[0])
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(made.address[1]))
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-1")
    yield made
    made.stop()


def stranger(chief, *metadata):
    """Return a client that sends this metadata and no more."""
    channel = grpc.insecure_channel(f"{chief.address[0]}:{chief.address[1]}")
    stub = protos.get_service_grpc().OracleStub(channel)
    return lambda name, request: getattr(stub, name)(request, timeout=20, metadata=metadata)


def requests(trial):
    return (
        ("GetSpace", SERVICE.GetSpaceRequest()),
        ("CreateTrial", SERVICE.CreateTrialRequest(tuner_id="stranger")),
        ("UpdateTrial", SERVICE.UpdateTrialRequest(trial_id="both/0", metrics={"returned": 1.0})),
        ("EndTrial", SERVICE.EndTrialRequest(trial=trial.to_proto())),
        ("GetTrial", SERVICE.GetTrialRequest(trial_id="both/0")),
        ("GetBestTrials", SERVICE.GetBestTrialsRequest(num_trials=1)),
        ("UpdateSpace", SERVICE.UpdateSpaceRequest()),
    )


@pytest.mark.parametrize(
    "metadata", [(), (("assignment-secret", "guessed"),), (("assignment-secret", ""),)]
)
def test_stranger_is_turned_away_and_changes_nothing(chief, campaign, metadata):
    held = campaign.create_trial("worker-1")
    ask = stranger(chief, *metadata)
    for name, request in requests(campaign.get_trial("both/0")):
        with pytest.raises(grpc.RpcError) as refused:
            ask(name, request)
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert campaign.trouble is None
    assert campaign.present == 1
    assert campaign.create_trial("worker-1").trial_id == held.trial_id
    assert campaign.create_trial("worker-2").trial_id == "both/1"


def test_worker_that_reads_the_folder_is_let_in(chief, campaign, tmp_path):
    stub = connection.stub_of(tmp_path / "tuner")
    connection.reach_chief(stub)
    answer = stub.CreateTrial(SERVICE.CreateTrialRequest(tuner_id="worker-1"), timeout=20)
    assert answer.trial.trial_id == "both/0"
    # Nor does a trial that is another's, or nobody's, end by its word.
    for name in ("both/1", "gone/7"):
        proto = campaign.get_trial(name).to_proto()
        stub.EndTrial(SERVICE.EndTrialRequest(trial=proto), timeout=20)
    assert campaign.trouble is None
    assert campaign.create_trial("worker-1").trial_id == "both/0"


def test_worker_with_the_secret_and_another_folder_is_told_so(chief, tmp_path, monkeypatch):
    held = json.loads((tmp_path / "tuner" / FILE).read_text())
    monkeypatch.setenv(SECRET, held["secret"])
    monkeypatch.setattr(connection.time, "sleep", lambda _: None)
    with pytest.raises(WorkError) as refused:
        connection.reach_chief(connection.stub_of(tmp_path / "elsewhere"))
    assert "it does not read the folder that this build writes to" in str(refused.value)
    assert "the build's own --output folder" in str(refused.value)


def test_worker_without_secret_or_folder_is_told_what_to_give_it(chief, tmp_path, monkeypatch):
    monkeypatch.setattr(connection.time, "sleep", lambda _: None)
    with pytest.raises(WorkError, match=f"or the build's {SECRET}"):
        connection.reach_chief(connection.stub_of(tmp_path / "elsewhere"))


def test_secret_of_the_variable_is_not_written_down(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET, "from the variable")
    made = Admission.made_for(tmp_path)
    assert made.secret == "from the variable"
    assert json.loads((tmp_path / FILE).read_text()) == {"folder": made.folder}
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) & 0o600 == 0o600  # or as the umask says


def test_file_is_its_owners_alone_new_with_every_build_and_gone_after_it(tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    first, second = Admission.made_for(tmp_path), Admission.made_for(tmp_path)
    assert len({first.secret, second.secret, first.folder, second.folder}) == 4
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    second.withdraw(tmp_path)
    assert not (tmp_path / FILE).exists()


def test_worker_of_a_chief_that_was_started_again_has_the_new_secret(tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    badge = admission.Badge(tmp_path, "worker-1")
    for _ in range(2):
        made = Admission.made_for(tmp_path)
        assert made.judge(badge.metadata()) is None
    made.withdraw(tmp_path)
    assert made.judge(badge.metadata())[0] == grpc.StatusCode.UNAUTHENTICATED


def test_no_answer_is_said_every_ten_seconds_and_then_given_up(monkeypatch, capsys):
    class Silent:
        def GetSpace(self, *_, timeout, **__):  # noqa: N802
            clock[0] += timeout
            error = grpc.RpcError()
            error.details = lambda: "nobody there"
            raise error

    clock = [0.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: clock[0])
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "node0")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", "8000")
    with pytest.raises(WorkError, match="no answer from node0:8000 in 10 minutes"):
        connection.reach_chief(Silent())
    assert capsys.readouterr().out == "no answer yet from node0:8000\n" * 60


@pytest.mark.parametrize("text", ["abc", "99999", "-1", "", "8000.0", "8 000", "٣", "9" * 5000])
def test_what_is_no_port_is_said(text):
    with pytest.raises(WorkError, match=r"KERASTUNER_ORACLE_PORT is .*: no port"):
        port_of(text)


@pytest.mark.parametrize(("text", "port"), [("0", 0), ("8000", 8000), ("65535", 65535)])
def test_port_is_read(text, port):
    assert port_of(text) == port


def test_stranger_that_sends_nothing_keeps_no_worker_waiting(chief, tmp_path):
    channel = grpc.insecure_channel(f"{chief.address[0]}:{chief.address[1]}")
    silent = threading.Event()

    def nothing():
        silent.wait(60)
        yield from ()

    call = channel.stream_unary("/x/y").future(nothing())
    connection.stub_of(tmp_path / "tuner").GetSpace(SERVICE.GetSpaceRequest(), timeout=20)
    assert call.exception(timeout=20).code() == grpc.StatusCode.UNAUTHENTICATED
    silent.set()


@pytest.mark.parametrize("name", ["../../runs", "a/b", ".hidden", "", "x" * 200])
def test_worker_whose_name_is_no_file_name_is_refused(name):
    with pytest.raises(WorkError, match="KERASTUNER_TUNER_ID"):
        admission.name_of(name)
    assert admission.name_of("host-1.example_2") == "host-1.example_2"


@pytest.mark.parametrize("content", [b"[]", b'{"secret": 5}', b"{", b"[" * 100_000])
def test_badge_takes_a_damaged_file_for_none(tmp_path, content, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    (tmp_path / FILE).write_bytes(content)
    assert all(isinstance(it, str) for it in admission.Badge(tmp_path, "w").metadata().values())
