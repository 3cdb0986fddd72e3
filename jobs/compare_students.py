"""A challenger beside the champion on one published night; jobs.promote_student decides by it."""

import shutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame

from jobs.build_index import index_postings
from jobs.find_answers import answer_key, sectors
from jobs.start import Context, log
from pipelines.distillation.fidelity import neighbour_overlap
from pipelines.distillation.students import StudentArtifact
from pipelines.embedding.stage import with_vectors
from pipelines.embedding.student import load_student
from pipelines.evaluation.benchmark import Benchmark, read_benchmark
from pipelines.evaluation.metrics import Lists, Relevant
from pipelines.evaluation.stage import RIGHT, sample_members
from pipelines.promotion.comparison import Answers, answered, compared, list_overlap, listed_answers
from pipelines.promotion.gates import Fidelity, Findings
from pipelines.promotion.invariance import Invariance, invariance
from pipelines.promotion.stage import SLICES, member_slices, sample_texts
from pipelines.promotion.swaps import swapped_texts
from pipelines.publishing.artifacts import read_manifest
from pipelines.retrieval.stage import find_matches, searching
from pipelines.teaching.plan import named_encoder
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS
from schemas.errors import ConfigError
from schemas.members import MEMBERS
from schemas.postings import POSTINGS

K = 10
KEYS = ("truth", "views")


class Night(NamedTuple):
    """What both students are asked about."""

    postings: DataFrame
    members: DataFrame  # the sampled ones
    n_postings: int
    keys: Mapping[str, Relevant]
    slices: Mapping[str, Sequence[str]]  # by member
    benchmarks: Sequence[Benchmark]
    posting_texts: Sequence[str]
    read_by_teacher: Sequence[str]


class Answered(NamedTuple):
    """What one student says."""

    lists: Lists
    answers: Sequence[Answers]
    invariance: Sequence[Invariance]
    overlap: float | None  # with the teacher


def compare(run: Context, champion: StudentArtifact, challenger: StudentArtifact) -> Findings:
    """Everything that the gates look at; both students have a vector of every text of the night."""
    config = run.config.promotion
    night = published_night(run)
    teacher_id, taught = "the manifests", None
    if config.teacher_texts:
        teacher = named_encoder(run.config.distillation.teacher, run.config.teachers)
        teacher_id, taught = teacher.teacher_id, teacher.encode(night.read_by_teacher, log.info)
    found = []
    for student in (champion, challenger):
        log.info("promotion: student %s searches and answers", student.student_id)
        lists = nearest_postings(run, night, student)
        model = load_student(student.folder, run.config.embedding.batch_texts)
        keyed = [listed_answers(name, lists, key, night.slices) for name, key in night.keys.items()]
        known = read_manifest(student.folder).recipe.get("figures", {}).get("neighbour_overlap")
        if taught is not None:
            known = neighbour_overlap(model.encode(night.read_by_teacher), taught, K) if len(taught) > K else None
        found.append(
            Answered(
                lists=lists,
                answers=[*keyed, *(answered(benchmark, model.encode) for benchmark in night.benchmarks)],
                invariance=[invariance(model, swaps, night.posting_texts, K) for swaps in swapped_texts()],
                overlap=known,
            )
        )
    before, after = found
    comparisons = [
        one
        for pair in zip(before.answers, after.answers, strict=True)
        for one in compared(*pair, resamples=config.resamples, seed=config.seed)
    ]
    return Findings(
        champion=champion.student_id,
        challenger=challenger.student_id,
        fidelity=Fidelity(teacher_id, before.overlap, after.overlap),
        comparisons=comparisons,
        overlaps=sorted(list_overlap(before.lists, after.lists).values()),
        invariance=after.invariance,
        champion_invariance=before.invariance,
    )


def published_night(run: Context) -> Night:
    """The published postings, a sample of members, and what is right for them.

    Raises:
        ConfigError: a set cannot be answered.
    """
    date, config = {c.RUN_DATE: run.night.run_date}, run.config.promotion
    postings = run.tables.read(POSTINGS, **date)
    everyone = run.tables.read(MEMBERS, **date)
    members = sample_members(everyone, count=config.sample_members)
    n_postings = postings.count()
    slices = {row[c.MEMBER_ID]: list(row[SLICES]) for row in member_slices(members).collect()}
    keys = {name: answer_key(run, members, postings, name).collect() for name in config.sets if name in KEYS}
    unanswerable = sorted(name for name, rows in keys.items() if not rows)
    if unanswerable:
        raise ConfigError(f"promotion.sets: nothing is right for any sampled member by {', '.join(unanswerable)}")
    if "truth" in keys:
        for member, sector in sectors(run).items():
            if member in slices:
                slices[member].append(f"sector {sector}")
    half = -(-config.teacher_texts // 2)
    return Night(
        postings=postings,
        members=members,
        n_postings=n_postings,
        keys={name: {row[c.MEMBER_ID]: frozenset(row[RIGHT]) for row in rows} for name, rows in keys.items()},
        slices=slices,
        benchmarks=[read_benchmark(run.project / name) for name in config.sets if name not in KEYS],
        posting_texts=_texts(postings, config.invariance_postings),
        read_by_teacher=[*_texts(postings, half), *_texts(everyone, half)] if half else [],
    )


def nearest_postings(run: Context, night: Night, student: StudentArtifact) -> Lists:
    """Each sampled member's first ten eligible postings by similarity, exactly, as a night would find them."""
    for left in run.store.indexes.glob(f"{run.night.run_id}.*"):
        shutil.rmtree(left)
    folder, manifest, _ = index_postings(run, night.postings, student.student_id, expected=night.n_postings)
    vectors = run.tables.read(MEMBER_EMBEDDINGS, **{c.STUDENT_ID: student.student_id})
    config = run.config.retrieval.model_copy(update={"matches_per_member": K})
    search = searching(
        index=folder,
        index_id=manifest.artifact_id,
        student_id=student.student_id,
        night=run.night,
        config=config,
    )
    members = with_vectors(night.members, vectors)
    matches = find_matches(members, expected=run.config.promotion.sample_members, search_batches=search, config=config)
    run.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", run.config.retrieval.block_members)
    lists: dict[str, list[str]] = {}
    for row in sorted(matches.collect(), key=lambda row: (-row[c.SIMILARITY], row[c.POSTING_ID])):
        lists.setdefault(row[c.MEMBER_ID], []).append(row[c.POSTING_ID])
    shutil.rmtree(folder)
    return lists


def _texts(entities: DataFrame, count: int) -> list[str]:
    return [row[c.TEXT] for row in sample_texts(entities, count=count).collect()]
