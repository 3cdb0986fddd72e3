"""Answer one wish in plain words from the last night's index: what is understood of it, ten postings, and why each.

Starts no Spark. The order is that of similarity; the night's lists also weigh place, level and age.
"""

import datetime
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyiceberg.catalog import Catalog
from pyiceberg.expressions import And, BooleanExpression, EqualTo, In
from rich.markup import escape

from jobs.start import Plan, parser, plan, run
from pipelines.distillation.students import student
from pipelines.embedding.student import Student, load_student
from pipelines.embedding.wish_encoder import load_wish_encoder
from pipelines.publishing import artifacts
from pipelines.publishing.catalog import open_catalog, open_table
from pipelines.reporting.terminal import Terminal
from pipelines.retrieval.shards import Index, open_index
from pipelines.searches.reading import told, understood
from pipelines.searches.trying import Answer, answer
from pipelines.teaching.plan import model_name
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.model import ModelReader
from schemas import columns as c
from schemas.errors import ArtifactError, ConfigError
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.table import Table

Rows = list[dict[str, Any]]
_SHOWN = (c.POSTING_ID, c.TITLE, c.COMPANY, c.CITY, c.REGION, c.COUNTRY, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.POSTED_ON)


def rows_of(given: Plan, catalog: Catalog, table: Table, where: BooleanExpression | None, most: int | None) -> Rows:
    """Published rows of the night."""
    night: BooleanExpression = EqualTo(c.RUN_DATE, given.night.run_date.isoformat())
    filtered = night if where is None else And(night, where)
    scan = open_table(catalog, given.store.namespace, table).scan(row_filter=filtered, limit=most)
    found: Rows = scan.to_arrow().to_pylist()
    return found


def last_index(given: Plan, catalog: Catalog) -> tuple[Index, str]:
    """The index that the published night was searched with, its files mapped, and the student that made it.

    Raises:
        ArtifactError: no night of the date is published, or its index is gone.
    """
    published = rows_of(given, catalog, RECOMMENDATIONS, None, 1)
    if not published:
        raise ArtifactError(f"no night of {given.night.run_date} is published; run jobs.run_nightly first")
    index_id, student_id = published[0][c.INDEX_ID], published[0][c.STUDENT_ID]
    for manifest in given.store.indexes.glob(f"*/{artifacts.MANIFEST}"):
        if artifacts.read_manifest(manifest.parent).artifact_id == index_id:
            return open_index(manifest.parent, student_id), student_id
    raise ArtifactError(f"index {index_id} of {given.night.run_date} is gone; run jobs.run_nightly of a later date")


def member_of(given: Plan, catalog: Catalog, member_id: str | None) -> Mapping[str, Any]:
    """The member's published row; empty where nobody is named.

    Raises:
        ConfigError: the night has no such member.
    """
    if member_id is None:
        return {}
    rows = rows_of(given, catalog, MEMBERS, EqualTo(c.MEMBER_ID, member_id), 1)
    if not rows:
        raise ConfigError(f"{given.night.run_date} has no member {member_id!r}")
    return rows[0]


def read_wish(wish: str, config: WishesConfig) -> dict[str, object]:
    """What is understood of it, by the language model where one is configured."""
    return told(ModelReader(config).understand(wish).wish) if config.model else understood(wish, None, config)


def readers(given: Plan, folder: Path) -> tuple[Student, Student]:
    """What encodes profiles, and what encodes wishes.

    Raises:
        ArtifactError: a model is missing or damaged, or does not go with the other.
    """
    batch_texts, teacher = given.config.embedding.batch_texts, given.config.distillation.teacher
    encoder = load_student(folder, batch_texts)
    if given.config.searches.wish_encoder == "student":
        return encoder, encoder
    return encoder, load_wish_encoder(folder, model_name(teacher, given.config.teachers), batch_texts)


def why(one: Answer) -> str:
    """Which of wish and profile brought the posting, and how near it is to both."""
    near = {"your wish": one.wish, "your profile": one.profile}
    told = ", ".join(f"{name} {value:.3f}" for name, value in near.items() if value is not None)
    return f"found by your {one.brought_by} ({told})"


def show(read: Mapping[str, Any], answers: Sequence[Answer], postings: Rows, run_date: datetime.date) -> None:
    """The answer on standard output."""
    console, by_id = Terminal(), {posting[c.POSTING_ID]: posting for posting in postings}
    console.print(f"[bold]understood as[/]\n{escape(read[c.UNDERSTOOD_AS])}\n", highlight=False, soft_wrap=True)
    for rank, one in enumerate(answers, start=1):
        posting = by_id[one.posting_id]
        shown = [str(posting[name]) for name in _SHOWN[1:] if posting[name] is not None]
        console.print(f"[bold]{rank}.[/] {escape(' · '.join(shown))}", highlight=False, soft_wrap=True)
        console.print(f"   [dim]{one.similarity:.3f}: {why(one)}[/]", highlight=False, soft_wrap=True)
    if not answers:
        console.print(f"nothing open on {run_date} is all of this")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("wish", help="in plain words")
    arguments.add_argument("--member", help="whose profile counts besides; as the source spells it")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = plan(asked)
        catalog = open_catalog(given.config.storage, given.store)
        (index, student_id), member = last_index(given, catalog), member_of(given, catalog, asked.member)
        read = read_wish(asked.wish, given.config.wishes)
        answers = answer(
            *(read, member, *readers(given, student(given.store.models, student_id).folder)),
            index,
            run_date=given.night.run_date,
            profile_weight=given.config.searches.profile_weight,
            config=given.config.retrieval,
            count=given.config.ranking.recommendations_per_member,
        )
        ids = [one.posting_id for one in answers]
        postings = rows_of(given, catalog, POSTINGS, In(c.POSTING_ID, ids), None) if ids else []
        show(read, answers, postings, given.night.run_date)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
