"""Say what a configured source is like, and propose thresholds and a Great Expectations suite that it passes.

Writes `suite.json`, `quality.toml` and `profile.json` below `<root>/reports/profile-<source>/`. They hold names of
columns, counts, rounded bounds, and values that many rows have; nothing that says who somebody is.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.table import Table as Grid

from jobs.start import Context, context, log, parser, run
from pipelines.publishing.artifacts import replace_text, write_json
from pipelines.publishing.sources import read_source
from pipelines.quality.profiling import ROWS, column_measures, kind_of, value_counts
from pipelines.quality.proposal import (
    MAX_VALUES,
    ColumnProfile,
    SourceProfile,
    enumerated,
    outwards,
    proposed_suite,
    proposed_thresholds,
)
from pipelines.reporting.terminal import Terminal
from schemas import columns as c
from schemas import interactions, members, postings
from schemas.errors import ConfigError

SOURCES = {
    "postings": (postings.SOURCE, c.POSTING_ID),
    "members": (members.SOURCE, c.MEMBER_ID),
    "interactions": (interactions.SOURCE, None),
}


def profile(given: Context, source: str) -> SourceProfile:
    """What the source is like.

    Raises:
        ConfigError: it is not configured, or cannot be read.
    """
    configured, (canonical, key) = getattr(given.config.sources, source), SOURCES[source]
    if configured is None:
        raise ConfigError(f"nothing to profile: there is no [sources.{source}]")
    mapped = [field for field in canonical if field.name in configured.columns]
    rows = read_source(given.spark, f"sources.{source}", configured, canonical, given.project)
    rows = rows.select(*(field.name for field in mapped))
    seen = column_measures(rows, night=given.night).collect()[0].asDict(recursive=True)
    kinds = {field.name: kind_of(field) for field in rows.schema}
    few = [name for name, kind in kinds.items() if kind == "text" and 0 < seen[name]["distinct"] <= 2 * MAX_VALUES]
    values = counted(rows, few)
    columns = tuple(
        ColumnProfile(
            name,
            kind,
            **seen[name]
            | {side: None if (bound := seen[name][side]) is None else outwards(bound, up=up) for side, up in BOUNDS}
            | {"values": enumerated(values[name])},
        )
        for name, kind in kinds.items()
    )
    return SourceProfile(source, seen[ROWS], columns, key, repeats(rows, key) if key else 0)


BOUNDS = (("low", False), ("high", True))


def counted(rows: DataFrame, columns: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Of each of these columns, its values with how many rows have them."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in value_counts(rows, columns).collect() if columns else []:
        found[row["column"]].append((row["value"], row["count"]))
    return found


def repeats(rows: DataFrame, key: str) -> int:
    """How many rows have a key that a row before has."""
    return int(rows.agg(F.count(key) - F.count_distinct(key)).collect()[0][0])


def show(found: SourceProfile) -> None:
    """A row per column."""
    grid = Grid(*("column", "kind", "null", "distinct", "range", "length or size", "newest, days", "values"))
    for one in found.columns:
        span = "" if one.low is None else f"{one.low:g} to {one.high:g}"
        size = "" if one.shortest is None else f"{one.shortest} to {one.longest}"
        known = [one.distinct, span, size, one.days, ", ".join(one.values)]
        share = f"{one.nulls / found.rows:.1%}" if found.rows else ""
        grid.add_row(one.name, one.kind, share, *("" if cell is None else str(cell) for cell in known))
    Terminal().print(f"{found.rows:,} rows, {found.key_repeats:,} with a key that another row has", grid)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--source", required=True, choices=SOURCES)
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        found, folder = profile(given, asked.source), given.store.report(f"profile-{asked.source}")
        write_json(folder / "profile.json", asdict(found))
        write_json(folder / "suite.json", proposed_suite(found))
        replace_text(folder / "quality.toml", proposed_thresholds(found))
        show(found)
        log.info("profile: suite.json, quality.toml and profile.json in %s", folder)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
