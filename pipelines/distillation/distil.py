"""Kernel: a student, distilled from a teacher."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipelines.distillation.artifact import write_static_student
from pipelines.distillation.bags import cut_texts
from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.fidelity import mean_cosine, neighbour_overlap
from pipelines.distillation.layers import write_transformer_student
from pipelines.distillation.lessons import CorpusRow, Lessons, ScoredPair, lessons_of
from pipelines.distillation.start import Matrix, least_squares, unit
from pipelines.distillation.static import static_student
from pipelines.distillation.vectors import taught_vectors
from pipelines.embedding.wish_encoder import write_wish_map
from pipelines.teaching.teacher import Encoder
from schemas.errors import ArtifactError, ConfigError, QualityGateError

_HELD_OUT_SHARE = 0.02
_MIN_HELD_OUT = 50
_MIN_TEXTS = 4 * _MIN_HELD_OUT
_NEIGHBOURS = 10
_MAPPED_TEXTS = 20_000
_SPECIAL_TOKENS = 2  # that a teacher adds to each text

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """What there is to learn from.

    Args:
        texts: short texts for the teacher to read.
        corpus: rows with groups, titles and texts.
        scored: pairs that teachers have scored.
    """

    texts: Sequence[str]
    corpus: Sequence[CorpusRow] = ()
    scored: Sequence[ScoredPair] = ()


@dataclass(frozen=True)
class Distilled:
    """A written student, and how well it learnt.

    Args:
        counts: texts taught and held out, groups, scored pairs.
        fidelity: mean cosine to the teacher's vectors, cut to `dimension`, on held-out texts.
        neighbour_overlap: share of the ten nearest held-out texts that it has in common with the whole teacher.
        seconds: wall time per part.
    """

    teacher_id: str
    dimension: int
    counts: Mapping[str, int]
    fidelity: float
    neighbour_overlap: float
    seconds: Mapping[str, float]

    @property
    def figures(self) -> dict[str, float]:
        """All of them by name, for the manifest."""
        held_out = {"fidelity": self.fidelity, "neighbour_overlap": self.neighbour_overlap}
        return {**held_out, **self.counts, **{f"seconds_{part}": took for part, took in self.seconds.items()}}


def distil(
    material: Material,
    *,
    teacher: Encoder,
    model: str,
    config: DistillationConfig,
    workshop: Path,
    folder: Path,
    progress: Progress,
) -> Distilled:
    """A student in `folder`, which `SentenceTransformer(str(folder))` loads; its vectors have unit length.

    The same material in any order, teacher and config give the same weights on the same machine.

    Args:
        teacher: whose vectors, cut to `dimension` leading directions, the student learns.
        model: the teacher's, as `load_bi_encoder` takes it.
        workshop: folder for what has been paid for: vectors, checkpoints; a killed distillation goes on from there.
        folder: exists; its model files are overwritten.
        progress: told what is done, without any text.

    Raises:
        ArtifactError: there are too few texts to learn from.
        ConfigError: the teacher has fewer dimensions than the student should.
        QualityGateError: the student is below `min_fidelity`.
    """
    seconds: dict[str, float] = {}
    texts = sorted(set(cut_texts(sorted(set(material.texts)), teacher.tokenizer, _readable(config))))
    if len(texts) < _MIN_TEXTS:
        raise ArtifactError(f"a student needs at least {_MIN_TEXTS} distinct texts; there are {len(texts)}")
    held_out = _held_out(texts)
    lessons = lessons_of(sorted(set(texts) - set(held_out)), material.corpus, material.scored)
    progress(f"lessons: {len(lessons.taught)} texts, {len(lessons.groups)} groups, {len(lessons.scores)} scored pairs")
    with _timed(seconds, "teacher"):
        vectors = taught_vectors(_taught(lessons), teacher, workshop / "vectors", progress)
    if vectors.shape[1] < config.dimension:
        raise ConfigError(f"distillation.dimension is {config.dimension}; the teacher has {vectors.shape[1]}")
    course = _Course(lessons, vectors, teacher, model, workshop / _digest(lessons, teacher, config))
    with _timed(seconds, "training"):
        student = _student(course, config, folder, progress)
    write_wish_map(folder, wish_map(lessons, vectors, lambda texts: student(texts)[0]))
    learnt, directions = student(held_out)
    taught = teacher.encode(held_out, progress)
    fidelity = mean_cosine(learnt, unit(taught @ directions))
    overlap = neighbour_overlap(learnt, taught, _NEIGHBOURS)
    progress(f"{len(held_out)} texts held out: fidelity {fidelity:.3f}, neighbour overlap {overlap:.3f}")
    if fidelity < config.min_fidelity:
        raise QualityGateError(
            f"the student's fidelity is {fidelity:.3f}, below distillation.min_fidelity ({config.min_fidelity}); "
            f"it was not kept"
        )
    return Distilled(
        teacher_id=teacher.teacher_id,
        dimension=config.dimension,
        counts={
            "texts_taught": len(lessons.taught),
            "texts_held_out": len(held_out),
            "groups": len(lessons.groups),
            "scored_pairs": len(lessons.scores),
        },
        fidelity=fidelity,
        neighbour_overlap=overlap,
        seconds=seconds,
    )


def wish_map(lessons: Lessons, vectors: Matrix, encode: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """float32 [d, dimension], times which the teacher's vectors come nearest to the student's.

    Args:
        lessons: what both have read.
        vectors: float32 [len(lessons.taught), d], the teacher's.
        encode: texts -> the student's.
    """
    some = np.unique(np.linspace(0, len(vectors) - 1, _MAPPED_TEXTS, dtype=np.int64))
    return least_squares(vectors[some], encode([lessons.texts[row] for row in lessons.taught[some]]))


class _Course(NamedTuple):
    """Lessons, the teacher's vectors of those taught, the teacher, its model, and where training keeps its state."""

    lessons: Lessons
    vectors: Matrix
    teacher: Encoder
    model: str
    checkpoint: Path


def _student(
    course: _Course, config: DistillationConfig, folder: Path, progress: Progress
) -> Callable[[Sequence[str]], tuple[Matrix, Matrix]]:
    """The student is in `folder`; what it makes of texts, and the directions of the teacher that it stands for."""
    lessons, vectors, teacher, model, checkpoint = course
    if config.tier == "static":
        static = static_student(
            lessons, vectors, teacher=teacher, config=config, checkpoint=checkpoint, progress=progress
        )
        write_static_student(static, folder)
        return lambda texts: (static.encode(texts), static.directions)
    write_transformer_student(
        model, lessons, vectors, config=config, folder=folder, checkpoint=checkpoint, progress=progress
    )
    from pipelines.embedding.encoders import open_student

    every = np.eye(vectors.shape[1], dtype=np.float32)
    return lambda texts: (open_student(folder, batch_texts=128).encode(texts), every)


def _digest(lessons: Lessons, teacher: Encoder, config: DistillationConfig) -> str:
    """Names the lessons, their teacher and the recipe."""
    digest = hashlib.sha256(f"{teacher.teacher_id}\n{config.model_dump_json()}".encode())
    for part in (lessons.taught, lessons.left, lessons.right, lessons.scores):
        digest.update(part.tobytes())
    for text in lessons.texts:
        digest.update(b"\n" + text.encode())
    return digest.hexdigest()[:16]


def _readable(config: DistillationConfig) -> int:
    return max(1, config.max_teacher_tokens - _SPECIAL_TOKENS)


def _taught(lessons: Lessons) -> list[str]:
    return [lessons.texts[row] for row in lessons.taught]


def _held_out(texts: Sequence[str]) -> list[str]:
    """The texts to measure fidelity on, which hash lowest."""
    n_held_out = max(_MIN_HELD_OUT, math.ceil(_HELD_OUT_SHARE * len(texts)))
    return sorted(sorted(texts, key=lambda text: hashlib.blake2b(text.encode(), digest_size=8).digest())[:n_held_out])


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[part] = round(time.perf_counter() - started, 1)
