"""Kernel: what is compared of a posting to find its duplicates, and the duplicates among fingerprints."""

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.ingest.cleaning import folded
from pipelines.ingest.clusters import leaders
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.minhash import signatures, words_of
from pipelines.ingest.postings import PLACE_KEY
from schemas import columns as c

GROUP, EXACT, SIGNATURE = "duplicate_group", "exact", "signature"
FINGERPRINT = pa.schema(
    [
        (c.SOURCE_ROW, pa.string()),
        (c.POSTED_ON, pa.date32()),
        (GROUP, pa.binary()),  # only postings of one group can be duplicates
        (EXACT, pa.binary()),  # equal for equal texts
        (SIGNATURE, pa.binary()),  # MinHash; null: only equality counts
    ]
)
DUPLICATE = pa.schema([(c.SOURCE_ROW, pa.string()), (c.DUPLICATE_OF, pa.string())])
_SAME = (c.COMPANY_KEY, c.COUNTRY, PLACE_KEY, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.SENIORITY)
COMPARED = (c.SOURCE_ROW, c.POSTED_ON, c.TITLE, c.DESCRIPTION, *_SAME)
_MIN_WORDS = 20  # in fewer, one changed word moves the similarity by more than the threshold leaves
_SEED = 1997
_CALLS = re.compile(
    r"\b(?:apply (?:now|today|here|online)|(?:now|urgently) hiring|hiring now|urgent(?:ly)?|immediate start|asap)\b"
)


def fingerprint(rows: Sequence[Mapping[str, object]], config: IngestConfig) -> pa.RecordBatch:
    """A row of `FINGERPRINT` per posting.

    A group is one company, place, title, work mode, employment type and seniority: in 27,787 federal postings,
    descriptions that agree word for word stood under "Bartender" and "Water Safety Instructor". Texts are compared
    for similarity only where company and place are known; otherwise only equal ones are duplicates.
    """
    words = [words_of(str(row[c.DESCRIPTION] or "")) for row in rows]
    compared = [len(text) >= _MIN_WORDS and _is_located(row) for row, text in zip(rows, words, strict=True)]
    signed = iter(
        signatures(
            [text for text, wanted in zip(words, compared, strict=True) if wanted],
            shingle_words=config.shingle_words,
            permutations=config.minhash_permutations,
            seed=_SEED,
        )
    )
    return pa.RecordBatch.from_arrays(
        [
            pa.array([row[c.SOURCE_ROW] for row in rows], pa.string()),
            pa.array([row[c.POSTED_ON] for row in rows], pa.date32()),
            pa.array([_digest(_title(row), *_key(row)) for row in rows], pa.binary()),
            pa.array([_digest(*text) for text in words], pa.binary()),
            pa.array([next(signed).tobytes() if wanted else None for wanted in compared], pa.binary()),
        ],
        schema=FINGERPRINT,
    )


def duplicates(fingerprints: pa.Table, threshold: float) -> pa.RecordBatch:
    """A row of `DUPLICATE` per posting for which another stands: the latest posted of them, then the smallest id.

    Args:
        fingerprints: whole groups, in any order.
        threshold: similarity from which a text is a duplicate.
    """
    order = pc.sort_indices(
        fingerprints,
        sort_keys=[(GROUP, "ascending"), (c.POSTED_ON, "descending"), (c.SOURCE_ROW, "ascending")],
    )
    ids, groups, exact, signed = (
        fingerprints.column(name).take(order).to_pylist() for name in (c.SOURCE_ROW, GROUP, EXACT, SIGNATURE)
    )
    pairs: list[tuple[str, str]] = []
    for _, same_group in itertools.groupby(range(len(ids)), key=groups.__getitem__):
        at = list(same_group)
        if len(at) > 1:
            found = leaders([exact[i] for i in at], [signed[i] for i in at], threshold=threshold)
            pairs += [
                (ids[i], ids[at[leader]]) for i, leader in zip(at, found.tolist(), strict=True) if i != at[leader]
            ]
    return pa.RecordBatch.from_pydict(
        {c.SOURCE_ROW: [pair[0] for pair in pairs], c.DUPLICATE_OF: [pair[1] for pair in pairs]}, schema=DUPLICATE
    )


def _is_located(row: Mapping[str, object]) -> bool:
    return bool(row[c.COMPANY_KEY] and (row[PLACE_KEY] or row[c.WORK_MODE] == "remote"))


def _title(row: Mapping[str, object]) -> str:
    """The title's letters and digits, without calls to apply."""
    return _CALLS.sub("", folded(str(row[c.TITLE]))).replace(" ", "")


def _key(row: Mapping[str, object]) -> Iterator[str]:
    return (folded(str(row[name])) if row[name] else "" for name in _SAME)


def _digest(*texts: str) -> bytes:
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).digest()
