"""The night as an Airflow 3 DAG: a task per stage, each a spark-submit of its job; docs/airflow.md says how to run it.

Airflow parses this file again and again, in an environment that has neither Spark's Python nor Nightmatch's packages:
it imports Airflow, and of Nightmatch only what imports nothing.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, Context, CronTriggerTimetable, Param, chain
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT))  # last, so that nothing of Airflow's is shadowed

from jobs.night_stages import JOBS, NOT_IN_NIGHT, TABLES  # noqa: E402
from schemas.errors import NightmatchError  # noqa: E402

FINAL = {error.exit_code: error for error in NightmatchError.__subclasses__() if not error.passes}
RUN_DATE = "{{ (dag_run.logical_date or dag_run.run_after) | ds }}"  # by hand, there may be no logical date


class StageOperator(SparkSubmitOperator):  # type: ignore[misc]
    """A stage's job under spark-submit, whose exit code decides what the task becomes.

    0 is success, 99 (not in this night) a skip; 2 to 5 fail at once, as nothing but a person mends them; 6 (another run
    holds the date), 1 (a defect, a lost cluster) and a kill are tried again.
    """

    def execute(self, context: Context) -> None:
        """Run the job; what its success publishes says for which night.

        Raises:
            AirflowSkipException: the night's configuration has no such stage.
            AirflowFailException: the same command would fail again.
        """
        try:
            super().execute(context)
        except AirflowException as error:
            submitted = self._hook._submit_sp if self._hook else None  # the operator keeps the code to itself
            code = submitted.returncode if submitted else None
            if code == NOT_IN_NIGHT:
                raise AirflowSkipException("not in this night's configuration") from None
            if code in FINAL:
                reason = f"exit code {code}, {FINAL[code].__name__}; its message is above. {FINAL[code].__doc__}"
                raise AirflowFailException(reason) from error
            raise
        told = dict(zip(self.application_args[::2], self.application_args[1::2], strict=False))
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {n: told[f"--{n}"] for n in ("env", "run-date", "attempt")}


def table(name: str) -> Asset:
    """The asset that stands for a published table."""
    return Asset(name=f"recs.{name}", uri=f"x-nightmatch://recs/{name}")


def task(stage: str, job: str) -> StageOperator:
    """The task of a stage."""
    return StageOperator(
        task_id=stage,
        name=f"nightmatch {stage}",
        conn_id="nightmatch_spark",
        application=str(PROJECT / "jobs" / f"{job}.py"),
        py_files=os.environ.get("NIGHTMATCH_PY_FILES"),
        application_args=[
            *("--env", "{{ params.env }}", "--run-date", RUN_DATE, "--attempt", "{{ params.attempt }}"),
            *("--conf-dir", "{{ params.conf_dir }}", "--in-night"),
        ],
        outlets=[table(name) for name in TABLES.get(stage, ())],
        trigger_rule="none_failed",  # a stage that is not in this night is skipped, what follows it is not
    )


with DAG(
    dag_id="nightmatch",
    description="Every night, each member gets the open postings that fit best",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(os.environ.get("NIGHTMATCH_SCHEDULE", "0 1 * * *"), timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "env": Param(os.environ.get("NIGHTMATCH_ENV", "sample"), type="string", description="which conf/<env>.toml"),
        "conf_dir": Param(os.environ.get("NIGHTMATCH_CONF_DIR", str(PROJECT / "conf")), type="string"),
        "attempt": Param(1, type="integer", minimum=1, description="a new number runs a finished night afresh"),
    },
    default_args={
        "pool": "nightmatch",  # of one slot: backfills have a max_active_runs of their own
        "weight_rule": "upstream",  # of two nights that wait, the one that has begun
        "retries": 3,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
    },
) as dag:
    stages = {stage: task(stage, job) for stage, job in JOBS.items()}
    chain(*stages.values())
    searched = EmptyOperator(
        task_id="posting_matches", outlets=[table("posting_matches"), table("posting_recommendations")]
    )
    [stages["match_postings"], stages["publish"]] >> searched
