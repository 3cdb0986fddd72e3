"""Kernel: what a student learns from: texts, groups of texts that mean one job, and pairs that teachers have scored."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, identity

Rows = npt.NDArray[np.int64]

_WINDOW_CHARS = 500
_MAX_WINDOWS = 4  # of one text
_MAX_GROUP_TEXTS = 40


class CorpusRow(NamedTuple):
    """One row of a corpus; without a job group, rows of one title are a group."""

    job_group: str | None
    job_name: str | None
    title: str | None
    text: str | None
    related_group: str | None


class ScoredPair(NamedTuple):
    """Two texts, and how well a teacher says they fit, in [0, 1]."""

    left: str
    right: str
    score: float


class Group(NamedTuple):
    """Rows of the texts that name one job, and of those that describe it; `names` are titles of the group itself."""

    names: Rows
    titles: Rows
    texts: Rows


@dataclass(frozen=True)
class Lessons:
    """All that is learnt from.

    Args:
        texts: distinct; rows below are positions in it.
        taught: rows that the teacher reads.
        groups: each with at least two texts.
        related: bool [n_groups, n_groups], symmetric, true on its diagonal: groups that are no counterexamples.
        left, right: rows of scored pairs.
        scores: float32 [n_pairs].
    """

    texts: Sequence[str]
    taught: Rows
    groups: Sequence[Group]
    related: csr_matrix
    left: Rows
    right: Rows
    scores: npt.NDArray[np.float32]


def lessons_of(taught: Sequence[str], corpus: Iterable[CorpusRow], scored: Sequence[ScoredPair]) -> Lessons:
    """The same lessons for the same rows in any order."""
    titles: dict[str, dict[str, str]] = {}
    called: dict[str, set[str]] = {}
    described: dict[str, dict[str, str]] = {}
    relations: set[tuple[str, str]] = set()
    for row in corpus:
        name = row.job_group or (row.title or "").casefold()
        if row.related_group:
            relations.add((name, row.related_group))
        for title in filter(None, (row.job_name, row.title if row.job_group or row.text else None)):
            spellings = titles.setdefault(name, {})
            spellings[title.casefold()] = min(title, spellings.get(title.casefold(), title))
        if row.job_name:
            called.setdefault(name, set()).add(row.job_name.casefold())
        if row.text:
            described.setdefault(name, {}).update((window, window) for window in windows(row.text))
    chosen = {name: _lowest(texts.values(), _MAX_GROUP_TEXTS) for name, texts in described.items()}
    names = sorted(name for name in titles if len(titles[name]) + len(chosen.get(name, ())) > 1)
    pairs = sorted(set(scored))
    texts = sorted(
        {*taught}
        | {title for name in names for title in titles[name].values()}
        | {text for name in names for text in chosen.get(name, ())}
        | {side for pair in pairs for side in (pair.left, pair.right)}
    )
    place = {text: row for row, text in enumerate(texts)}

    def rows(some: Iterable[str]) -> Rows:
        return np.array(sorted(place[text] for text in some), dtype=np.int64)

    return Lessons(
        texts=texts,
        taught=rows(set(taught)),
        groups=[
            Group(
                rows(titles[name][spelling] for spelling in called.get(name, ())),
                rows(titles[name].values()),
                rows(chosen.get(name, ())),
            )
            for name in names
        ],
        related=_related(names, relations),
        left=np.array([place[pair.left] for pair in pairs], dtype=np.int64),
        right=np.array([place[pair.right] for pair in pairs], dtype=np.int64),
        scores=np.array([pair.score for pair in pairs], dtype=np.float32),
    )


def windows(text: str) -> list[str]:
    """The text in pieces of about 500 characters that end between words, at most four of them, chosen by hash.

    >>> [len(piece) for piece in windows("word " * 150)]
    [499, 249]
    """
    pieces: list[str] = []
    rest = " ".join(text.split())
    while len(rest) > _WINDOW_CHARS:
        cut = rest.rfind(" ", 0, _WINDOW_CHARS + 1)
        cut = cut if cut > 0 else _WINDOW_CHARS
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return _lowest([*pieces, rest] if rest else pieces, _MAX_WINDOWS)


def _related(names: Sequence[str], relations: Iterable[tuple[str, str]]) -> csr_matrix:
    code = {name: position for position, name in enumerate(names)}
    known = [(code[one], code[two]) for one, two in relations if one in code and two in code]
    ones, twos = ([pair[side] for pair in known] for side in (0, 1))
    matrix = csr_matrix((np.ones(len(known), dtype=bool), (ones, twos)), shape=(len(names), len(names)))
    return (matrix + matrix.T + identity(len(names), dtype=bool, format="csr")).astype(bool).tocsr()


def _lowest(texts: Iterable[str], count: int) -> list[str]:
    kept = list(texts)
    if len(kept) <= count:
        return kept
    lowest = set(sorted(kept, key=lambda text: hashlib.blake2b(text.encode(), digest_size=8).digest())[:count])
    return [text for text in kept if text in lowest]
