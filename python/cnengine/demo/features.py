"""The features by name: which view holds which, by what keys, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnengine.demo.data import WEATHER
from cnengine.demo.requests import STATIC

if TYPE_CHECKING:
    from cnengine.feature import Store

SLIDE = "10m"
WEATHER_TTL = "3h"
PLANE_TTL = "2d"


@dataclass(frozen=True)
class View:
    """One feature view: its keys, its features in order, and how long a row lives."""

    name: str
    entities: tuple[str, ...]
    features: tuple[str, ...]
    ttl: str


VIEWS = (
    View("origin_1h", ("origin",), ("origin_flights_1h", "origin_delay_1h"), SLIDE),
    View("origin_6h", ("origin",), ("origin_flights_6h", "origin_delay_6h"), SLIDE),
    View("cancelled_6h", ("origin",), ("origin_cancelled_6h",), SLIDE),
    View("carrier_24h", ("carrier", "origin"), ("carrier_flights_24h", "carrier_delay_24h"), SLIDE),
    View("plane", ("tailnum",), ("plane_arrival_delay",), PLANE_TTL),
    View("weather", ("origin",), WEATHER, WEATHER_TTL),
)
STREAMED = tuple(name for view in VIEWS[:-1] for name in view.features)
FEATURES = (*STATIC, *STREAMED, *WEATHER)


def refs(views: tuple[View, ...] = VIEWS) -> list[str]:
    """The names "view:feature" of all features of `views`, in the order of `FEATURES`."""
    return [f"{view.name}:{name}" for view in views for name in view.features]


def create_views(store: Store, *, history: bool) -> None:
    """Create the views in a store that may have them already."""
    for view in VIEWS:
        store.create_view(
            view.name,
            entities=list(view.entities),
            schema={n: "int64" if "_flights_" in n else "float64" for n in view.features},
            ttl=view.ttl,
            history=history,
            exist_ok=True,
        )
