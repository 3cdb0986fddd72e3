"""What the gates of a night cost, beside the night; and uniqueness over several columns the naive way and ours.

    python -m benchmarks.bench_gates --members 1000000 --postings 100000
    python -m benchmarks.bench_gates --night 50000
    python -m benchmarks.bench_gates --compound 2000000

The first makes the staged tables of a night without the stages that make them, runs every gate's measures over them as
`jobs.check_quality` does, and puts their time beside what the capacity planner says that the stages take. The second
runs a whole night of the generated sample and reads what its gates took. The third has Great Expectations judge a frame
of four columns by itself, and by one row of measures. Results go to var/bench/gates.json.
"""

import argparse
import datetime
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.gate_tables import STUDENT, make_tables, read_table
from benchmarks.machine import machine_facts
from benchmarks.naive_suite import compound, seconds
from benchmarks.nights import FIRST, PROJECT, Shape, make_sample, run_night
from jobs.start import start_spark
from pipelines.config import load_config
from pipelines.night import Night
from pipelines.planning.config import checked
from pipelines.planning.constants import measured
from pipelines.planning.plan import plan
from pipelines.publishing.artifacts import write_json
from pipelines.quality import pairs, stage
from pipelines.quality.gate import judge
from schemas import columns as c
from schemas import comparisons, ingest_suites, suites
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.suite import Suite
from schemas.table import Table

BENCH = PROJECT / "var" / "bench"
NIGHT = Night(datetime.date(2026, 11, 2), "bench")
CONFIG = load_config(PROJECT / "conf", "sample", os.environ)
STAGES = {
    "postings": "ingest_postings",
    "members": "ingest_members",
    "embeddings": "embed",
    "matches": "match",
    "recommendations": "rank",
}

console = Console(width=140)


def gate_frames(
    read: Callable[[Table], DataFrame], members: int, postings: int
) -> dict[str, list[tuple[Suite, DataFrame]]]:
    """The suites of each gate with the frames that `jobs.check_quality` measures."""
    asked, history = CONFIG.ranking.recommendations_per_member, CONFIG.quality.history
    embedded = {
        suite: stage.embedded_rows(
            read(entities),
            read(vectors),
            student_id=STUDENT,
            dimension=256,
            one_in=max(1, rows // history.sampled_texts),
        )
        for suite, entities, vectors, rows in (
            (suites.EMBEDDED_POSTINGS, POSTINGS, POSTING_EMBEDDINGS, postings),
            (suites.EMBEDDED_MEMBERS, MEMBERS, MEMBER_EMBEDDINGS, members),
        )
    }
    listed = read(RECOMMENDATIONS)
    one_in = max(1, members // history.sampled_members)
    return {
        "postings": [
            (
                ingest_suites.INGESTED_POSTINGS,
                stage.ingested_rows(read(POSTINGS), read(POSTINGS_REJECTED), night=NIGHT),
            )
        ],
        "members": [
            (ingest_suites.INGESTED_MEMBERS, stage.ingested_rows(read(MEMBERS), read(MEMBERS_REJECTED), night=NIGHT)),
            (ingest_suites.POPULAR, read(POSTING_POPULARITY)),
        ],
        "embeddings": list(embedded.items()),
        "matches": [
            (suites.MATCHED, stage.expecting(read(MATCHES), NIGHT)),
            (suites.MATCHES_UNIQUE, pairs.hashed_pairs(read(MATCHES))),
            (suites.MATCHED_POSTINGS, pairs.known_keys(read(MATCHES), read(POSTINGS), key=c.POSTING_ID)),
            (suites.MATCHED_MEMBERS, pairs.known_keys(read(MATCHES), read(MEMBERS), key=c.MEMBER_ID)),
            (suites.RECALLED, stage.expecting(read(MATCH_RECALL), NIGHT)),
            (suites.FUNNELLED, read(ELIGIBILITY_FUNNEL)),
        ],
        "recommendations": [
            (suites.RECOMMENDED, stage.expecting(listed, NIGHT)),
            (
                suites.RECOMMENDATIONS_ELIGIBLE,
                pairs.paired_rows(listed, read(MEMBERS), read(POSTINGS), night=NIGHT, unknown_excludes=()),
            ),
            (
                suites.SERVED,
                stage.served_members(read(MEMBERS), listed, read(SHORTFALLS), recommendations_per_member=asked),
            ),
            (comparisons.SCORED, listed),
            (comparisons.KEPT, stage.kept_lists(listed, listed, one_in=one_in)),
        ],
    }


def time_gates(spark: SparkSession, *, members: int, postings: int) -> dict[str, dict[str, float]]:
    """Seconds of each suite's measures and of each gate's judgement, by gate; every rule holds."""
    folder = BENCH / "gates" / f"{members}x{postings}"
    started = time.monotonic()
    make_tables(spark, folder, NIGHT, members=members, postings=postings)
    console.print(f"tables of {members:,} members and {postings:,} postings: {time.monotonic() - started:,.0f} s")
    took: dict[str, dict[str, float]] = {}
    for gate, frames in gate_frames(lambda table: read_table(spark, folder, table), members, postings).items():
        rows, took[gate] = list[tuple[Suite, pd.DataFrame]](), {}
        for suite, frame in frames:
            took[gate][f"{suite.gate}.{suite.table}"] = seconds(
                lambda suite=suite, frame=frame, rows=rows: rows.append((suite, stage.measure(frame, suite).toPandas()))  # type: ignore[misc]
            ) + took[gate].get(f"{suite.gate}.{suite.table}", 0.0)
        started = time.monotonic()
        results = judge(rows, CONFIG.quality, name=gate).results
        took[gate]["Great Expectations"] = time.monotonic() - started
        if broken := [one for one in results if not one.passed]:
            raise RuntimeError(f"tables that should pass do not: {broken}")
        console.print(f"{gate}: {sum(took[gate].values()):.1f} s, {took[gate]}")
    return took


def planned_seconds(*, members: int, postings: int) -> dict[str, float]:
    """What each stage of such a night takes on two cores, gates included, by the capacity planner."""
    asked = checked(
        {
            **{"members": members, "postings": postings, "dimension": CONFIG.distillation.dimension},
            **{"matches": CONFIG.retrieval.matches_per_member, "hours": 1000.0, "cores_per_executor": 2},
            "recommendations": CONFIG.ranking.recommendations_per_member,
        }
    )
    return {name: one.seconds.total_s for name, one in plan(asked, CONFIG.retrieval, measured()).stages.items()}


def time_night(members: int, postings: int) -> dict[str, float]:
    """Seconds of the stages of a whole night of the sample together, and of its gates."""
    folder = BENCH / "gates" / "night"
    make_sample(folder, Shape(postings, members))
    night = run_night(folder, FIRST)
    (gates,) = (folder / "var" / "runs").glob(f"{FIRST}-*/gates")
    reports = {path.stem: json.loads(path.read_text())["seconds"] for path in gates.glob("*.json")}
    stages = {one.stage: one.seconds for one in night.stages}
    return {
        "stages": sum(stages.values()),
        "gates": sum(reports.values()),
        **{f"gate {k}": v for k, v in reports.items()},
        **stages,
    }


def show(found: Mapping[str, Any]) -> None:
    """The gates beside their stages, as far as both were measured."""
    if "planned" in found:
        grid = Grid("gate", "measured, s", "its stage, planned, s", "share")
        for gate, took in found["gates"].items():
            spent, planned = sum(took.values()), found["planned"][STAGES[gate]]
            grid.add_row(gate, f"{spent:.1f}", f"{planned:.0f}", f"{spent / planned:.1%}")
        spent, planned = sum(sum(took.values()) for took in found["gates"].values()), sum(found["planned"].values())
        grid.add_row("all", f"{spent:.1f}", f"{planned:.0f}", f"{spent / planned:.1%}")
        console.print(grid)
    for name in ("night", "compound"):
        if name in found:
            console.print(name, {key: round(value, 2) for key, value in found[name].items()})


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--members", type=int, help="whose staged tables are made and judged")
    arguments.add_argument("--postings", type=int, default=100_000)
    arguments.add_argument("--night", type=int, help="members of a whole night; it has as many postings")
    arguments.add_argument("--compound", type=int, help="rows of four columns")
    asked = arguments.parse_args(argv)
    target = BENCH / "gates.json"
    found: dict[str, Any] = json.loads(target.read_text()) if target.exists() else {}
    found["machine"] = machine_facts(os.environ, {})
    if asked.night:
        found["night"] = time_night(asked.night, asked.night)
    properties = dict(CONFIG.spark) | {"spark.sql.shuffle.partitions": "32"}
    if asked.compound:
        found["compound"] = compound(
            start_spark("bench", properties), BENCH / "gates" / f"compound-{asked.compound}", asked.compound
        )
    if asked.members:
        size = {"members": asked.members, "postings": asked.postings}
        found |= {
            "size": size,
            "gates": time_gates(start_spark("bench", properties), **size),
            "planned": planned_seconds(**size),
        }
    write_json(target, found)
    show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
