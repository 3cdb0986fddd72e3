"""Kernel: the language that a text is written in, where that is sure."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, *, min_words: int, min_probability: float) -> str | None:
    """ISO 639-1 code; None where the text is too short or its language not sure.

    >>> language_of("we would like to bake bread for the whole town", min_words=4, min_probability=0.9)
    'en'
    >>> language_of("chef in Nice", min_words=4, min_probability=0.9) is None
    True
    """
    if sum(1 for _ in _WORD.finditer(text)) < min_words:
        return None
    language, probability = _identifier().classify(text)
    return str(language) if probability >= min_probability else None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
