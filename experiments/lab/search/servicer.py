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
    """Answers workers. What becomes of a trial is taken from the worker that holds it alone."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(campaign)
        self._campaign = campaign

    def CreateTrial(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Hand out a trial, or tell a worker that it is to leave, and why."""
        try:
            return super().CreateTrial(request, context)
        except Expelled as reason:
            return context.abort(grpc.StatusCode.PERMISSION_DENIED, str(reason))

    def UpdateTrial(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Note what a worker says of its trial, if it is the caller's."""
        caller = _caller(context)
        trial = self._campaign.update_trial(request.trial_id, request.metrics, request.step, caller)
        return protos.get_service().UpdateTrialResponse(trial=trial.to_proto())

    def EndTrial(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """End the trial, if it is the caller's."""
        self._campaign.end_trial(Trial.from_proto(request.trial), _caller(context))
        return protos.get_service().EndTrialResponse()


def _caller(context: grpc.ServicerContext) -> str:
    """Return the name of the worker that calls."""
    return dict(context.invocation_metadata()).get(NAMES["tuner"], "")
