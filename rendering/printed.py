"""The filters of `wording`, which mark what they print of values that know their paths (`traced`)."""

from collections.abc import Callable

from rendering import wording
from rendering.traced import length, printing
from rendering.wording import MISSING as MISSING
from rendering.wording import and_list

# A list marks nothing of its own: its items bring their marks along.
FILTERS: dict[str, Callable[..., object]] = {
    name: function if function is and_list else printing(function)
    for name, function in wording.FILTERS.items()
} | {"length": length}

count = FILTERS["count"]
interval = FILTERS["interval"]
mean_deviation = FILTERS["mean_deviation"]
p_value = FILTERS["p_value"]
percent = FILTERS["percent"]
plural = FILTERS["plural"]
points = FILTERS["points"]
signed_points = FILTERS["signed_points"]
