"""Kernel: a night's summary, as a person reads it in a terminal."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from pipelines.publishing.progress import Finished

_ENDS = ("open", "eligible")  # of a funnel; the rest are rules


@dataclass(frozen=True)
class Served:
    """How many members got a list, and why others got a short one or none."""

    members: int
    full: int
    short: Mapping[str, int]  # reason -> members
    relaxed: Mapping[str, int]  # step -> members some of whose postings lie beyond a wish by it


@dataclass(frozen=True)
class Removed:
    """What a hard rule took from all members together, after the rules before it."""

    rule: str
    reason: str
    pairs_before: int
    removed: int
    members_left_without: int
    counted_members: int


@dataclass(frozen=True)
class Recommended:
    """One published recommendation with what a person needs to judge it."""

    rank: int
    title: str
    company: str
    place: str
    score: float
    sentence: str


@dataclass(frozen=True)
class Portrait:
    """One member, or saved search, and the top of the list."""

    member_id: str  # or the search's
    lines: Sequence[str]  # what is known of the member, or was understood of the search
    top: Sequence[Recommended]


def print_stages(console: Console, run_id: str, stages: Sequence[Finished]) -> None:
    """A row per stage: rows in, out, rejected and time."""
    grid = Grid(title=f"run {run_id}", title_justify="left", title_style="bold", header_style="bold")
    grid.add_column("stage")
    for heading in ("rows in", "rows out", "rejected", "seconds"):
        grid.add_column(heading, justify="right")
    grid.add_column("")
    for finished in stages:
        counts = finished.counts
        numbers = ["" if n is None else f"{n:,}" for n in (counts.rows_in, counts.rows_out, counts.rows_rejected)]
        outcome = "done before" if finished.outcome == "reused" else ""
        grid.add_row(finished.stage, *numbers, f"{finished.seconds:.1f}", outcome)
    console.print(grid)


def print_served(console: Console, served: Served) -> None:
    """Members with a full list, and the others by reason."""
    console.print(f"\n[bold]{served.full:,}[/] of {served.members:,} members got a full list.")
    for reason, members in sorted(served.short.items()):
        console.print(f"  {members:,} short: {escape(reason.replace('_', ' '))}")
    for step, members in sorted(served.relaxed.items()):
        console.print(
            f"  {members:,} have postings beyond their places, marked as such: {escape(step.replace('_', ' '))}"
        )


def print_funnel(console: Console, steps: Sequence[Removed]) -> None:
    """A row per hard rule, in order: what it took from all members together, and why."""
    if not steps:
        return
    most = max(step.counted_members for step in steps)
    grid = Grid(title="pairs of member and posting", title_justify="left", title_style="bold", header_style="bold")
    grid.add_column("rule")
    for heading in ("before", "removed", "members left without"):
        grid.add_column(heading, justify="right")
    grid.add_column("the posting ...")
    for step in steps:
        drawn = "" if step.counted_members == most else f" (estimated on {step.counted_members:,} members)"
        numbers = [f"{n:,}" for n in (step.pairs_before, step.removed, step.members_left_without)]
        grid.add_row(escape(step.rule.replace("_", " ")), *numbers, escape(step.reason) + drawn)
    console.print(grid)


def print_portrait(console: Console, portrait: Portrait, kind: str = "member") -> None:
    """One member or saved search, and the first recommendations with their reasons."""
    console.print(f"\n[bold]{kind} {escape(portrait.member_id)}[/]")
    for line in portrait.lines:
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    for one in portrait.top:
        print_recommendation(console, one)


def print_readers(console: Console, *, catalog: Path, warehouse: Path, namespace: str, run_date: datetime.date) -> None:
    """Where the tables are, and a line each for pandas and DuckDB."""
    table = (
        f"load_catalog('{namespace}', type='sql', uri='sqlite:///{catalog}')"
        f".load_table('{namespace}.recommendations').scan(row_filter=\"run_date = '{run_date}'\")"
    )
    query = "SELECT posting_id, count(*) AS members FROM recommendations GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
    console.print(f"\nTables: Iceberg, in {warehouse / namespace}, catalog {catalog}", highlight=False, soft_wrap=True)
    for name, line in (
        ("pandas", f"print({table}.to_pandas())"),
        ("DuckDB", f"print({table}.to_duckdb('recommendations').sql('{query}'))"),
    ):
        command = f"from pyiceberg.catalog import load_catalog; {line}".replace('"', '\\"')
        console.print(f'\n[bold]{name}[/]\n.venv/bin/python -c "{escape(command)}"', highlight=False, soft_wrap=True)


def print_member(
    console: Console, portrait: Portrait, funnel: Mapping[str, int], parts: Sequence[Mapping[str, float]]
) -> None:
    """One member: profile, what each rule takes away, and each recommendation with the parts of its score."""
    print_portrait(console, Portrait(portrait.member_id, portrait.lines, []))
    taken = ", ".join(
        f"{rule.replace('_', ' ')} {count:,}" for rule, count in funnel.items() if rule not in _ENDS and count
    )
    console.print(f"\n{funnel['eligible']:,} of {funnel['open']:,} open postings are eligible", highlight=False)
    console.print(f"  each rule alone takes away: {escape(taken) or 'nothing'}\n", highlight=False, soft_wrap=True)
    for one, values in zip(portrait.top, parts, strict=True):
        print_recommendation(console, one)
        console.print(
            f"     {escape(' + '.join(f'{name} {value:.3f}' for name, value in values.items()))}",
            highlight=False,
            soft_wrap=True,
        )


def print_recommendation(console: Console, one: Recommended) -> None:
    """One recommendation with its reason."""
    heading = " · ".join(escape(part) for part in (one.title, one.company, one.place) if part)
    console.print(f"  [bold]{one.rank}.[/] {heading}  [dim]{one.score:.3f}[/]", highlight=False, soft_wrap=True)
    console.print(f"     [dim]{escape(one.sentence)}[/]", highlight=False, soft_wrap=True)
