"""Kernel: which tables there are, and in which order a night publishes them."""

from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.operations import EVALUATION, QUALITY_RESULTS, RUN_LOG, STUDENT_EVALUATION
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SEARCH_MATCHES, SEARCH_RECOMMENDATIONS
from schemas.teacher_scores import TEACHER_SCORES

NIGHTLY = (
    *(POSTINGS, POSTINGS_REJECTED, MEMBERS, MEMBERS_REJECTED, POSTING_POPULARITY),
    *(MATCHES, MATCH_RECALL, ELIGIBILITY_FUNNEL, SHORTFALLS, RECOMMENDATIONS),  # the product last
)
SEARCHED = (SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SEARCH_MATCHES, SEARCH_RECOMMENDATIONS)
OF_A_NIGHT = (
    POSTING_MATCHES,
    POSTING_LISTS,
    *SEARCHED,
    *NIGHTLY,
)  # all before NIGHTLY only where the configuration asks
PUBLISHED = (
    *OF_A_NIGHT,
    POSTING_EMBEDDINGS,
    MEMBER_EMBEDDINGS,
    TEACHER_SCORES,
    QUALITY_RESULTS,
    RUN_LOG,
    EVALUATION,
    STUDENT_EVALUATION,
    FAIRNESS_AUDIT,
)
