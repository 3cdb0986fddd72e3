"""How many pairs each hard rule takes away, as figures of the run."""

import time
from pathlib import Path

from pyspark.sql import DataFrame

from jobs.start import Context, log
from pipelines.retrieval.counting import count_rules
from pipelines.retrieval.funnel import Counted, Step, funnel
from schemas.matches import ELIGIBILITY_FUNNEL
from schemas.rules import HARD_RULES


def stage_funnel(run: Context, members: DataFrame, index: Path, student_id: str) -> None:
    """The table eligibility_funnel of this run is staged; empty where nobody is searched for."""
    started, config = time.monotonic(), run.config.retrieval
    expected = run.progress.need("ingest_members").counts.rows_out or 0
    share = min(1.0, config.funnel_members / max(expected, 1))
    rows = count_rules(members, share=share, index=index, student_id=student_id, config=config).collect()
    people = {row["sampled"]: row["members"] for row in rows}
    everybody, sample = (
        [Counted(row["rule"], row["before"], row["removed"], row["without"]) for row in rows if row["sampled"] is drawn]
        for drawn in (False, True)
    )
    steps = funnel(everybody, sample, members=people[False], sampled=people.get(True, 0)) if rows else []
    table = [_row(run, nth, step) for nth, step in enumerate(steps, start=1)]
    run.tables.stage(ELIGIBILITY_FUNNEL, run.spark.createDataFrame(table, ELIGIBILITY_FUNNEL.schema))
    log.info("match: pairs counted rule by rule in %.1f s", time.monotonic() - started)


def _row(run: Context, nth: int, step: Step) -> tuple[object, ...]:
    rule, one = HARD_RULES[nth - 1], step.counted
    night = (run.night.run_date, run.night.run_id)
    return (*night, nth, rule.name, rule.reason, one.before, one.removed, one.without, step.members)
