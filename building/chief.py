"""The chief: keras-tuner's server for the campaign, in the build's own process."""

import os
from concurrent import futures

import grpc
from keras_tuner.src import protos
from keras_tuner.src.distribute.oracle_chief import OracleServicer

from experiments.lab.campaign import Campaign

LOCAL = "127.0.0.1"
ANY_PORT = "0"
EVERY_ADDRESS = ("0.0.0.0", "[::]", "::")


class Chief:
    """Serves `campaign` to keras-tuner's workers.

    On the address of KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT when they are set, which other
    machines' workers then reach; else on a free port of this machine alone. keras-tuner's own server
    loop is not used: it ends up to twenty seconds late and cannot choose a free port.
    """

    def __init__(self, campaign: Campaign) -> None:
        host = os.environ.get("KERASTUNER_ORACLE_IP", LOCAL)
        port = os.environ.get("KERASTUNER_ORACLE_PORT", ANY_PORT)
        # One thread, as in keras-tuner: the oracles' calls are not made to overlap.
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
        protos.get_service_grpc().add_OracleServicer_to_server(
            OracleServicer(campaign), self._server
        )
        bound = self._server.add_insecure_port(f"{host}:{port}")
        self._server.start()
        # A worker of this machine cannot connect to "every address".
        self.address = (LOCAL if host in EVERY_ADDRESS else host, bound)

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop(grace=None)
