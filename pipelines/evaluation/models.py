"""Kernel: the models that a command line names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pipelines.distillation.students import current_student
from pipelines.embedding.student import load_student
from pipelines.evaluation.rankers import Encode, Matrix, Ranker, bm25, tfidf, tfidf_chars, vectors
from pipelines.publishing import artifacts
from pipelines.teaching.bi_encoder import load_bi_encoder, model_folder, weights_digest
from schemas.errors import ArtifactError, ConfigError, listed

KEYWORDS: dict[str, Ranker] = {"bm25": bm25, "tfidf": tfidf, "tfidf-chars": tfidf_chars}
CURRENT, TEACHER = "current", "teacher"


@dataclass(frozen=True)
class Shelf:
    """Where names of models are looked up."""

    students: Path
    teacher: str  # as distillation.teacher has it
    batch_texts: int


@dataclass(frozen=True)
class Model:
    """A model by name; one that embeds has its call and its folder as well.

    Args:
        method: what figures call it; names that mean the same model have the same one.
        encode: texts -> vectors of all dimensions, computed at every call.
        recall: the same, which remembers its last two calls.
    """

    method: str
    rank: Ranker
    encode: Encode | None = None
    folder: Path | None = None
    recall: Encode | None = None


def named_models(names: Sequence[str], shelf: Shelf) -> list[Model]:
    """The models in the order of their names, each loaded once, however many cuts of it are asked for.

    A name is `current`, `teacher`, `bm25`, `tfidf`, `tfidf-chars`, a student id or the folder of a
    sentence-transformers model; `:128` after it cuts its vectors to 128 leading dimensions, again of unit length.

    Raises:
        ConfigError: names that mean nothing, or more dimensions than a model has; all unknown names are listed.
        ArtifactError: a model is missing, damaged or not in safetensors files.
    """
    asked = [split_name(name) for name in names]
    unknown = [name for name, (base, cut) in zip(names, asked, strict=True) if not _known(base, cut, shelf)]
    if unknown:
        known = f"{CURRENT}, {TEACHER}, {', '.join(KEYWORDS)} (these without a cut), a student id, a model's folder"
        raise ConfigError(listed(f"no such model(s); known are {known}:", unknown))
    loaded = {base: _loaded(base, shelf) for base, _ in dict.fromkeys(asked)}
    models = [_cut(loaded[base], dimension) for base, dimension in asked]
    return list({model.method: model for model in models}.values())


def split_name(name: str) -> tuple[str, int | None]:
    """The model and the cut.

    >>> split_name("current:128"), split_name("package:some-model")
    (('current', 128), ('package:some-model', None))
    """
    base, _, cut = name.rpartition(":")
    return (base, int(cut)) if base and cut.isdecimal() and int(cut) > 0 else (name, None)


def _known(base: str, dimension: int | None, shelf: Shelf) -> bool:
    if base in KEYWORDS:
        return dimension is None
    return base in (CURRENT, TEACHER) or artifacts.exists(shelf.students / base) or Path(base).is_dir()


def _loaded(base: str, shelf: Shelf) -> Model:
    if base in KEYWORDS:
        return Model(base, KEYWORDS[base])
    if base == TEACHER:
        teacher = load_bi_encoder(shelf.teacher)
        return _embedding(
            f"teacher {teacher.teacher_id}", lambda texts: teacher.encode(texts, _quiet), model_folder(shelf.teacher)
        )
    folder = current_student(shelf.students).folder if base == CURRENT else shelf.students / base
    if base != CURRENT and not artifacts.exists(folder):
        return _embedding(base, open_folder(Path(base), shelf.batch_texts), Path(base))
    student = load_student(folder, shelf.batch_texts)
    return _embedding(f"student {artifacts.read_manifest(folder).artifact_id}", student.encode, folder)


def open_folder(folder: Path, batch_texts: int) -> Encode:
    """The sentence-transformers model in any folder, from safetensors files only and without code of its own.

    Raises:
        ArtifactError: it cannot be loaded so.
    """
    from pipelines.embedding.encoders import open_student  # brings torch

    weights_digest(folder, str(folder))
    try:
        return open_student(folder, batch_texts).encode
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{folder} is no sentence-transformers model: {error}") from error


def _embedding(method: str, encode: Encode, folder: Path) -> Model:
    remembered = lru_cache(maxsize=2)(encode)  # one benchmark's queries and documents, for every cut

    def recall(texts: Sequence[str]) -> Matrix:
        return remembered(tuple(texts))

    return Model(method, vectors(recall), encode, folder, recall)


def _cut(model: Model, dimension: int | None) -> Model:
    if dimension is None or model.encode is None or model.recall is None:
        return model
    whole = model.encode(["width"]).shape[1]
    if dimension > whole:
        raise ConfigError(f"{model.method}:{dimension}: the model has {whole} dimensions")
    return replace(model, method=f"{model.method}:{dimension}", rank=vectors(model.recall, dimension))


def _quiet(_: str) -> None:
    """Nothing is told."""
