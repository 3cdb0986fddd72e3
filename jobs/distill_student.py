"""Distil a student from the teacher on this night's texts, and make it the current one."""

import sys
from collections.abc import Sequence

from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.distillation.distil import Distilled, distil
from pipelines.distillation.stage import sample_documents
from pipelines.distillation.students import adopt_student, draft_folder
from pipelines.distillation.teacher import load_teacher
from pipelines.distillation.texts import training_texts
from pipelines.publishing.progress import Counts
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.postings import POSTINGS


def distill(run: Context) -> Counts:
    """A student distilled on the texts of this run is current."""
    config = run.config.distillation
    entities = [run.tables.staged(table) for table in (POSTINGS, MEMBERS)]
    documents = [row[c.TEXT] for frame in entities for row in sample_documents(frame, config=config).collect()]
    teacher = load_teacher(config.teacher)
    texts = training_texts(documents, config=config)
    with draft_folder(run.store.models) as folder:
        distilled = distil(texts, teacher=teacher, config=config, folder=folder, progress=log.info)
        student = adopt_student(
            folder,
            run.store.models,
            dimension=distilled.dimension,
            teacher_id=distilled.teacher_id,
            recipe={"config": distilled.recipe, "figures": figures(distilled)},
        )
    return Counts(rows_in=len(documents), rows_out=distilled.n_texts, notes={"student_id": student.student_id})


def figures(distilled: Distilled) -> dict[str, float]:
    """How well the student learnt, and how long each part took, in seconds."""
    held_out = {"fidelity": distilled.fidelity, "neighbour_overlap": distilled.neighbour_overlap}
    return held_out | {f"seconds_{part}": seconds for part, seconds in distilled.seconds.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "distill", distill, argv)


if __name__ == "__main__":
    sys.exit(main())
