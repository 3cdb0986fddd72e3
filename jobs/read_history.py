"""What earlier published nights were like, as they have said of themselves."""

import datetime
from collections import defaultdict

from jobs.start import Context
from pipelines.quality.comparing import Profiled
from schemas import columns as c
from schemas.operations import NIGHT_PROFILES, RUN_LOG
from schemas.recommendations import RECOMMENDATIONS


def last_night(given: Context) -> datetime.date | None:
    """The date of the night before this one whose recommendations readers see; None where there is none."""
    return next(reversed(_dates(given)), None)


def earlier_profiles(given: Context) -> dict[str, list[Profiled]]:
    """Of each profile, those of the last published nights of `quality.history`, oldest first."""
    dates = _dates(given)
    published: dict[datetime.date, dict[str, object]] = {}
    for row in sorted(given.tables.collect(RUN_LOG, dates), key=lambda row: row[c.STARTED_AT]):
        if row[c.STAGE] == "publish":
            published[row[c.RUN_DATE]] = row
    runs = {row[c.RUN_ID] for row in published.values()}
    found: dict[str, list[Profiled]] = defaultdict(list)
    for row in sorted(given.tables.collect(NIGHT_PROFILES, dates), key=lambda row: row[c.RUN_DATE]):
        if row[c.RUN_ID] in runs:
            found[row[c.NAME]].append(Profiled(row[c.ROWS], tuple(row[c.PROFILE]), row[c.STUDENT_ID]))
    return dict(found)


def _dates(given: Context) -> list[datetime.date]:
    before = [date for date in given.tables.dates(RECOMMENDATIONS) if date < given.night.run_date]
    return before[-given.config.quality.history.nights :]
