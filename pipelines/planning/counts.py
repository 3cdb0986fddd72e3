"""Kernel: how many of everything a night has."""

from dataclasses import dataclass

FLOAT32_BYTES, BFLOAT16_BYTES = 4, 2


@dataclass(frozen=True)
class Counts:
    """What the time and the bytes of a night are proportional to."""

    postings: float  # accepted ones; the source has more rows
    members: float  # accepted ones
    searches: float  # saved ones, that are active
    askers: float  # members and saved searches
    texts: float  # of postings, members and saved searches
    changed_texts: float  # without a vector of the student
    changed_searches: float  # of those, what the teacher reads too
    fresh_postings: float  # that no shard of the last index holds as they are now
    pairs: float  # of an asker and a posting whose product is computed
    multiply_adds: float  # of those products
    matches: float  # of members
    search_matches: float
    posting_matches: float  # members found for postings
    recommendations: float  # all rows of lists
    index_bytes: float
    member_index_bytes: float  # of an index of members, for postings that search
    files: float  # that are published
    shards: int  # that are written
    search_tasks: int
    posting_tasks: int  # of the search for members

    def of(self, name: str) -> float:
        """The count of this name."""
        return float(getattr(self, name))


def index_bytes(postings: float, dimension: int, row_bytes: float) -> float:
    """Bytes of an index: each vector in float32 and in bfloat16, and what else a posting has in its shard.

    >>> index_bytes(10_000_000, 256, row_bytes=64)
    16000000000
    """
    return postings * (dimension * (FLOAT32_BYTES + BFLOAT16_BYTES) + row_bytes)
