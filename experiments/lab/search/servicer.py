"""keras-tuner's service over a campaign, which also hears who is speaking."""

from typing import Any

import grpc
from keras_tuner.src import protos
from keras_tuner.src.distribute.oracle_chief import OracleServicer
from keras_tuner.src.engine.trial import Trial

from experiments.lab.search.admission import NAMES
from experiments.lab.search.campaign import Campaign
from experiments.lab.search.losses import Expelled


class Servicer(OracleServicer):
    """Answers workers. What a trial ended with is taken from the worker that holds it alone."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(campaign)
        self._campaign = campaign

    def CreateTrial(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Hand out a trial, or tell a worker that it is to leave, and why."""
        try:
            return super().CreateTrial(request, context)
        except Expelled as reason:
            return context.abort(grpc.StatusCode.PERMISSION_DENIED, str(reason))

    def EndTrial(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """End the trial, if it is the caller's."""
        caller = dict(context.invocation_metadata()).get(NAMES["tuner"], "")
        self._campaign.end_trial(Trial.from_proto(request.trial), caller)
        return protos.get_service().EndTrialResponse()
