"""How saved searches are searched for."""

from typing import Literal

from pydantic import Field

from pipelines.section import Section


class SearchesConfig(Section):
    """Saved searches in the night."""

    wish_encoder: Literal["teacher", "student"]  # "teacher": it and the student; about a hundredth of a second a wish
    profile_weight: float = Field(ge=0, le=1)  # of the member's profile in the query, beside the wish
    max_unseen_days: int = Field(gt=0)  # a search at whose results nobody has looked for longer rests
