"""What the clients of a run saw, second by second: a PNG and an HTML page per scenario."""

import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import ceil, floor
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.chaos.load import Request
from tests.chaos.results import Run

SLOWEST = 0.99

# Text stays text, so that it can be searched and read aloud.
mpl.rcParams["svg.fonttype"] = "none"


def draw(folder: Path, scenario: str, requests: Sequence[Request], fault: float, run: Run) -> None:
    """Draw one run; the fault is at second 0."""
    seconds = list(_seconds(requests, fault))
    figure = Figure(figsize=(10, 7), layout="constrained")
    figure.suptitle(scenario.replace("_", " "))
    rate, failures, slowest = figure.subplots(3, 1, sharex=True)
    at = [second for second, _ in seconds]
    rate.step(at, [sum(not one.failed for one in found) for _, found in seconds], where="post", color="tab:blue")
    rate.set_ylabel("answers/s")
    failures.bar(at, [sum(one.failed for one in found) for _, found in seconds], width=1, align="edge", color="tab:red")
    failures.set_ylabel("failures/s")
    slowest.step(at, [_slowest(found) for _, found in seconds], where="post", color="tab:purple")
    slowest.set_ylabel("p99, s")
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


def _seconds(requests: Sequence[Request], fault: float) -> Iterator[tuple[int, list[Request]]]:
    """Requests by the second in which they ended."""
    first = floor(min(request.ended for request in requests) - fault)
    last = ceil(max(request.ended for request in requests) - fault)
    for second in range(first, last):
        yield second, [request for request in requests if second <= request.ended - fault < second + 1]


def _slowest(requests: Sequence[Request]) -> float | None:
    took = sorted(request.ended - request.begun for request in requests)
    return took[min(len(took) - 1, int(SLOWEST * len(took)))] if took else None


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
