"""Show one member of a published night: profile, what each rule takes away, and the recommendations in their parts."""

import sys
from collections.abc import Sequence

from pyspark.sql import functions as F

from jobs.show_night import portrait_of, profile_lines
from jobs.start import Context, context, parser, run
from pipelines.reporting.stage import eligibility_funnel, top_recommendations
from pipelines.reporting.summary import print_member
from pipelines.reporting.terminal import Terminal
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import MEMBERS_REJECTED


def show(given: Context, member_id: str) -> None:
    """The member on standard output.

    Raises:
        ConfigError: the night has no such member; the reasons follow where the row was rejected.
    """
    date = {c.RUN_DATE: given.night.run_date}
    member = given.tables.read(MEMBERS, **date).where(F.col(c.MEMBER_ID) == member_id)
    rows = member.collect()
    if not rows:
        raise ConfigError(f"{given.night.run_date} has no member {member_id!r}{why_not(given, member_id)}")
    postings = given.tables.read(POSTINGS, **date)
    excludes = given.config.retrieval.unknown_excludes
    [funnel] = eligibility_funnel(member, postings, unknown_excludes=excludes).collect()
    count = given.config.ranking.recommendations_per_member
    top = top_recommendations(
        given.tables.read(RECOMMENDATIONS, **date), postings, member_ids=[member_id], count=count
    ).collect()
    lines = profile_lines(rows[0].asDict(recursive=True))
    print_member(Terminal(), portrait_of(member_id, lines, top), funnel.asDict(), [row[c.SCORE_PARTS] for row in top])


def why_not(given: Context, member_id: str) -> str:
    """The reasons for which the member's row was rejected, in words."""
    rejected = given.tables.read(MEMBERS_REJECTED, **{c.RUN_DATE: given.night.run_date})
    rows = rejected.where(F.col(c.SOURCE_ROW) == member_id).collect()
    return f"; rejected: {', '.join(sorted({reason for row in rows for reason in row[c.REASONS]}))}" if rows else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("member_id", help="as the source spells it")
    asked = arguments.parse_args(argv)

    def work() -> int:
        show(context(asked), asked.member_id)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
