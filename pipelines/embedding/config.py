"""How texts are encoded."""

from pydantic import Field

from pipelines.section import Section


class EmbeddingConfig(Section):
    """Encoding of one night's new texts."""

    batch_texts: int = Field(gt=0)  # texts per call of the student
    recent_experiences: int = Field(gt=0)  # how many of a member's latest positions are part of the text
    experience_chars: int = Field(gt=0)  # of a position's description; titles say more, and all words weigh the same
    max_text_chars: int = Field(gt=0)
