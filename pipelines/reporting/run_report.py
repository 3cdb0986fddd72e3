"""Kernel: what a run did, what it left and what to do next, as a person reads it in a terminal."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as Grid

from pipelines.publishing.lease import Holder
from pipelines.publishing.progress import Finished, Unfinished
from pipelines.quality.gate import QualityResult

_MEND = {
    "ConfigError": "mend the configuration (which makes it another run, from the start) or the command line",
    "ContractError": "bring the table named back to its columns, or drop it",
    "QualityGateError": "look at the rules above and mend the source",
    "ArtifactError": "make the model or index named again, or put the file named back",
    "RunConflictError": "wait for whoever holds what is named",
}
_IDS = {"folder", "next"}  # notes for later stages and for the next step


@dataclass(frozen=True)
class Run:
    """What is known of a run."""

    run_id: str
    stages: Sequence[str]  # of the night, in order
    absent: Sequence[str]  # stages that its configuration does not ask for
    finished: Mapping[str, Finished]
    unfinished: Unfinished | None
    holder: Holder | None  # who holds its date now
    results: Sequence[QualityResult]
    pages: Path | None  # first page of what the gates have said

    @property
    def runs(self) -> bool:
        """Whether it is at work."""
        return self.holder is not None and self.holder.run_id == self.run_id


def print_run(console: Console, run: Run) -> None:
    """A row per stage with what became of it, what stages reused, the rules that do not hold, how it broke off."""
    grid = Grid(title=f"run {run.run_id}", title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    grid.add_column("stage", no_wrap=True)
    grid.add_column("", no_wrap=True)
    for heading in ("began, UTC", "seconds", "rows in", "rows out", "rejected"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for stage in run.stages:
        grid.add_row(stage, state(run, stage), *_figures(run, stage))
    console.print(grid)
    lines = [f"{len(run.finished)} of {len(run.stages)} stages finished, {_seconds(run):.1f} s in all"]
    if run.absent:
        lines.append(f"not in this night: {', '.join(run.absent)}")
    lines += [f"{stage}: {notes}" for stage in run.stages if (notes := _notes(run, stage))]
    failed = [result for result in run.results if result.passed is False]
    unjudged = [result for result in run.results if result.passed is None]
    lines.append(f"{len(run.results) - len(unjudged)} rules checked, {len(failed)} do not hold")
    for one in failed:
        seen = "nothing" if one.observed is None else f"{one.observed:g}"
        lines.append(f"  {one.severity}: {one.gate}.{one.name} is {seen}, {one.expected}")
    if unjudged:
        lines.append(f"not judged: {', '.join(f'{one.gate}.{one.name}' for one in unjudged)}")
    if run.pages:
        lines.append(f"pages of the gates: {run.pages}")
    if run.unfinished and run.unfinished.error:
        lines.append(f"{run.unfinished.stage}: {run.unfinished.error}: {run.unfinished.message or 'see the log'}")
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def state(run: Run, stage: str) -> str:
    """What became of a stage of the night, in a word or two."""
    if stage in run.finished:
        return "done"
    if run.unfinished is None or run.unfinished.stage != stage:
        return "to do"
    if run.unfinished.error:
        return "failed"
    return "running" if run.runs else "died"


def next_step(run: Run, *, command: str, afresh: str) -> str:
    """What to do now.

    Args:
        run: the run.
        command: runs what is left of it.
        afresh: runs the night from the start.
    """
    if run.holder is not None:
        who = "it" if run.runs else f"run {run.holder.run_id}"
        return f"wait: {who} works on this date (process {run.holder.pid} on {run.holder.host})"
    if all(stage in run.finished for stage in run.stages):
        todo = [one.counts.notes["next"] for one in run.finished.values() if "next" in one.counts.notes]
        return "; ".join([*todo, f"nothing is left to do; afresh with\n  {afresh}"])
    broken = run.unfinished
    if broken is None:
        mend = "no stage broke off; go on with the next"
    elif broken.error is None:
        mend = "the process died without a word: look at the machine's memory and its log"
    else:
        mend = _MEND.get(broken.error, "a defect, or the machine below it: its traceback is in the log")
    return f"{mend}; then\n  {command}"


def _figures(run: Run, stage: str) -> list[str]:
    if stage in run.finished:
        one = run.finished[stage]
        rows = (one.counts.rows_in, one.counts.rows_out, one.counts.rows_rejected)
        counts = ["" if count is None else f"{count:,}" for count in rows]
        return [_time(one.started_at), f"{one.seconds:.1f}", *counts]
    if run.unfinished and run.unfinished.stage == stage:
        return [_time(run.unfinished.started_at)]
    return []


def _notes(run: Run, stage: str) -> str:
    notes = run.finished[stage].counts.notes if stage in run.finished else {}
    told = {name: note for name, note in notes.items() if note and name not in _IDS and not name.endswith("_id")}
    return ", ".join(f"{name} {note}" for name, note in told.items())


def _seconds(run: Run) -> float:
    return sum(one.seconds for one in run.finished.values())


def _time(moment: datetime.datetime) -> str:
    return f"{moment.astimezone(datetime.UTC):%m-%d %H:%M}"
