"""The figures, their limits, and where they are written."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).parent.parent.parent / "build" / "bench"


@dataclass(frozen=True)
class Figure:
    """One number of the README."""

    meaning: str
    limit: float
    at_least: bool = False

    def holds(self, value: float) -> bool:
        """Whether a measured value keeps the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


FIGURES = {
    "up_ratio": Figure("pulumi up : the same by hand", 1.25),
    "preview_ratio": Figure("no-op preview : that of one container", 2.0),
    "preview_ms_per_node": Figure("no-op preview, each further Tomcat, ms", 80),
    "throughput_ratio": Figure("requests/s through the balancer : straight", 0.85, at_least=True),
    "added_p99_ms": Figure("p99 added by the balancer at half the rate, ms", 2.0),
}


@dataclass
class Results:
    """What one run of `make bench` measured: each figure, and every raw value behind it."""

    values: dict[str, float] = field(default_factory=dict)
    runs: dict[str, list[float]] = field(default_factory=dict)

    def record(self, name: str, value: float, runs: dict[str, list[float]]) -> None:
        """Keep a figure; both files are written at once, so that an interrupted run leaves what it has."""
        self.values[name] = round(value, 3)
        self.runs |= {f"{name}: {what}": [round(one, 4) for one in values] for what, values in runs.items()}
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "results.json").write_text(json.dumps(self.values, indent=2) + "\n")
        (RESULTS / "runs.json").write_text(json.dumps(self.runs, indent=2) + "\n")

    def table(self) -> list[str]:
        """Lines for the terminal."""
        rows = [f"{'figure':<20} {'measured':>9} {'limit':>9}       meaning"]
        for name, figure in FIGURES.items():
            if (value := self.values.get(name)) is not None:
                sign = ">=" if figure.at_least else "<="
                verdict = "holds" if figure.holds(value) else "FAILS"
                rows.append(f"{name:<20} {value:>9.3f} {sign:>4} {figure.limit:<5g} {verdict} {figure.meaning}")
        rows += [f"    {what}: {spread(values)}" for what, values in self.runs.items()]
        return rows


def check(name: str, value: float) -> None:
    """Fail when a figure is out of its limit."""
    figure = FIGURES[name]
    assert figure.holds(value), f"{figure.meaning}: {value:.3f}, limit {figure.limit:g}"


def interleaved(rounds: int, *ways: Callable[[], float]) -> list[list[float]]:
    """Measure every way once per round, so that a slow minute of the machine meets all of them; one list per way.

    Each round begins with the next way: going first must be nobody's advantage.
    """
    measured: list[list[float]] = [[] for _ in ways]
    for turn in range(rounds):
        for place in range(len(ways)):
            which = (turn + place) % len(ways)
            measured[which].append(ways[which]())
    return measured


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of each round."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def median_difference(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the differences of each round."""
    return statistics.median(one - other for one, other in zip(ours, theirs, strict=True))


def spread(values: Sequence[float]) -> str:
    """Median and extremes."""
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f}, {len(values)} runs)"
