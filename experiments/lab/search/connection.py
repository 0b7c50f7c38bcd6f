"""A worker's connection to its chief: made, proved before the first trial, watched while it works."""

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from keras_tuner.src import protos

from experiments.lab.search.admission import SECRET, STRANGER, UNSEEN, Badge, port_of
from experiments.lab.search.assignments import (
    CHIEF_MAY_START,
    LEFT_ALONE,
    PARENT,
    WorkError,
)

if TYPE_CHECKING:
    from experiments.lab.search.worker import Worker

SERVICE = protos.get_service()
HEARTBEAT = 10  # seconds
CHIEF_MAY_REST = 60.0
REFUSALS = 3  # in a row, a second apart: a network folder may show the chief's file late
WHAT_TO_DO = {
    STRANGER: f"give it the same --output folder as the build, or the build's {SECRET}",
    UNSEEN: "give it the build's own --output folder, which all machines must share",
}


def stub_of(tuner_folder: Path) -> Any:  # noqa: ANN401
    """Return keras-tuner's client of the chief that its environment names, with the worker's badge."""
    # gRPC would wait longer and longer, up to two minutes, before it tries again.
    often = [("grpc.max_reconnect_backoff_ms", 2000)]
    channel = grpc.insecure_channel(_address(), options=often)
    badge = Badge(tuner_folder, os.environ["KERASTUNER_TUNER_ID"])
    return protos.get_service_grpc().OracleStub(grpc.intercept_channel(channel, badge))


def _address() -> str:
    return f"{os.environ['KERASTUNER_ORACLE_IP']}:{port_of(os.environ['KERASTUNER_ORACLE_PORT'])}"


def reach_chief(stub: Any) -> None:  # noqa: ANN401
    """Wait for the chief's first answer, and say every ten seconds that there is none.

    Raises WorkError if it does not let this worker in, or does not answer for ten minutes.
    """
    until, refusals = time.monotonic() + CHIEF_MAY_START, 0
    while time.monotonic() < until:
        asked = time.monotonic()
        try:
            stub.GetSpace(SERVICE.GetSpaceRequest(), timeout=HEARTBEAT, wait_for_ready=True)
            return
        except grpc.RpcError as error:
            if error.details() in WHAT_TO_DO:
                refusals += 1
                _raise_if_last(refusals, error.details())
                time.sleep(1)
                continue
        print(f"no answer yet from {_address()}", flush=True)
        time.sleep(max(0.0, asked + HEARTBEAT - time.monotonic()))
    raise WorkError(f"no answer from {_address()} in {CHIEF_MAY_START / 60:.0f} minutes")


def _raise_if_last(refusals: int, why: str) -> None:
    if refusals == REFUSALS:
        raise WorkError(
            f"the chief at {_address()} turns this worker away: {why}; {WHAT_TO_DO[why]}"
        )


class Heartbeat(threading.Thread):
    """Tells the chief that this worker lives, and ends the worker when the chief or parent is gone.

    The parent is watched from the start; the chief once it has been `reached`, and missed after a minute.
    """

    def __init__(self, worker: "Worker") -> None:
        super().__init__(daemon=True)
        self._worker = worker
        self._answered: float | None = None

    def reached(self) -> None:
        """Note that the chief has answered: from now on it is told and missed."""
        self._answered = time.monotonic()

    def run(self) -> None:
        """Beat until the process ends."""
        beats = 0
        # One started by hand has no such parent: it outlives the shell that started it.
        parent = int(os.environ.get(PARENT, os.getppid()))
        while PARENT not in os.environ or os.getppid() == parent:
            time.sleep(1)
            beats += 1
            told = self._answered is not None and beats % HEARTBEAT == 0
            if told and not self._heard():
                print("the chief does not answer any more; this worker leaves", flush=True)
                break
        os._exit(LEFT_ALONE)

    def _heard(self) -> bool:
        """Return whether the chief still counts as alive, after asking it once more."""
        client, trial_id = self._worker.oracle, self._worker.trial_id
        try:
            if trial_id is None:
                client.stub.GetSpace(SERVICE.GetSpaceRequest(), timeout=HEARTBEAT)
            else:
                metrics = {"heartbeat": 1.0}
                request = SERVICE.UpdateTrialRequest(trial_id=trial_id, metrics=metrics, step=0)
                client.stub.UpdateTrial(request, timeout=HEARTBEAT)
            self._answered = time.monotonic()
        except grpc.RpcError:
            pass  # how long it has not answered decides
        return time.monotonic() - self._answered < CHIEF_MAY_REST
