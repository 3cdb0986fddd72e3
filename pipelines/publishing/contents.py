"""Kernel: which tables there are, and in which order a night publishes them."""

from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.operations import EVALUATION, NIGHT_PROFILES, QUALITY_RESULTS, RUN_LOG, STUDENT_EVALUATION
from schemas.postings import POSTINGS
from schemas.recommendations import POSTING_RECOMMENDATIONS, RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.teacher_scores import TEACHER_SCORES

NIGHTLY = (
    *(POSTINGS, POSTINGS_REJECTED, MEMBERS, MEMBERS_REJECTED, POSTING_POPULARITY),
    *(MATCHES, MATCH_RECALL, ELIGIBILITY_FUNNEL, SHORTFALLS, RECOMMENDATIONS),  # the product last
)
OF_A_NIGHT = (
    *(POSTING_MATCHES, POSTING_LISTS, POSTING_RECOMMENDATIONS),  # only where the configuration asks for them
    *NIGHTLY,
)
PUBLISHED = (
    *OF_A_NIGHT,
    POSTING_EMBEDDINGS,
    MEMBER_EMBEDDINGS,
    TEACHER_SCORES,
    QUALITY_RESULTS,
    NIGHT_PROFILES,
    RUN_LOG,
    EVALUATION,
    STUDENT_EVALUATION,
    FAIRNESS_AUDIT,
)
