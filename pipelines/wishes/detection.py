"""Kernel: the language that a text is written in, where that is sure."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipelines.ingest import vocabulary
from pipelines.wishes.config import WishesConfig

_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, said: str | None, config: WishesConfig) -> tuple[str | None, bool]:
    """The language that is said, else the one found where that is sure; and whether the student knows it.

    >>> language_of("chef in Nice", "fr-FR", WishesConfig()), language_of("chef in Nice", None, WishesConfig())
    (('fr', False), (None, True))
    """
    told = vocabulary.language(said) if said else None
    found = told or _found(text, min_words=config.min_language_words, min_probability=config.min_language_probability)
    return found, found is None or found in config.languages


def _found(text: str, *, min_words: int, min_probability: float) -> str | None:
    """ISO 639-1 code; None where the text is too short or its language not sure.

    >>> _found("we would like to bake bread for the whole town", min_words=4, min_probability=0.9)
    'en'
    >>> _found("chef in Nice", min_words=4, min_probability=0.9) is None
    True
    """
    if sum(1 for _ in _WORD.finditer(text)) < min_words:
        return None
    language, probability = _identifier().classify(text)
    return str(language) if probability >= min_probability else None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
