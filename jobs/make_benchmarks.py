"""Make the configured evaluation sets: folders of queries, corpus and judgements for jobs.evaluate_student."""

import sys
from collections.abc import Sequence
from typing import Any

from jobs.start import Context, context, log, parser, run
from pipelines.evaluation.benchmark import write_benchmark
from pipelines.evaluation.config import BenchmarkConfig
from pipelines.publishing.sources import open_inputs, query
from schemas.errors import ConfigError

COLUMNS = {"queries": ("id", "text"), "corpus": ("id", "text"), "judgements": ("query", "document", "gain")}


def make(given: Context, name: str, config: BenchmarkConfig) -> None:
    """The set's folder is written, whole or not at all.

    Raises:
        ConfigError: an input cannot be read, or a query is not valid over the inputs.
    """
    where = f"benchmarks.{name}"
    open_inputs(given.spark, where, config.inputs, given.project)
    parts = {"queries": config.queries, "corpus": config.corpus, "judgements": config.judgements}
    rows = {part: rows_of(given, f"{where}.{part}", text, COLUMNS[part]) for part, text in parts.items()}
    folder = given.store.benchmarks / name
    write_benchmark(folder, rows["queries"], rows["corpus"], rows["judgements"])
    log.info("%s: %s", folder, ", ".join(f"{len(found)} {part}" for part, found in rows.items()))


def rows_of(given: Context, where: str, text: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """What the query gives, sorted.

    Raises:
        ConfigError: it is not valid, gives other columns, or a value is missing.
    """
    found = query(given.spark, where, text)
    if tuple(found.columns) != columns:
        raise ConfigError(f"{where}: gives {', '.join(found.columns)}; {', '.join(columns)} are needed")
    rows = [tuple(row) for row in found.collect()]
    missing = sum(None in row for row in rows)
    if missing:
        raise ConfigError(f"{where}: {missing} row(s) with a missing value")
    return sorted(rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    asked = parser(__doc__).parse_args(argv)

    def work() -> int:
        given = context(asked)
        for name, config in given.config.benchmarks.items():
            make(given, name, config)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
