"""What ingest may keep of a row, and when it refuses one."""

from pydantic import Field

from pipelines.section import Section


class IngestConfig(Section):
    """Limits and thresholds of ingest."""

    max_title_chars: int = Field(gt=0)
    max_description_chars: int = Field(gt=0)
    max_age_days: int = Field(gt=0)  # older postings without an expiry date count as expired
    interest_days: int = Field(gt=0)  # how long a view or an application counts for a posting's popularity
    default_country: str | None = None  # for sources that name regions only
    duplicate_similarity: float = Field(gt=0, le=1)  # estimated Jaccard of word shingles, within one company and place
    shingle_words: int = Field(gt=0)
    minhash_permutations: int = Field(gt=0)
