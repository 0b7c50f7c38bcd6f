"""The chief: keras-tuner's server for the campaign, in the build's own process."""

import os
from concurrent import futures
from typing import TYPE_CHECKING

import grpc

from experiments.lab.search.admission import Admission, Door, port_of
from experiments.lab.search.assignments import WorkError

if TYPE_CHECKING:  # both import TensorFlow, which takes its time
    from experiments.lab.search.campaign import Campaign

LOCAL = "127.0.0.1"
ANY_PORT = "0"
EVERY_ADDRESS = ("0.0.0.0", "[::]", "::")


class Chief:
    """Has an address at once, where workers wait to be served, and then serves a campaign to them.

    Only to workers that `admission` lets in, on the address of KERASTUNER_ORACLE_IP and
    KERASTUNER_ORACLE_PORT when they are set, which other machines' workers then reach; else on a free
    port of this machine alone. keras-tuner's own server loop is not used: it ends up to twenty seconds
    late and cannot choose a free port. Raises WorkError if the address cannot be had.
    """

    def __init__(self, admission: Admission) -> None:
        host = os.environ.get("KERASTUNER_ORACLE_IP", LOCAL)
        port = port_of(os.environ.get("KERASTUNER_ORACLE_PORT", ANY_PORT))
        # One thread, as in keras-tuner: the oracles' calls are not made to overlap.
        # A port is not shared: two chiefs on one would each be asked by half of the workers.
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=1),
            options=[("grpc.so_reuseport", 0)],
            interceptors=[Door(admission)],
        )
        bound = self._bind(f"{host}:{port}")
        if "KERASTUNER_ORACLE_IP" in os.environ:  # all three or none, says keras-tuner
            os.environ["KERASTUNER_ORACLE_PORT"] = str(bound)
            os.environ.setdefault("KERASTUNER_TUNER_ID", "chief")
        # A worker of this machine cannot connect to "every address".
        self.address = (LOCAL if host in EVERY_ADDRESS else host, bound)

    def serve(self, campaign: "Campaign") -> None:
        """Hand out the campaign's trials from now on."""
        from keras_tuner.src import protos

        from experiments.lab.search.servicer import Servicer

        protos.get_service_grpc().add_OracleServicer_to_server(Servicer(campaign), self._server)
        self._server.start()

    def _bind(self, address: str) -> int:
        try:
            bound = self._server.add_insecure_port(address)
        except RuntimeError:
            bound = 0
        if not bound:
            raise WorkError(f"cannot listen on {address}: the port is taken, or not this machine's")
        return bound

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop(grace=None)
