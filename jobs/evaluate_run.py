"""Evaluate a published night beside popularity, TF-IDF and an earlier ranker.

Right is what members viewed (`views`), what they viewed or applied to in the days after the night (`later`), or the
sample's ground truth (`truth`). No night reads the answers. Of `views`, popularity for a member leaves out the member's
own; for the other keys the baselines know only what had happened by the night. TF-IDF and local popularity see the
postings in the member's own places. The figures go to the table `evaluation`; docs/evaluation.md explains them.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple, fields

from jobs.compare_methods import Terms, compare
from jobs.find_answers import LATER, TRUTH, VIEWS
from jobs.start import Context, context, held, parser, run
from pipelines.evaluation.night_figures import NightFigure
from pipelines.evaluation.night_summary import night_grids
from pipelines.evaluation.stage import evaluation_rows
from pipelines.reporting.terminal import Terminal
from schemas import columns as c
from schemas.operations import EVALUATION


def keep(given: Context, figures: Sequence[NightFigure], dataset: str) -> None:
    """The figures are published in place of this run's earlier ones by the same answer key."""
    measured = [field.name for field in fields(NightFigure)]
    kinds = {field.name: field.dataType.simpleString() for field in EVALUATION.schema}
    columns = ", ".join(f"{name} {kinds[name]}" for name in (c.DATASET, *measured))
    frame = given.spark.createDataFrame([(dataset, *astuple(figure)) for figure in figures], columns).coalesce(1)
    given.tables.stage(EVALUATION, evaluation_rows(frame, night=given.night))
    given.tables.replace(EVALUATION, **{c.RUN_ID: given.night.run_id, c.DATASET: dataset})
    given.tables.tidy(EVALUATION)


def add_terms(arguments: argparse.ArgumentParser) -> None:
    """The options that say how a night is evaluated."""
    arguments.add_argument("--key", choices=(VIEWS, LATER, TRUTH), required=True, help="where right answers come from")
    arguments.add_argument("--days", type=positive, default=14, help="how many days after the night `later` reaches")
    arguments.add_argument("--k", type=positive, nargs="+", default=[10, 5, 1], help="cuts; the first for all figures")
    arguments.add_argument("--members", type=positive, default=5000, help="members evaluated, chosen by hash")
    arguments.add_argument("--against", metavar="RUN_ID", help="the earlier ranker; without it, the last night before")
    arguments.add_argument("--min-slice", type=positive, default=50, help="members below which a slice is not told")
    arguments.add_argument("--clip", type=float, default=100.0, help="largest weight of an off-policy estimate")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    add_terms(arguments)
    asked = arguments.parse_args(argv)
    cuts = list(dict.fromkeys(asked.k))
    terms = Terms(asked.key, asked.days, cuts, asked.members, asked.against, asked.min_slice, asked.clip)
    dataset = f"later, {asked.days} days" if asked.key == LATER else asked.key

    def work() -> int:
        given = context(asked)
        with held(given):
            figures = compare(given, terms)
            keep(given, figures, dataset)
        title = f"{asked.env} {given.night.run_date}, {dataset}"
        for grid in night_grids(figures, title=title, shown=f"ndcg@{cuts[0]}"):
            Terminal().print(grid)
        return 0

    return run(work)


def positive(text: str) -> int:
    """The number that an argument gives, 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
