"""Encode the texts of this night that its student, the one that is current when it starts, has not encoded before."""

import sys
from collections.abc import Sequence
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.check_quality import check
from jobs.read_frames import embedded_texts
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.distillation.shipped import adopt_shipped
from pipelines.distillation.students import StudentArtifact, has_student, pinned_student
from pipelines.embedding.stage import encode_texts, find_new_texts
from pipelines.embedding.student import load_student
from pipelines.embedding.wish_encoder import load_wish_encoder
from pipelines.publishing.progress import Counts
from pipelines.teaching.plan import model_name
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.table import Table

EMBEDDED = ((POSTINGS, POSTING_EMBEDDINGS), (MEMBERS, MEMBER_EMBEDDINGS))


def embed(run: Context) -> Counts:
    """Posting and member embeddings of this run are published."""
    if run.config.distillation.when_missing == "ship" and not has_student(run.store.models):
        adopt_shipped(run.store.models)
    student = pinned_student(run.store.models, run.store.student(run.night.run_id))
    read = encoded = 0
    for _, embeddings in EMBEDDED:
        texts = embedded_texts(run, embeddings, run.tables.staged)
        read += texts.where(F.col(c.CONTENT_HASH).isNotNull()).count()
        encoded += stage_vectors(run, student, texts, embeddings)
    check(run, "embeddings")
    for _, embeddings in EMBEDDED:
        publish_vectors(run, embeddings)
    return Counts(rows_in=read, rows_out=encoded, notes={"student_id": student.student_id})


def stage_vectors(run: Context, student: StudentArtifact, texts: DataFrame, embeddings: Table) -> int:
    """The vectors of those `texts` that the student has not encoded before are staged; how many they are.

    Args:
        run: the night.
        student: in whose space the vectors lie.
        texts: see `embedded_texts`.
        embeddings: table of the vectors.
    """
    known = run.tables.read(embeddings, **{c.STUDENT_ID: student.student_id})
    new, batch_texts = find_new_texts(texts, known), run.config.embedding.batch_texts
    encode = partial(encode_texts, student_id=student.student_id, night=run.night)
    by_student = encode(new.where(~F.col(c.BY_TEACHER)), partial(load_student, student.folder, batch_texts))
    teacher = model_name(run.config.distillation.teacher, run.config.teachers)
    wishes = new.where(c.BY_TEACHER).repartition(run.spark.sparkContext.defaultParallelism)  # few bytes, much work
    by_both = encode(wishes, partial(load_wish_encoder, student.folder, teacher, batch_texts))
    return run.tables.stage(embeddings, by_student.unionByName(by_both))


def publish_vectors(run: Context, embeddings: Table) -> None:
    """The staged vectors are published beside the others; what broken tries left is gone."""
    run.tables.append(embeddings)
    run.tables.tidy(embeddings)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "embed", embed, argv)


if __name__ == "__main__":
    sys.exit(main())
