"""Encode the texts of this night that the current student has not encoded before."""

import sys
from collections.abc import Sequence

from pyspark.sql import functions as F

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.distillation.students import current_student
from pipelines.embedding.stage import encode_texts, find_new_texts
from pipelines.publishing.progress import Counts
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS


def embed(run: Context) -> Counts:
    """Posting and member embeddings of this run are published."""
    student = current_student(run.store.models)
    read = encoded = 0
    for entities, embeddings in ((POSTINGS, POSTING_EMBEDDINGS), (MEMBERS, MEMBER_EMBEDDINGS)):
        texts = run.tables.staged(entities)
        known = run.tables.read(embeddings, **{c.STUDENT_ID: student.student_id})
        vectors = encode_texts(
            find_new_texts(texts, known),
            student_folder=student.folder,
            student_id=student.student_id,
            night=run.night,
            config=run.config.embedding,
        )
        read += texts.where(F.col(c.CONTENT_HASH).isNotNull()).count()
        encoded += run.tables.stage(embeddings, vectors)
    check(run, "embeddings")
    for embeddings in (POSTING_EMBEDDINGS, MEMBER_EMBEDDINGS):
        run.tables.append(embeddings)
        run.tables.tidy(embeddings)
    return Counts(rows_in=read, rows_out=encoded, notes={"student_id": student.student_id})


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "embed", embed, argv)


if __name__ == "__main__":
    sys.exit(main())
