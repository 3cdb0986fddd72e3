"""Audit who gets what: groups of members and of postings beside the others of their attribute.

Reads this run's staged night, else the published night of the date. Attributes come from sources of their own, which
no other job reads. The figures go to the table `fairness_audit`; `[fairness]` says what may block publishing.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

import pandas as pd
from pyspark.sql import DataFrame
from rich.markup import escape
from rich.table import Table as Grid

from jobs.check_quality import check
from jobs.read_groups import (
    as_listed,
    found_members,
    given_out,
    member_attributes,
    posting_attributes,
    published_before,
)
from jobs.record_results import publish_rows
from jobs.run_stage import one_stage, stage_parser
from jobs.start import Context, context, held, log, run
from pipelines.fairness import stage
from pipelines.fairness.figures import Figure, audit_side, first_findings
from pipelines.fairness.history import with_churn, with_interest
from pipelines.fairness.measures import Audited, audited_members, audited_postings, audited_recruiting, places_of
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import check_expressions, read_source
from pipelines.reporting.terminal import Terminal
from schemas import columns as c
from schemas import interactions
from schemas.errors import ConfigError
from schemas.fairness import FAIRNESS_AUDIT
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED
from schemas.suites import AUDITED


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
    lists, found = given_out(given), found_members(given)
    compared = {"members": partial(members, given, lists, since), "postings": partial(postings, given, lists)}
    if found is not None:
        compared["recruiting"] = partial(recruiting, given, lists, found)
    elif "recruiting" in sides:
        log.info("audit: no posting of this night has searched for members, so nobody is compared there")
    sides = [side for side in sides if side in compared]
    figures = [figure for side in sides for figure in audit_side(compared[side](), config=config, families=len(sides))]
    stamp = {c.RUN_DATE: given.night.run_date, c.RUN_ID: given.night.run_id}
    publish_rows(given, FAIRNESS_AUDIT, [stamp | asdict(figure) for figure in figures])
    for finding in first_findings(figures):
        log.warning("audit: %s", in_words(finding))
    check(given, AUDITED.gate)
    return figures


def members(given: Context, lists: stage.Lists, since: bool) -> Audited:
    """The members compared, and what they got."""
    config, per_member = given.config.fairness, given.config.ranking.recommendations_per_member
    chosen, names = chosen_members(given, lists)
    rows = stage.member_rows(chosen, lists, config=config)
    if night_before := published_before(given):
        earlier = given.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: night_before})
        rows = with_churn(rows, lists.recommendations, earlier)
    rows = known_interest(given, rows, lists, since)
    return audited_members(in_order(rows, c.MEMBER_ID), names, k=places_of(config.k, per_member), per_member=per_member)


def in_order(rows: DataFrame, key: str) -> pd.DataFrame:
    """The rows by their key: draws by lot are of rows by their place."""
    return rows.orderBy(key).toPandas()


def known_interest(given: Context, rows: DataFrame, lists: stage.Lists, since: bool) -> DataFrame:
    """The rows with what was done about this night's lists since; in a night, about the lists of an earlier one."""
    if (source := given.config.sources.interactions) is None:
        return rows
    date, until, recommendations = given.night.run_date, None, lists.recommendations
    if not since:
        earlier = published_before(given, given.config.fairness.calibration_days)
        if earlier is None:
            return rows
        date, until = earlier, date
        recommendations = given.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: date})
    rejected = given.tables.read(POSTINGS_REJECTED, **{c.RUN_DATE: date})
    done = read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project)
    return with_interest(rows, recommendations, done, rejected, after=date, until=until)


def postings(given: Context, lists: stage.Lists) -> Audited:
    """The postings compared, and who they were shown to; nothing that happened since changes that."""
    config, places = given.config.fairness, given.config.ranking.recommendations_per_member
    groups, names = posting_attributes(given, lists.postings)
    chosen = stage.choose_postings(lists.postings, groups, names=names, config=config)
    k = places_of(config.k, places)
    rows = stage.posting_rows(chosen, lists, places=max(k))
    return audited_postings(in_order(rows, c.POSTING_ID), names, k=k)


def recruiting(given: Context, lists: stage.Lists, found: DataFrame) -> Audited:
    """The members compared, and the postings' lists that they are on."""
    config = given.config.fairness
    chosen, names = chosen_members(given, lists)
    k = places_of(config.k, given.config.ranking.recruiting.members_per_list)
    rows = stage.recruiting_rows(chosen, as_listed(given, found), places=max(k))
    return audited_recruiting(in_order(rows, c.MEMBER_ID), names, k=k)


def chosen_members(given: Context, lists: stage.Lists) -> tuple[DataFrame, list[str]]:
    """Members with their groups and stratum, and the attributes' names."""
    config = given.config.fairness
    check_expressions("fairness.strata", lists.members, {str(i): one for i, one in enumerate(config.strata)})
    groups, names = member_attributes(given)
    return stage.choose_members(lists.members, groups, names=names, config=config), names


def in_words(finding: Figure) -> str:
    """A finding as a sentence.

    >>> in_words(Figure("members", "team", "b", "shown", "exposure", 3, 500, 0.2, 0.3, difference=-0.1, p_value=0.002))
    'team=b (500 members): exposure when shown, first 3, is 0.2 for 0.3 of the others (difference -0.1, p 0.002)'
    """
    places = f", first {finding.k}," if finding.k else ""
    of = "members for recruiters" if finding.side == "recruiting" else finding.side
    return (
        f"{finding.attribute}={finding.audit_group} ({finding.size:,} {of}): {finding.metric} when "
        f"{finding.stage}{places} is {finding.value:.4g} for {finding.reference:.4g} of the others "
        f"(difference {finding.difference:.3g}, p {finding.p_value:.2g})"
    )


def show(figures: Sequence[Figure]) -> None:
    """A row per finding, or that there is none."""
    compared = sum(figure.p_value is not None for figure in figures)
    grid = Grid("finding", title=f"{len(figures):,} figures, {compared:,} comparisons", title_justify="left")
    for finding in first_findings(figures):
        grid.add_row(escape(in_words(finding)))
    Terminal().print(grid if grid.row_count else f"{compared:,} comparisons, no finding")


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
