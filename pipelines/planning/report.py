"""Kernel: a plan, as a person reads it in a terminal, and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table as Grid

from pipelines.planning.constants import Constants
from pipelines.planning.plan import Plan

STAGE_COLUMNS = ("stage", "one core, h", "all cores, min", "shuffled", "bound by")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def stage_rows(plan: Plan) -> list[list[str]]:
    """A row per stage and one for all of them, in the columns of `STAGE_COLUMNS`."""
    rows = [
        [
            name,
            f"{stage.one_core_s / 3600:,.2f}",
            f"{stage.seconds.total_s / 60:,.1f}",
            in_bytes(stage.shuffle_bytes),
            stage.seconds.bound_by,
        ]
        for name, stage in plan.stages.items()
    ]
    one_core_h = sum(stage.one_core_s for stage in plan.stages.values()) / 3600
    shuffled = sum(stage.shuffle_bytes for stage in plan.stages.values())
    return [*rows, ["night", f"{one_core_h:,.2f}", f"{plan.hours * 60:,.1f}", in_bytes(shuffled), ""]]


def need_rows(plan: Plan) -> list[list[str]]:
    """What the night needs: name, amount, and where it comes from."""
    asked, counts, memory, disk = plan.asked, plan.counts, plan.memory, plan.disk
    each = f"{asked.cores_per_executor} cores each"
    return [
        ["executors", f"{plan.executors:,}", f"{each}, to end within {asked.hours:g} h"],
        ["core-hours", f"{plan.core_hours:,.0f}", f"{plan.cost:,.2f} at {asked.price_per_core_hour:g} a core-hour"],
        ["operations of the search", f"{2 * counts.multiply_adds:.1e}", "2 x members x rows multiplied x dimension"],
        ["matches", f"{counts.matches:,.0f}", f"{in_bytes(disk.matches_bytes)} a night"],
        [
            "memory of an executor",
            in_bytes(memory.total_bytes),
            f"Java {in_bytes(memory.java_bytes)}, Python workers {in_bytes(memory.workers_bytes)}, "
            f"page cache for the index {in_bytes(memory.page_cache_bytes)}",
        ],
        ["disk of an executor", in_bytes(disk.local_bytes), "copy of the index, its part of the shuffled bytes"],
        [
            "index",
            in_bytes(disk.index_bytes),
            f"{counts.fresh_postings:,.0f} postings are fresh, in {counts.shards:,} new shards",
        ],
        ["tables of a night", in_bytes(disk.tables_bytes), f"in at most {counts.files:,.0f} files"],
        ["embeddings", in_bytes(disk.embeddings_bytes), "kept from night to night"],
        ["kept", in_bytes(disk.kept_bytes), f"embeddings, and tables and indexes of {asked.kept_nights} nights"],
        ["network", in_bytes(plan.network_bytes), "shuffled, index to each executor, tables in and out"],
        ["spark.sql.shuffle.partitions", f"{plan.shuffle_partitions:,}", "128 MiB each in the largest stage"],
    ]


def print_plan(console: Console, plan: Plan, constants: Constants) -> None:
    """The stages, what they need, and what the constants were measured on."""
    asked = plan.asked
    search = "fast" if plan.fast else "exact"
    console.print(
        _grid(
            f"{asked.members:,.0f} members x {asked.postings:,.0f} postings, {search} search",
            STAGE_COLUMNS,
            stage_rows(plan),
        )
    )
    console.print(_grid("needs", ("", "amount", "of which"), need_rows(plan)))
    console.print(f"constants: {constants.machine}, {constants.measured_on}, nights of {'; '.join(constants.nights)}")


def as_record(plan: Plan) -> dict[str, object]:
    """The plan with its totals, for JSON."""
    totals = {"hours": plan.hours, "core_hours": plan.core_hours, "cost": plan.cost}
    stages = {name: asdict(stage) | {"total_s": stage.seconds.total_s} for name, stage in plan.stages.items()}
    return asdict(plan) | {"asked": plan.asked.model_dump(), "stages": stages} | totals


def in_bytes(count: float) -> str:
    """A number of bytes in words, three digits.

    >>> in_bytes(16e9), in_bytes(999), in_bytes(1234e12)
    ('16.0 GB', '999 B', '1.23 PB')
    """
    power = min(next((n for n in range(len(_UNITS)) if count < 1000 ** (n + 1)), len(_UNITS) - 1), len(_UNITS) - 1)
    value = count / 1000**power
    digits = 0 if power == 0 or value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {_UNITS[power]}"


def _grid(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    grid = Grid(title=title, title_justify="left", title_style="bold", header_style="bold")
    for place, column in enumerate(columns):
        grid.add_column(column, justify="right" if 0 < place < len(columns) - 1 else "left")
    for row in rows:
        grid.add_row(*row)
    return grid
