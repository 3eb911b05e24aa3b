"""Requests to the flights model with numbers that no flight has."""

import numpy as np
import pytest
from cnengine.demo.serving import FlightsModel


class Unknown:
    """Routes that know nothing."""

    def find(self, origin, dest):
        nothing = np.full(len(origin), np.nan)
        return nothing, nothing


DEPARTURE = 1_358_000_000_000


@pytest.mark.parametrize("arrival", [DEPARTURE + 90_000, 2**63 - 1, -(2**63)])
def test_an_arrival_far_off_does_not_wrap_around(arrival):
    model = FlightsModel.__new__(FlightsModel)
    model._routes = Unknown()
    text = {name: np.array(["XXX"], object) for name in ("carrier", "origin", "dest")}
    plan = model._plan(
        {
            **text,
            "scheduled_departure": np.array([DEPARTURE]),
            "scheduled_arrival": np.array([arrival]),
        }
    )
    want = pytest.approx((arrival - DEPARTURE) / 60_000, rel=1e-15)
    assert plan["planned_minutes"].to_pylist() == [want]
