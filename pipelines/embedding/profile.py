"""Kernel: the text that a member is embedded as."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.identity import identity_free
from pipelines.ingest.cleaning import has_words
from schemas import columns as c


def member_text(member: Mapping[str, Any], config: EmbeddingConfig) -> str | None:
    """What the member wants and does, then has done, knows and says, and not who they are; None when nothing is known.

    Each field is freed of identity words before anything is cut, so that no cut depends on them.

    Args:
        member: canonical columns; `experiences` are sorted latest first.
        config: how many positions count, how much of a position's description, and where the text is cut, so that what
            comes first weighs most.
    """
    positions = [
        _joined(": ", [_free(held["title"]), _free(held["description"])[: config.experience_chars]])
        for held in (member[c.EXPERIENCES] or [])[: config.recent_experiences]
    ]
    lines = [_listed(member[c.WANTED_TITLES]), _free(member[c.HEADLINE]), *positions]
    text = _joined("\n", [*lines, _listed(member[c.SKILLS]), _free(member[c.ABOUT])])
    text = text[: config.max_text_chars].rstrip(" ")
    return text if has_words(text) else None


def _listed(texts: Sequence[str] | None) -> str:
    return _joined(", ", map(_free, texts or []))


def _free(text: str | None) -> str:
    return identity_free(text) if text else ""


def _joined(between: str, texts: Iterable[str]) -> str:
    return between.join(text for text in texts if text)
