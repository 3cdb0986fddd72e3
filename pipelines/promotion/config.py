"""What a challenger is measured on, and the bounds that it must keep."""

from pydantic import Field

from pipelines.section import Section


class PromotionConfig(Section):
    """One promotion; a difference is the challenger's mean minus the champion's, its interval a paired bootstrap's."""

    sets: list[str]  # answer keys: "truth", "views", or folders of queries, corpus and judgements
    sample_members: int = Field(gt=1)  # whose lists are compared, chosen by hash
    teacher_texts: int = Field(ge=0)  # of the night, read by the teacher; 0: the manifests' figures count
    invariance_postings: int = Field(gt=10)  # whose order must not depend on a name
    resamples: int = Field(gt=0)
    seed: int
    max_fidelity_loss: float = Field(ge=0, le=1)  # of the ten nearest texts shared with the teacher
    max_set_loss: float = Field(ge=0, le=1)  # lower end of the difference in nDCG@10, on each set
    max_slice_loss: float = Field(ge=0, le=1)  # difference in nDCG@10 on a slice, once its interval is clear of zero
    min_slice_queries: int = Field(gt=1)  # smaller slices are reported and judge nothing
    min_list_overlap: float = Field(ge=0, le=1)  # mean share of the first ten postings that stay
    min_invariance_cosine: float = Field(ge=-1, le=1)  # mean over texts that differ in names or gendered words alone
    min_invariance_overlap: float = Field(ge=0, le=1)  # mean share of the first ten postings that stay for them
