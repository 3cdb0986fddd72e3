"""Kernel: a static student, distilled from a teacher."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pipelines.distillation.bags import mean_vectors, token_bags
from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.fidelity import mean_cosine, neighbour_overlap
from pipelines.distillation.start import Matrix, least_squares, rotation, token_features, unit
from pipelines.distillation.teacher import Teacher
from schemas.errors import ArtifactError, ConfigError, QualityGateError

_HELD_OUT_SHARE = 0.02
_MIN_HELD_OUT = 50
_MIN_TEXTS = 4 * _MIN_HELD_OUT
_NEIGHBOURS = 10
_SPECIAL_TOKENS = 2  # that a teacher adds to each text
_NO_RECIPE = {"when_missing", "teacher", "min_fidelity"}


@dataclass(frozen=True)
class Distilled:
    """A written student, and how well it learnt.

    Args:
        n_texts: texts that it was trained on; those held out come on top.
        fidelity: mean cosine to the teacher's vectors, cut to `dimension`, on held-out texts.
        neighbour_overlap: share of the ten nearest held-out texts that it has in common with the whole teacher.
        seconds: wall time per part.
        recipe: the settings that made it, JSON.
    """

    teacher_id: str
    dimension: int
    n_texts: int
    n_held_out: int
    fidelity: float
    neighbour_overlap: float
    seconds: dict[str, float]
    recipe: dict[str, str | int | float]


def distil(
    texts: Sequence[str],
    *,
    teacher: Teacher,
    config: DistillationConfig,
    folder: Path,
    progress: Callable[[str], None],
) -> Distilled:
    """A static student in `folder`, which `SentenceTransformer(str(folder))` loads; its vectors have unit length.

    The same texts in any order, teacher and config give the same weights.

    Args:
        texts: distinct short texts.
        teacher: whose vectors, cut to `dimension` leading directions, the student learns.
        config: all but `teacher`, `max_texts` and `when_missing` counts.
        folder: exists; its model files are overwritten.
        progress: told what is done, without any text.

    Raises:
        ArtifactError: there are too few texts to learn from.
        ConfigError: the teacher has fewer dimensions than the student should.
        QualityGateError: the student is below `min_fidelity`; nothing is written.
    """
    from pipelines.distillation.training import trained_table  # brings torch: seconds, and most nights distil nothing

    seconds: dict[str, float] = {}
    tokenizer = teacher.tokenizer
    cut, bags = token_bags(sorted(set(texts)), tokenizer, max(1, config.max_teacher_tokens - _SPECIAL_TOKENS))
    if len(cut) < _MIN_TEXTS:
        raise ArtifactError(f"a student needs at least {_MIN_TEXTS} distinct texts; there are {len(cut)}")
    with _timed(seconds, "teacher"):
        taught = teacher.encode(cut, progress)
    if taught.shape[1] < config.dimension:
        raise ConfigError(f"distillation.dimension is {config.dimension}; the teacher has {taught.shape[1]}")
    with _timed(seconds, "vocabulary"):
        features = token_features(teacher, progress)
    training, held_out = _split(cut)
    with _timed(seconds, "training"):
        directions = rotation(taught[training], config.dimension)
        targets = unit(taught @ directions)
        seen = bags.take(training)
        start = least_squares(mean_vectors(seen, features), targets[training])
        table = trained_table(seen, targets[training], features, start, config=config, progress=progress)
    learnt = unit(mean_vectors(bags.take(held_out), table))
    fidelity = mean_cosine(learnt, targets[held_out])
    overlap = neighbour_overlap(learnt, taught[held_out], _NEIGHBOURS)
    progress(f"{len(held_out)} texts held out: fidelity {fidelity:.3f}, neighbour overlap {overlap:.3f}")
    if fidelity < config.min_fidelity:
        raise QualityGateError(
            f"the student's fidelity is {fidelity:.3f}, below distillation.min_fidelity ({config.min_fidelity}); "
            f"it was not kept"
        )
    _write(folder, table, tokenizer)
    return Distilled(
        teacher_id=teacher.teacher_id,
        dimension=config.dimension,
        n_texts=len(training),
        n_held_out=len(held_out),
        fidelity=fidelity,
        neighbour_overlap=overlap,
        seconds=seconds,
        recipe=config.model_dump(exclude=_NO_RECIPE),
    )


def _split(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of the texts to train on and of those held out, which hash lowest."""
    ranks = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
    order = np.array(sorted(range(len(texts)), key=ranks.__getitem__), dtype=np.int64)
    n_held_out = max(_MIN_HELD_OUT, math.ceil(_HELD_OUT_SHARE * len(texts)))
    return np.sort(order[n_held_out:]), np.sort(order[:n_held_out])


def _write(folder: Path, table: Matrix, tokenizer: Tokenizer) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
    from torch.nn import Module

    modules: list[Module] = [StaticEmbedding(tokenizer, embedding_weights=table), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(folder), create_model_card=False)
    (folder / "model.safetensors").chmod(0o644)  # safetensors writes 0600, and executors may be another account


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[part] = round(time.perf_counter() - started, 1)
