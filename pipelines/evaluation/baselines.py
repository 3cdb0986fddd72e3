"""Kernel: TF-IDF within the member's place, the keyword matching that the night is compared with."""

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer


@dataclass(frozen=True)
class Document:
    """A member or a posting, as keyword matching sees it."""

    id: str
    text: str
    places: Set[str]  # "country/region"; empty: anywhere


def tfidf_lists(members: list[Document], postings: list[Document], k: int) -> dict[str, list[str]]:
    """The `k` postings nearest to each member by TF-IDF cosine, among those in the member's places; ties by id.

    Words and word pairs, sublinear counts, English stop words left out; fitted on the postings.
    """
    postings = sorted(postings, key=lambda posting: posting.id)
    vectorizer = TfidfVectorizer(stop_words="english", ngram_range=(1, 2), sublinear_tf=True)
    right = vectorizer.fit_transform([posting.text for posting in postings]).T.tocsc()
    left = vectorizer.transform([member.text for member in members]).tocsr()
    by_place: dict[str, list[int]] = {}
    for row, posting in enumerate(postings):
        for place in posting.places or {""}:
            by_place.setdefault(place, []).append(row)
    everywhere = np.arange(len(postings))
    lists = {}
    for row, member in enumerate(members):
        local = {row for place in {*member.places, ""} for row in by_place.get(place, [])}
        rows = np.array(sorted(local), dtype=np.int64) if member.places else everywhere
        scores = (left[row] @ right[:, rows]).toarray().ravel()
        lists[member.id] = [postings[rows[i]].id for i in np.argsort(-scores, kind="stable")[:k]]
    return lists
