"""The figures in the terminal, and the page `demo-report.html` that works without a network."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from rich.console import Console

BLUE, ORANGE, GREEN, GREY = "#2563eb", "#ea580c", "#16a34a", "#94a3b8"
LABELS = {"cnengine": "trees", "network": "embeddings and network"}


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _maybe(value: float | None, digits: int = 4) -> str:
    return "not installed" if value is None else f"{value:.{digits}f}"


def figure_rows(figures: dict) -> list[tuple[str, str]]:
    """The figures as (name, text), in the order of the path."""
    latency, event = figures["latency_us"], figures["event_us"]
    # The page cannot know how long it takes to write it, and the table shall say the same.
    before_report = sum(t for stage, t in figures["seconds"].items() if stage != "report")
    trained = [f"{figures['seconds'].get(n, 0):.1f}" for n in ("train", "lightgbm", "network")]
    seconds_of_models = ", ".join(trained)
    points = "p50 {p50:,.0f}, p99 {p99:,.0f}, p99.9 {p999:,.0f} µs"
    return [
        ("events in the log", _count(figures["events"])),
        (
            "  sent by a Kafka client that differ from embedded ones",
            _maybe(figures["event_mismatches"], 0),
        ),
        ("late, behind the watermark", _count(figures["late_events"])),
        ("  of these too late for a window", _count(figures["dropped_events"])),
        ("rows trained on", _count(figures["rows_train"])),
        ("rows tested on", _count(figures["rows_test"])),
        ("rows without an arrival delay", _count(figures["rows_unlabelled"])),
        ("AUC", _maybe(figures["auc"])),
        ("AUC of LightGBM, same matrix", _maybe(figures["auc_lightgbm"])),
        ("AUC of embeddings and a network", _maybe(figures["auc_network"])),
        ("log loss", _maybe(figures["log_loss"])),
        ("log loss of LightGBM", _maybe(figures["log_loss_lightgbm"])),
        ("log loss of the network", _maybe(figures["log_loss_network"])),
        ("calibration error", _maybe(figures["calibration_error"])),
        ("calibration error of the network", _maybe(figures["calibration_error_network"])),
        ("seconds of trees, LightGBM, network", seconds_of_models),
        ("replayed requests", _count(figures["requests_replayed"])),
        ("feature values compared", _count(figures["values_compared"])),
        ("feature values that differ", _count(figures["mismatches"])),
        ("predictions that differ", _count(figures["prediction_mismatches"])),
        ("request to prediction", points.format(**latency)),
        ("event to updated feature", points.format(**event)),
        ("events a second, one at a time", _count(figures["events_per_s"])),
        ("seconds up to the report", f"{before_report:.1f}"),
    ]


def print_table(figures: dict, console: Console) -> None:
    """Print the figures and the seconds of each stage."""
    from rich.table import Table

    table = Table("figure", "value", title="Flights of New York, 2013")
    table.columns[1].justify = "right"
    for name, text in figure_rows(figures):
        table.add_row(name, text)
    console.print(table)
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in figures["seconds"].items())
    console.print(f"seconds: {stages}")


def delays_by_day(flights: pa.Table) -> dict[str, list]:
    """Local dates, the mean departure delay (minutes) and the share of late arrivals of each."""
    table = flights.append_column("late", pc.greater(flights["arr_delay"], 15.0).cast(pa.float64()))
    daily = table.group_by("date").aggregate([("dep_delay", "mean"), ("late", "mean")])
    daily = daily.sort_by("date")
    return {
        "date": [str(day) for day in daily["date"].to_pylist()],
        "delay": daily["dep_delay_mean"].to_pylist(),
        "late": daily["late_mean"].to_pylist(),
    }


def _figure(title: str, x: str, y: str) -> go.Figure:
    import plotly.graph_objects as go

    layout = {"title": title, "xaxis_title": x, "yaxis_title": y, "template": "plotly_white"}
    return go.Figure(
        layout=layout | {"height": 420, "margin": {"l": 60, "r": 20, "t": 50, "b": 50}}
    )


def roc_figure(judged: dict[str, dict]) -> go.Figure:
    """ROC curves of the models."""
    figure = _figure("ROC, October to December", "false positive rate", "true positive rate")
    for (name, scores), colour in zip(judged.items(), (BLUE, ORANGE, GREEN), strict=False):
        label = f"{LABELS.get(name, name)}, AUC {scores['auc']:.4f}"
        roc = scores["roc"]
        figure.add_scatter(x=roc["false"], y=roc["true"], name=label, line={"color": colour})
    line = {"color": GREY, "dash": "dot"}
    figure.add_scatter(x=[0, 1], y=[0, 1], name="chance", mode="lines", line=line)
    return figure


def calibration_figure(judged: dict[str, dict]) -> go.Figure:
    """Observed over predicted share in ten groups."""
    figure = _figure("Calibration", "predicted share of late arrivals", "observed share")
    top = 0.0
    for (name, scores), colour in zip(judged.items(), (BLUE, ORANGE, GREEN), strict=False):
        x = [row["predicted"] for row in scores["calibration"]]
        y = [row["observed"] for row in scores["calibration"]]
        top = max(top, *x, *y)
        label = LABELS.get(name, name)
        figure.add_scatter(x=x, y=y, name=label, mode="lines+markers", line={"color": colour})
    line = {"color": GREY, "dash": "dot"}
    figure.add_scatter(x=[0, top], y=[0, top], name="perfect", mode="lines", line=line)
    return figure


def latency_figure(took_ns: np.ndarray, latency: dict[str, float]) -> go.Figure:
    """Histogram of request to prediction, up to three times p99."""
    figure = _figure("Request to prediction", "microseconds", "requests")
    counts, edges = np.histogram(took_ns / 1000, bins=80, range=(0, 3 * latency["p99"] or 1))
    middle = (edges[1:] + edges[:-1]) / 2
    figure.add_bar(x=middle.tolist(), y=counts.tolist(), marker_color=BLUE, name="requests")
    for name, label in (("p50", "p50"), ("p99", "p99")):
        figure.add_vline(x=latency[name], line_dash="dot", annotation_text=label)
    return figure


def importance_figure(importance: dict[str, float]) -> go.Figure:
    """Share of the loss reduction by feature."""
    figure = _figure("Feature importance", "share of the loss reduction", "")
    names = sorted(importance, key=importance.get)
    values = [importance[name] for name in names]
    figure.add_bar(x=values, y=names, orientation="h", marker_color=BLUE)
    return figure.update_layout(height=max(420, 22 * len(names)), margin={"l": 180})


def delay_figure(daily: dict[str, list]) -> go.Figure:
    """Delays over the year."""
    figure = _figure("Delays over the year", "", "mean departure delay, minutes")
    share = [None if value is None else 100 * value for value in daily["late"]]
    figure.add_bar(x=daily["date"], y=daily["delay"], name="mean delay", marker_color=BLUE)
    figure.add_scatter(
        x=daily["date"], y=share, name="late arrivals, %", yaxis="y2", line={"color": ORANGE}
    )
    second = {"title": "late arrivals, %", "overlaying": "y", "side": "right", "showgrid": False}
    return figure.update_layout(yaxis2=second, margin={"r": 60})


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1100px; padding: 24px;
       color: #0f172a; }
h1 { margin-bottom: 0; } p { color: #475569; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 16px; }
table { border-collapse: collapse; width: 100%; } td { padding: 4px 12px; }
tr:nth-child(odd) { background: #f1f5f9; } td:last-child { text-align: right;
       font-variant-numeric: tabular-nums; }
"""


def write_page(
    path: Path,
    figures: dict,
    judged: dict[str, dict],
    took_ns: np.ndarray,
    importance: dict[str, float],
    daily: dict[str, list],
) -> None:
    """Write the page, with the plotting library inside it."""
    from plotly.offline import get_plotlyjs

    def part(figure: go.Figure) -> str:
        body = figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True})
        return f"<div>{body}</div>"

    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(text)}</td></tr>"
        for name, text in figure_rows(figures)
    )
    path.write_text(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>cnengine: flights of New York, 2013</title><style>{_STYLE}</style>"
        f"<script>{get_plotlyjs()}</script></head><body>"
        "<h1>From live events to predictions</h1>"
        "<p>Departures from New York in 2013: the log, windows, features, boosted trees and a "
        "network trained on the first months, and the last month replayed one event at a time.</p>"
        f"<table>{rows}</table>"
        f"<div class='two'>{part(roc_figure(judged))}{part(calibration_figure(judged))}</div>"
        f"{part(delay_figure(daily))}"
        f"<div class='two'>{part(latency_figure(took_ns, figures['latency_us']))}"
        f"{part(importance_figure(importance))}</div></body></html>",
        encoding="utf-8",
    )
