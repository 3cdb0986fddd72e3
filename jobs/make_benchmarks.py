"""Make the configured evaluation sets: folders of queries, corpus and judgements for jobs.evaluate_student."""

import sys
from collections.abc import Sequence

from jobs.start import Context, context, log, parser, run
from pipelines.evaluation.benchmark import write_benchmark
from pipelines.evaluation.config import BenchmarkConfig
from pipelines.publishing.sources import open_inputs, query


def make(given: Context, name: str, config: BenchmarkConfig) -> None:
    """The set's folder is written, whole or not at all.

    Raises:
        ConfigError: an input cannot be read, or a query is not valid over the inputs.
    """
    where = f"benchmarks.{name}"
    open_inputs(given.spark, where, config.inputs, given.project)
    parts = {"queries": config.queries, "corpus": config.corpus, "judgements": config.judgements}
    rows = {
        part: sorted(map(tuple, query(given.spark, f"{where}.{part}", text).collect())) for part, text in parts.items()
    }
    folder = given.store.benchmarks / name
    write_benchmark(folder, rows["queries"], rows["corpus"], rows["judgements"])
    log.info("%s: %s", folder, ", ".join(f"{len(found)} {part}" for part, found in rows.items()))


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
