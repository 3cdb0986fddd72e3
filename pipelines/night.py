"""Which night it is: the pair that every row of a night carries."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Night:
    """One night's work: the date that it is for, and the run that does it."""

    run_date: datetime.date
    run_id: str
