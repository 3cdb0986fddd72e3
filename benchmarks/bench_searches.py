"""What saved searches add to a night.

    python -m benchmarks.bench_searches --members 10000 --postings 10000 --searches 0.5 --rounds 1

The same members and postings, in one project with saved searches and in one without their source, a night each in
turn, all texts new. Results go to var/bench/searches.json.
"""

import argparse
import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from benchmarks.machine import machine_facts
from benchmarks.nights import FIRST, PROJECT, Shape, Took, make_sample, run_night
from pipelines.publishing.artifacts import write_json

BENCH = PROJECT / "var" / "bench" / "searches"
SOURCE = "[sources.saved_searches"
WITH, WITHOUT = "with searches", "without"


def make_projects(shape: Shape, searches_per_member: float) -> dict[str, Path]:
    """A project with saved searches and one without."""
    projects = {name: BENCH / name.replace(" ", "-") for name in (WITHOUT, WITH)}
    make_sample(projects[WITH], shape, f"searches_per_member = {searches_per_member}")
    make_sample(projects[WITHOUT], shape, "searches_per_member = 0.0")
    conf = projects[WITHOUT] / "conf" / "sample.toml"
    sections = [f"[{section}" for section in conf.read_text().split("\n[")]
    conf.write_text("\n".join(one for one in sections if not one.startswith(SOURCE)).removeprefix("["))
    return projects


def fresh_night(project: Path) -> Took:
    """A first night; what an earlier one made of the sample is gone."""
    for path in (project / "var").iterdir():
        if path.name != "sample":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return run_night(project, FIRST)


def median_seconds(nights: Sequence[Took]) -> dict[str, float]:
    """Median of each stage over the rounds."""
    return {stage: statistics.median(one.seconds[stage] for one in nights) for stage in nights[0].seconds}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--members", type=int, default=10_000)
    arguments.add_argument("--postings", type=int, default=10_000)
    arguments.add_argument("--searches", type=float, default=0.5, help="per member")
    arguments.add_argument("--rounds", type=int, default=1)
    asked = arguments.parse_args(argv)
    projects = make_projects(Shape(asked.postings, asked.members), asked.searches)
    nights: dict[str, list[Took]] = {name: [] for name in projects}
    for _ in range(asked.rounds):
        for name, project in projects.items():
            nights[name].append(fresh_night(project))
    medians = {name: median_seconds(taken) for name, taken in nights.items()}
    whole = {name: sum(seconds.values()) for name, seconds in medians.items()}
    added = whole[WITH] / whole[WITHOUT] - 1
    grid = Grid("stage", *medians, title=f"{asked.members:,} members, {asked.postings:,} postings, seconds")
    for stage in medians[WITH]:
        grid.add_row(stage, *(f"{seconds.get(stage, 0.0):.1f}" for seconds in medians.values()))
    grid.add_row("night", *(f"{one:.1f}" for one in whole.values()))
    console = Console(width=100)
    console.print(grid)
    console.print(f"{asked.searches:g} searches for each member add {added:.2f} of the night without them")
    facts = machine_facts(os.environ, {})
    write_json(BENCH.with_suffix(".json"), {"machine": facts, "seconds": medians, "added": added, **vars(asked)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
