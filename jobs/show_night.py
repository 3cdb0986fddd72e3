"""Show a published night: its stages, who was served, a few members' lists, and how to read the tables."""

import sys
from collections.abc import Sequence
from dataclasses import fields

from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs.start import Context, context, parser, run
from pipelines.publishing.progress import Finished
from pipelines.reporting.stage import choose_members, top_recommendations
from pipelines.reporting.summary import (
    Portrait,
    Recommended,
    Removed,
    Served,
    print_funnel,
    print_portrait,
    print_readers,
    print_served,
    print_stages,
)
from pipelines.reporting.terminal import Terminal
from pipelines.searches.stage import by_search
from schemas import columns as c
from schemas.matches import ELIGIBILITY_FUNNEL
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.searches import SAVED_SEARCHES, SEARCH_RECOMMENDATIONS


def show(given: Context, stages: Sequence[Finished], *, members: int) -> None:
    """The night on standard output; profiles only of as many members as asked for."""
    console = Terminal()
    print_stages(console, given.night.run_id, stages)
    print_funnel(console, removed(given))
    print_served(console, served(given))
    for portrait in portraits(given, members):
        print_portrait(console, portrait)
    for portrait in search_portraits(given, members):
        print_portrait(console, portrait, "saved search")
    print_readers(
        console,
        catalog=given.store.catalog,
        warehouse=given.store.warehouse,
        namespace=given.store.namespace,
        run_date=given.night.run_date,
    )


def served(given: Context) -> Served:
    """Counts of the published night."""
    date = {c.RUN_DATE: given.night.run_date}
    members = given.tables.read(MEMBERS, **date).count()
    reasons = given.tables.read(SHORTFALLS, **date).groupBy(c.REASON).count().collect()
    short = {row[c.REASON]: row["count"] for row in reasons}
    beyond = given.tables.read(RECOMMENDATIONS, **date).where(F.col(c.RELAXATION).isNotNull())
    lists = beyond.groupBy(c.RELAXATION).agg(F.count_distinct(c.MEMBER_ID).alias("members")).collect()
    relaxed = {row[c.RELAXATION]: row["members"] for row in lists}
    return Served(members, members - sum(short.values()), short, relaxed)


def removed(given: Context) -> list[Removed]:
    """What each hard rule took in the published night, in order."""
    rows = given.tables.read(ELIGIBILITY_FUNNEL, **{c.RUN_DATE: given.night.run_date}).orderBy(c.STEP).collect()
    return [Removed(**{field.name: row[field.name] for field in fields(Removed)}) for row in rows]


def portraits(given: Context, count: int) -> list[Portrait]:
    """A few members of the published night, each with the first five recommendations."""
    date = {c.RUN_DATE: given.night.run_date}
    recommendations = given.tables.read(RECOMMENDATIONS, **date)
    ids = [row[c.MEMBER_ID] for row in choose_members(recommendations, count=count).collect()]
    profiles = given.tables.read(MEMBERS, **date).where(F.col(c.MEMBER_ID).isin(ids)).collect()
    top = top_recommendations(recommendations, given.tables.read(POSTINGS, **date), member_ids=ids, count=5).collect()
    lines = {profile[c.MEMBER_ID]: profile_lines(profile.asDict(recursive=True)) for profile in profiles}
    return [portrait_of(member, lines[member], [row for row in top if row[c.MEMBER_ID] == member]) for member in ids]


def search_portraits(given: Context, count: int) -> list[Portrait]:
    """A few saved searches of the published night, each with what was understood and the first five recommendations."""
    if not count or given.config.sources.saved_searches is None:
        return []
    date = {c.RUN_DATE: given.night.run_date}
    listed = by_search(given.tables.read(SEARCH_RECOMMENDATIONS, **date))  # a search stands in the place of a member
    ids = [row[c.MEMBER_ID] for row in choose_members(listed, count=count).collect()]
    searches = given.tables.read(SAVED_SEARCHES, **date).where(F.col(c.SEARCH_ID).isin(ids)).collect()
    top = top_recommendations(listed, given.tables.read(POSTINGS, **date), member_ids=ids, count=5).collect()
    lines = {row[c.SEARCH_ID]: [f'"{row[c.TEXT]}"', *row[c.UNDERSTOOD_AS].split("\n")] for row in searches}
    return [portrait_of(one, lines[one], [row for row in top if row[c.MEMBER_ID] == one]) for one in ids]


def portrait_of(member_id: str, lines: Sequence[str], top: Sequence[Row]) -> Portrait:
    """The member with these rows of `top_recommendations`."""
    return Portrait(
        member_id,
        lines,
        [
            Recommended(row[c.RANK], row[c.TITLE], row[c.COMPANY], row["place"], row[c.SCORE], row["sentence"])
            for row in top
        ],
    )


def profile_lines(profile: dict[str, object]) -> list[str]:
    """What is known of a member, a line per field that is known."""
    shown = {
        "headline": profile[c.HEADLINE],
        "wants": profile[c.WANTED_TITLES],
        "was": [one["title"] for one in profile[c.EXPERIENCES] or [] if one["title"]],  # type: ignore[attr-defined]
        "skills": profile[c.SKILLS],
        "years": profile[c.YEARS_OF_EXPERIENCE],
        "seniority": profile[c.SENIORITY],
        "places": ["/".join(filter(None, place.values())) for place in profile[c.PLACES] or []],  # type: ignore[attr-defined]
        "work modes": profile[c.WORK_MODES],
        "employment": profile[c.EMPLOYMENT_TYPES],
        "languages": profile[c.LANGUAGES],
    }
    return [
        f"{name}: {', '.join(value[:8]) if isinstance(value, list) else value}"
        for name, value in shown.items()
        if value
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--show-members", type=int, default=0, help="how many members' lists to show")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        show(given, given.progress.all(), members=asked.show_members)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
