"""Kernel: TF-IDF within the member's place, the keyword matching that the night is compared with."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer


@dataclass(frozen=True)
class Document:
    """A member or a posting, as keyword matching sees it."""

    id: str
    text: str
    places: Set[str]  # "country/region"; empty: anywhere


class Places:
    """Where postings are."""

    def __init__(self, postings: Sequence[Document]) -> None:
        self._rows: dict[str, list[int]] = {}
        for row, posting in enumerate(postings):
            for place in posting.places or {""}:
                self._rows.setdefault(place, []).append(row)
        self._everywhere = np.arange(len(postings))

    def local(self, member: Document) -> npt.NDArray[np.int64]:
        """Rows of the postings in one of the member's places or in none, in order; of all for a member without one."""
        if not member.places:
            return self._everywhere
        rows = {row for place in {*member.places, ""} for row in self._rows.get(place, [])}
        return np.array(sorted(rows), dtype=np.int64)


def tfidf_lists(members: list[Document], postings: list[Document], k: int) -> dict[str, list[str]]:
    """The `k` postings nearest to each member by TF-IDF cosine, among those in the member's places; ties by id.

    Words and word pairs, sublinear counts, English stop words left out; fitted on the postings.
    """
    postings = sorted(postings, key=lambda posting: posting.id)
    vectorizer = TfidfVectorizer(stop_words="english", ngram_range=(1, 2), sublinear_tf=True)
    right = vectorizer.fit_transform([posting.text for posting in postings]).T.tocsc()
    left = vectorizer.transform([member.text for member in members]).tocsr()
    places = Places(postings)
    lists = {}
    for row, member in enumerate(members):
        rows = places.local(member)
        scores = (left[row] @ right[:, rows]).toarray().ravel()
        lists[member.id] = [postings[rows[i]].id for i in np.argsort(-scores, kind="stable")[:k]]
    return lists
