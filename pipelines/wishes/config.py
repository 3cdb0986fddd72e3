"""How saved searches are read."""

from pydantic import Field

from pipelines.section import Section
from pipelines.teaching.config import EndpointConfig


class WishesConfig(Section):
    """Reading of saved searches."""

    max_chars: int = Field(default=2_000, gt=0)  # of a search; what goes on beyond is not read, and that is said
    languages: list[str] = Field(default=["en"], min_length=1)  # ISO 639-1 that the student knows
    min_language_words: int = Field(default=4, gt=0)  # of a text whose language is looked for
    model: EndpointConfig | None = None  # that reads searches; None: rules do
    min_language_probability: float = Field(default=0.95, ge=0, le=1)  # below: the language counts as not known
