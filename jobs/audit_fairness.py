"""Audit who gets what: groups of members and of postings beside the others of their attribute.

Reads this run's staged night, else the published night of the date. Attributes come from sources of their own, which
no other job reads. The figures go to the table `fairness_audit`; `[fairness]` says what may block publishing.
"""

import datetime
import sys
from collections.abc import Sequence
from dataclasses import asdict

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from jobs.check_quality import check, publish_rows
from jobs.run_stage import one_stage, stage_parser
from jobs.start import Context, context, held, log, run
from pipelines.fairness import stage
from pipelines.fairness.figures import Figure, audit_side, first_findings
from pipelines.fairness.measures import Audited, audited_members, audited_postings, places_of
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import check_expressions, read_source
from schemas import columns as c
from schemas import interactions
from schemas.errors import ArtifactError, ConfigError
from schemas.fairness import FAIRNESS_AUDIT
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.operations import RUN_LOG
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED
from schemas.suites import AUDITED
from schemas.table import columns_of


def audit(run: Context) -> Counts:
    """The figures of this run are in `fairness_audit`, and have passed their gate.

    Raises:
        ConfigError: nothing says whose groups are compared.
        QualityGateError: a rule that `fairness.blocking` names does not hold.
    """
    return Counts(rows_out=len(audited(run, since=False)))


def audited(given: Context, *, since: bool) -> list[Figure]:
    """As `audit`, the figures; with what members did since the night, if asked for."""
    sides, config = given.config.audited_sides, given.config.fairness
    if not sides:
        raise ConfigError(
            "nothing says whose groups are compared: give sources.audit_attributes, "
            "sources.audit_posting_attributes or fairness.posting_groups"
        )
    if "members" not in sides:
        log.info("audit: members are not compared, sources.audit_attributes is absent")
    given_out = lists(given)
    compared = {"members": members, "postings": postings}
    figures = [
        figure
        for side in sides
        for figure in audit_side(compared[side](given, given_out, since), config=config, families=len(sides))
    ]
    stamp = {c.RUN_DATE: given.night.run_date, c.RUN_ID: given.night.run_id}
    publish_rows(given, FAIRNESS_AUDIT, [stamp | asdict(figure) for figure in figures])
    for finding in first_findings(figures):
        log.warning("audit: %s", in_words(finding))
    check(given, AUDITED.gate)
    return figures


def lists(given: Context) -> stage.Lists:
    """What this run has staged, else what is published for its date.

    Raises:
        ArtifactError: neither is there.
    """
    date, tables = {c.RUN_DATE: given.night.run_date}, (MEMBERS, POSTINGS, MATCHES, RECOMMENDATIONS)
    if given.progress.find("rank"):
        return stage.Lists(*(given.tables.staged(table) for table in tables))
    if not given.tables.files(RECOMMENDATIONS, **date):
        raise ArtifactError(f"no night of {given.night.run_date} is ranked or published; run jobs.run_nightly first")
    return stage.Lists(*(given.tables.read(table, **date) for table in tables))


def members(given: Context, given_out: stage.Lists, since: bool) -> Audited:
    """The members compared, and what they got."""
    config, per_member = given.config.fairness, given.config.ranking.recommendations_per_member
    check_expressions("fairness.strata", given_out.members, {str(i): one for i, one in enumerate(config.strata)})
    groups, names = attributes(given, "audit_attributes", c.MEMBER_ID)
    chosen = stage.choose_members(given_out.members, groups, names=names, config=config)
    rows = stage.member_rows(chosen, given_out, config=config)
    if night_before := published_before(given):
        earlier = given.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: night_before})
        rows = stage.with_churn(rows, given_out.recommendations, earlier)
    if since and (source := given.config.sources.interactions) is not None:
        done = read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project)
        rejected = given.tables.read(POSTINGS_REJECTED, **{c.RUN_DATE: given.night.run_date})
        rows = stage.with_interest(rows, given_out.recommendations, done, rejected, night=given.night)
    return audited_members(rows.toPandas(), names, k=places_of(config.k, per_member), per_member=per_member)


def postings(given: Context, given_out: stage.Lists, since: bool) -> Audited:
    """The postings compared, and who they were shown to; nothing that happened since changes that."""
    config, places = given.config.fairness, given.config.ranking.recommendations_per_member
    check_expressions("fairness.posting_groups", given_out.postings, config.posting_groups)
    columns = [F.expr(text).alias(name) for name, text in config.posting_groups.items()]
    groups, names = given_out.postings.select(c.POSTING_ID, *columns), list(config.posting_groups)
    if given.config.sources.audit_posting_attributes is not None:
        known, more = attributes(given, "audit_posting_attributes", c.POSTING_ID)
        groups, names = stage.with_attributes(groups, known, c.POSTING_ID), [*names, *more]
    chosen = stage.choose_postings(given_out.postings, groups, names=names, config=config)
    k = places_of(config.k, places)
    return audited_postings(stage.posting_rows(chosen, given_out, places=max(k)).toPandas(), names, k=k)


def attributes(given: Context, name: str, key: str) -> tuple[DataFrame, list[str]]:
    """The rows of a source of audit attributes, and the attributes' names."""
    source = getattr(given.config.sources, name)
    canonical = columns_of(**dict.fromkeys(source.columns, FAIRNESS_AUDIT.schema[c.ATTRIBUTE].dataType))
    rows = read_source(given.spark, f"sources.{name}", source, canonical, given.project)
    return rows, [column for column in source.columns if column != key]


def published_before(given: Context) -> datetime.date | None:
    """The date of the last night published before this one."""
    published = given.tables.read(RUN_LOG).where(F.col(c.STAGE) == "publish")
    before = published.where(F.col(c.RUN_DATE) < F.lit(given.night.run_date))
    date: datetime.date | None = before.agg(F.max(c.RUN_DATE)).collect()[0][0]
    return date


def in_words(finding: Figure) -> str:
    """A finding as a sentence.

    >>> in_words(Figure("members", "team", "b", "shown", "exposure", 3, 500, 0.2, 0.3, difference=-0.1, p_value=0.002))
    'team=b (500 members): exposure when shown, first 3, is 0.2 for 0.3 of the others (difference -0.1, p 0.002)'
    """
    places = f", first {finding.k}," if finding.k else ""
    return (
        f"{finding.attribute}={finding.audit_group} ({finding.size:,} {finding.side}): {finding.metric} when "
        f"{finding.stage}{places} is {finding.value:.4g} for {finding.reference:.4g} of the others "
        f"(difference {finding.difference:.3g}, p {finding.p_value:.2g})"
    )


def show(figures: Sequence[Figure]) -> None:
    """A row per finding, or that there is none."""
    compared = sum(figure.p_value is not None for figure in figures)
    grid = Grid("finding", title=f"{len(figures):,} figures, {compared:,} comparisons", title_justify="left")
    for finding in first_findings(figures):
        grid.add_row(escape(in_words(finding)))
    Console().print(grid if grid.row_count else f"{compared:,} comparisons, no finding")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    asked = stage_parser(__doc__).parse_args(argv)

    def work() -> int:
        if asked.in_night:
            return one_stage(asked, "audit", audit)
        given = context(asked)
        with held(given):
            show(audited(given, since=True))
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
