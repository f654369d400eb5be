"""What the scenarios showed: one record per run, the worst of all runs per scenario, written after each of them."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build"
COLUMNS = {
    "no_write_seconds_max": "no write, s",
    "longest_request_seconds_max": "longest request, s",
    "acknowledged_lost": "lost",
    "unacknowledged_applied": "unknown, applied",
    "failed_requests": "failed",
    "failed_in_flight": "in flight",
    "sessions_lost": "sessions lost",
    "redundancy_seconds_max": "whole again, s",
    "resent": "sent again",
}


@dataclass(frozen=True)
class Run:
    """The figures of one run."""

    no_write_seconds: float
    longest_request_seconds: float  # that any client had to wait for its answer
    acknowledged_lost: int
    unacknowledged_applied: int
    failed_requests: int  # begun or ended away from the fault
    failed_in_flight: int  # under way when it happened
    sessions_lost: int
    redundancy_seconds: float
    resent: int  # by HTTP itself: they crossed with the end of an idle connection


@dataclass
class Results:
    """All runs of this session, by scenario; the folder holds what they showed, and nothing of an earlier session."""

    folder: Path
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def record(self, scenario: str, run: Run) -> bool:
        """Keep a run; whether writers waited longer in it than in any before."""
        before = self.runs.setdefault(scenario, [])
        worst = all(run.no_write_seconds >= other.no_write_seconds for other in before)
        before.append(run)
        (self.folder / "results.json").write_text(json.dumps(self.summary(), indent=2) + "\n")
        (self.folder / "runs.json").write_text(
            json.dumps({name: [asdict(run) for run in runs] for name, runs in self.runs.items()}, indent=2) + "\n"
        )
        (self.folder / "table.md").write_text("\n".join(self.table()) + "\n")
        return worst

    def summary(self) -> list[dict[str, object]]:
        """One object per scenario: the worst time, the sum of all that was counted."""
        return [
            {
                "scenario": name,
                "runs": len(runs),
                "no_write_seconds_max": round(max(run.no_write_seconds for run in runs), 2),
                "longest_request_seconds_max": round(max(run.longest_request_seconds for run in runs), 2),
                "acknowledged_lost": sum(run.acknowledged_lost for run in runs),
                "unacknowledged_applied": sum(run.unacknowledged_applied for run in runs),
                "failed_requests": sum(run.failed_requests for run in runs),
                "failed_in_flight": sum(run.failed_in_flight for run in runs),
                "sessions_lost": sum(run.sessions_lost for run in runs),
                "redundancy_seconds_max": round(max(run.redundancy_seconds for run in runs), 1),
                "resent": sum(run.resent for run in runs),
            }
            for name, runs in self.runs.items()
        ]

    def table(self) -> list[str]:
        """The same as a table in Markdown."""
        head = ["scenario", "runs", *COLUMNS.values()]
        rows = [[str(row[key]) for key in ("scenario", "runs", *COLUMNS)] for row in self.summary()]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        head_line, *lines = (
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in [head, *rows]
        )
        return [head_line, "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines]
