"""What the clients of a run saw, half a second after the other: a PNG and an HTML page per scenario."""

import html
import io
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from math import ceil, floor, nan
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.chaos.load import Request
from tests.chaos.results import Run

SLOWEST = 0.99
SPAN_SECONDS = 0.5

# Text stays text, so that it can be searched and read aloud.
mpl.rcParams["svg.fonttype"] = "none"


def draw(folder: Path, scenario: str, requests: Sequence[Request], fault: float, run: Run) -> None:
    """Draw one run; the fault is at second 0."""
    edges = _edges(requests, fault)
    spans = [
        [request for request in requests if since <= request.ended - fault < until] for since, until in pairwise(edges)
    ]
    figure = Figure(figsize=(10, 7), layout="constrained")
    figure.suptitle(scenario.replace("_", " "))
    rate, failures, slowest = figure.subplots(3, 1, sharex=True)
    rate.stairs([sum(not one.failed for one in span) / SPAN_SECONDS for span in spans], edges, color="tab:blue")
    rate.set_ylabel("answers/s")
    failed = [sum(one.failed for one in span) / SPAN_SECONDS for span in spans]
    failures.stairs(failed, edges, fill=True, color="tab:red")
    failures.set_ylabel("failures/s")
    slowest.stairs([_slowest(span) for span in spans], edges, baseline=None, color="tab:purple")
    slowest.set_ylabel("p99 of answers, s")
    slowest.set_yscale("log")
    slowest.set_xlabel("seconds since the fault")
    for axes in (rate, failures, slowest):
        axes.axvline(0, color="black", linestyle="--", linewidth=1)
        axes.grid(visible=True, alpha=0.3)
    for axes in (rate, failures):
        axes.set_ylim(bottom=0)
    figure.savefig(folder / f"{scenario}.png", dpi=100)
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg")
    (folder / f"{scenario}.html").write_text(_page(scenario, drawing.getvalue(), run))


def _edges(requests: Sequence[Request], fault: float) -> list[float]:
    """Spans from the first answer to the last request, by their edges; one is the moment of the fault."""
    first = ceil((min(request.ended for request in requests) - fault) / SPAN_SECONDS)
    last = floor((max(request.begun for request in requests) - fault) / SPAN_SECONDS)
    return [number * SPAN_SECONDS for number in range(first, last + 1)]


def _slowest(requests: Sequence[Request]) -> float:
    took = sorted(request.ended - request.begun for request in requests if not request.failed)
    return took[min(len(took) - 1, int(SLOWEST * len(took)))] if took else nan


def _page(scenario: str, drawing: str, run: Run) -> str:
    title = html.escape(scenario.replace("_", " "))
    rows = "".join(
        f"<tr><th>{name.replace('_', ' ')}</th><td>{value:g}</td></tr>" for name, value in asdict(run).items()
    )
    svg = drawing[drawing.index("<svg") :]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        "<style>body{font-family:sans-serif;max-width:70rem;margin:2rem auto}svg{width:100%;height:auto}"
        "th{text-align:left;padding-right:2rem}</style>"
        f"<h1>{title}</h1><p>The run in which writers waited longest.</p><table>{rows}</table>{svg}</html>\n"
    )
