"""Check every statement of a night's explanations against the fields of its rows, and print what no field backs.

python -m benchmarks.check_explanations --env sample --run-date 2026-11-02 --rows 100000 [--show 100]
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow.parquet as pq

from benchmarks.statements import Checker
from jobs.start import Context, context, parser
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.table import Table

_SEED, _SHOWN = 7, 20
_TOLD_POSTING = (c.TITLE, c.SKILLS, c.REGION, c.CITY, c.MIN_YEARS)
_TOLD_MEMBER = (c.HEADLINE, c.WANTED_TITLES, c.SKILLS, c.PLACES, c.YEARS_OF_EXPERIENCE)


def main(argv: Sequence[str] | None = None) -> int:
    """0 where every statement is backed, else 1."""
    arguments = parser(__doc__)
    arguments.add_argument("--rows", type=int, default=100_000, help="how many recommendations, drawn by seed")
    arguments.add_argument("--show", type=int, default=0, help="so many of them in full, to be read")
    asked = arguments.parse_args(argv)
    given = context(asked)
    postings, members = (_by_id(given, table, key) for table, key in ((POSTINGS, c.POSTING_ID), (MEMBERS, c.MEMBER_ID)))
    rows = list(_rows(given, RECOMMENDATIONS))
    drawn = random.Random(_SEED).sample(rows, min(asked.rows, len(rows)))
    pairs = [(row, postings[row[c.POSTING_ID]], members[row[c.MEMBER_ID]]) for row in drawn]
    checker = Checker(given.config.ranking.close_similarity, given.night.run_date)
    started = time.perf_counter()
    found = [
        (row[c.MEMBER_ID], row[c.POSTING_ID], problem)
        for row, *sides in pairs
        for problem in checker.problems(row, *sides)
    ]
    seconds = time.perf_counter() - started
    for row, posting, member in pairs[: asked.show]:
        print(_told(row, posting, member))  # noqa: T201
    said = Counter(kind for row in drawn for kind, value in row[c.EXPLANATION].items() if value)
    print(f"{len(drawn):,} rows of {len(rows):,} in {seconds:.0f} s; rows that say: {dict(said)}")  # noqa: T201
    print(f"{len(found):,} statements that no field backs")  # noqa: T201
    for problem in found[:_SHOWN]:
        print(*problem)  # noqa: T201
    return 1 if found else 0


def _rows(given: Context, table: Table) -> Iterator[dict[str, Any]]:
    for path in given.tables.files(table, **{c.RUN_DATE: given.night.run_date}):
        yield from pq.ParquetFile(path).read().to_pylist()


def _by_id(given: Context, table: Table, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in _rows(given, table)}


def _told(row: dict[str, Any], posting: dict[str, Any], member: dict[str, Any]) -> str:
    held = [position["title"] for position in member[c.EXPERIENCES] or []]
    return "\n".join(
        [
            f"--- {row[c.POSTING_ID]} {_fields(posting, _TOLD_POSTING)}",
            f"    {row[c.MEMBER_ID]} {_fields(member, _TOLD_MEMBER)} positions={held}",
            *(f"    {kind}: {value}" for kind, value in row[c.EXPLANATION].items() if value),
        ]
    )


def _fields(row: dict[str, Any], names: Iterable[str]) -> str:
    return " ".join(f"{name}={row[name]}" for name in names if row[name])


if __name__ == "__main__":
    sys.exit(main())
