"""Make a challenger the current student, if it passes every gate on a published night.

Everything of the night is encoded under the challenger's own id first, then it is compared with the champion, and the
pointer moves last: whatever breaks before, the champion serves, and the same command does what is left.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from jobs.compare_students import compare
from jobs.embed_texts import EMBEDDED, publish_vectors, stage_vectors
from jobs.read_frames import beside_vectors, embedded_texts
from jobs.record_results import publish_rows
from jobs.start import Context, context, held, log, parser, run
from pipelines.config import load_config
from pipelines.distillation.students import (
    StudentArtifact,
    current_student,
    is_current,
    latest_challenger,
    promote,
    rollback,
    student,
)
from pipelines.night import Night
from pipelines.promotion.gates import Findings, judged, raise_if_refused
from pipelines.promotion.report import report_html, report_json
from pipelines.publishing.artifacts import replace_text, write_json
from pipelines.publishing.lease import lease
from pipelines.publishing.store import Store
from pipelines.quality.gate import QualityResult, judge, quality_rows, raise_if_blocked
from pipelines.quality.stage import measure
from schemas import columns as c
from schemas import suites
from schemas.errors import ArtifactError
from schemas.operations import QUALITY_RESULTS


def evaluate(given: Context, challenger: StudentArtifact) -> None:
    """The challenger has encoded the night and passed every gate; what was seen is kept.

    Raises:
        ArtifactError: the run date has no published postings or members.
        QualityGateError: a gate failed; all are listed.
    """
    date = {c.RUN_DATE: given.night.run_date}
    if not all(given.tables.files(table, **date) for table, _ in EMBEDDED):
        raise ArtifactError(f"{given.night.run_date} has no published postings and members; run jobs.run_nightly first")
    night = Night(given.night.run_date, f"{given.night.run_id}-promote-{challenger.student_id}")
    own = replace(given, night=night, tables=replace(given.tables, run_id=night.run_id))
    champion = current_student(own.store.models)
    for one in (champion, challenger):
        encode_night(own, one)
    found = compare(own, champion, challenger)
    gates = judged(found, own.config.promotion)
    publish_rows(own, QUALITY_RESULTS, quality_rows(gates, night))
    report(own, found, gates)
    raise_if_refused(gates, champion.student_id)


def encode_night(own: Context, by: StudentArtifact) -> None:
    """Every text of the published night has a vector by this student, and the vectors passed their gate.

    Raises:
        QualityGateError: a rule about vectors failed; they are not published.
    """
    gates = (suites.EMBEDDED_POSTINGS, suites.EMBEDDED_MEMBERS)
    date = {c.RUN_DATE: own.night.run_date}
    for (_, embeddings), suite in zip(EMBEDDED, gates, strict=True):
        texts = embedded_texts(own, embeddings, lambda table: own.tables.read(table, **date))
        encoded = stage_vectors(own, by, texts, embeddings)
        rules = replace(suite, profiles=())  # nothing is compared with earlier nights
        seen = measure(beside_vectors(own, by, texts, embeddings, one_in=1), rules).toPandas()
        raise_if_blocked(judge([(rules, seen)], own.config.quality).results)
        publish_vectors(own, embeddings)
        log.info("promotion: %s texts new to student %s are in %s", f"{encoded:,}", by.student_id, embeddings.name)


def report(own: Context, found: Findings, gates: Sequence[QualityResult]) -> None:
    """The report's two files."""
    folder = own.store.report(f"promotion-{found.champion}-{found.challenger}")
    write_json(folder / "report.json", report_json(found, gates, own.night))
    replace_text(folder / "report.html", report_html(found, gates, own.night))
    log.info("promotion: report in %s", folder)


def work(asked: argparse.Namespace) -> int:
    """The exit code of what was asked for."""
    conf_dir = asked.conf_dir.absolute()
    storage = load_config(conf_dir, asked.env, os.environ).storage
    store = Store.at(storage, conf_dir.parent)
    with lease(store.promotion, run_id="promotion", minutes=storage.lease_minutes):
        champion = current_student(store.models).student_id if not asked.rollback else None
        if asked.rollback:
            log.info("promotion: rolled back to student %s, which is current now", rollback(store.models).student_id)
            return 0
        name = asked.challenger or latest_challenger(store.models)
        if name is None or is_current(store.models, name):
            log.info("promotion: student %s is current and no challenger is newer; nothing changed", champion)
            return 0
        challenger = student(store.models, name)
        given = context(asked)
        with held(given):
            evaluate(given, challenger)
        if asked.evaluate_only:
            log.info("promotion: student %s would be promoted; %s keeps serving", name, champion)
            return 0
        promote(store.models, name)
        log.info("promotion: %s -> %s; --rollback goes back", champion, name)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    what = arguments.add_mutually_exclusive_group()
    what.add_argument("--challenger", help="a student's id; by default the one sealed last, if after the current one")
    what.add_argument("--rollback", action="store_true", help="make the student before the current one current again")
    arguments.add_argument("--evaluate-only", action="store_true", help="compare and report, and promote nothing")
    asked = arguments.parse_args(argv)
    return run(lambda: work(asked))


if __name__ == "__main__":
    sys.exit(main())
