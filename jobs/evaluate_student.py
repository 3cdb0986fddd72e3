"""Evaluate students, teachers and keyword matching on retrieval benchmarks, with intervals and in slices.

A set is the folder of a benchmark (queries, corpus, judgements) or `truth`: the members of a finished night of the
generated sample search its postings. A model is `current`, `teacher`, `bm25`, `tfidf`, `tfidf-chars`, a student id or
the folder of a sentence-transformers model; `:128` after it cuts the vectors to 128 dimensions. The first model is the
one that the others are compared with. The figures go to the table `student_evaluation` and below `reports/`.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from jobs.find_answers import truth_feeds
from jobs.start import Context, context, held, log, parser, run
from pipelines.evaluation.benchmark import Benchmark, assembled, read_benchmark
from pipelines.evaluation.figures import Figure, evaluate
from pipelines.evaluation.models import Shelf, named_models
from pipelines.evaluation.stage import (
    GAIN,
    SLICES,
    occupation_gains,
    sample_members,
    sample_postings,
    student_evaluation_rows,
    truth_queries,
)
from pipelines.evaluation.summary import draw, figure_grid
from pipelines.publishing.artifacts import write_json
from pipelines.reporting.terminal import Terminal
from pipelines.teaching.plan import model_name
from schemas import columns as c
from schemas.errors import ArtifactError
from schemas.members import MEMBERS
from schemas.operations import STUDENT_EVALUATION
from schemas.postings import POSTINGS

TRUTH = "truth"
MEASURED = (c.DATASET, c.SLICE, c.METHOD, c.METRIC, c.VALUE, c.LOW, c.HIGH, c.QUERIES)


def evaluation_set(given: Context, name: str, *, members: int, postings: int) -> Benchmark:
    """The benchmark in a folder, or the truth of the night.

    Raises:
        ConfigError: the folder holds none, or the environment knows no truth.
        ArtifactError: the night was not published.
    """
    benchmark = read_benchmark(Path(name)) if name != TRUTH else truth(given, members=members, postings=postings)
    if benchmark.left_out:
        log.info("%s: %d queries have no relevant document and are left out", benchmark.name, benchmark.left_out)
    return benchmark


def truth(given: Context, *, members: int, postings: int) -> Benchmark:
    """Texts of at most so many members and accepted postings of the night; own occupation gains 2, a related one 1."""
    feeds, date = truth_feeds(given), {c.RUN_DATE: given.night.run_date}
    asking = sample_members(given.tables.read(MEMBERS, **date), count=members)
    open_now = sample_postings(given.tables.read(POSTINGS, **date), count=postings)
    pairs = occupation_gains(asking, feeds.members, open_now, feeds.postings)
    queries = {row[c.MEMBER_ID]: row for row in truth_queries(asking).collect()}
    corpus = {row[c.POSTING_ID]: row[c.TEXT] for row in open_now.select(c.POSTING_ID, c.TEXT).collect()}
    if not queries or not corpus:
        raise ArtifactError(f"no published night of {given.night.run_date}; run jobs.run_nightly first")
    slices: dict[str, set[str]] = {}
    for member, row in queries.items():
        for name in row[SLICES]:
            slices.setdefault(name, set()).add(member)
    judged = ((row[c.MEMBER_ID], row[c.POSTING_ID], row[GAIN]) for row in pairs.collect())
    texts = {member: row[c.TEXT] for member, row in queries.items()}
    return assembled(TRUTH, texts, corpus, judged, dict(sorted(slices.items())))


def keep(given: Context, figures: Sequence[Figure]) -> Path:
    """The figures of one dataset are published in place of the run's earlier ones; their plot, JSON beside it."""
    rows = [tuple(getattr(figure, name) for name in MEASURED) for figure in figures]
    kinds = ", ".join(f"{f.name} {f.dataType.simpleString()}" for f in STUDENT_EVALUATION.schema if f.name in MEASURED)
    frame = given.spark.createDataFrame(rows, kinds).coalesce(1)
    with held(given):
        given.tables.stage(STUDENT_EVALUATION, student_evaluation_rows(frame, night=given.night))
        given.tables.replace(STUDENT_EVALUATION, **{c.RUN_ID: given.night.run_id, c.DATASET: figures[0].dataset})
        given.tables.tidy(STUDENT_EVALUATION)
    plot = given.store.report(given.night.run_id) / f"student_evaluation_{figures[0].dataset}.png"
    write_json(plot.with_suffix(".json"), [asdict(figure) for figure in figures])
    draw(figures, plot)
    return plot


def shelf(given: Context) -> Shelf:
    """Where this environment's models are."""
    teacher = model_name(given.config.distillation.teacher, given.config.teachers)
    return Shelf(given.store.models, teacher, given.config.embedding.batch_texts)


def add_truth_sizes(arguments: argparse.ArgumentParser) -> None:
    """The options that say how much of the truth counts."""
    arguments.add_argument("--members", type=int, default=1_000, help="members of the truth, chosen by hash")
    arguments.add_argument("--postings", type=int, default=5_000, help="postings of the truth, chosen by hash")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--sets", nargs="+", required=True, help="folders of benchmarks, or `truth`")
    arguments.add_argument("--models", nargs="+", default=["current", "tfidf", "bm25"], help="first: compared with")
    add_truth_sizes(arguments)
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        models = {model.method: model.rank for model in named_models(asked.models, shelf(given))}
        sets = [evaluation_set(given, name, members=asked.members, postings=asked.postings) for name in asked.sets]
        for benchmark in sets:
            figures = evaluate(benchmark, models)
            plot = keep(given, figures)
            Terminal().print(figure_grid(figures))
            log.info("%s: drawn in %s, the numbers beside it", benchmark.name, plot)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
