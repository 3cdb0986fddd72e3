"""Column names, each written once."""

from typing import Final

# the night
RUN_DATE: Final = "run_date"
RUN_ID: Final = "run_id"

# postings
POSTING_ID: Final = "posting_id"
TITLE: Final = "title"
COMPANY: Final = "company"
DESCRIPTION: Final = "description"
SKILLS: Final = "skills"
COUNTRY: Final = "country"
REGION: Final = "region"
CITY: Final = "city"
WORK_MODE: Final = "work_mode"
EMPLOYMENT_TYPE: Final = "employment_type"
SENIORITY: Final = "seniority"
MIN_YEARS: Final = "min_years"
LANGUAGES: Final = "languages"
SALARY_MIN: Final = "salary_min"
SALARY_MAX: Final = "salary_max"
SALARY_CURRENCY: Final = "salary_currency"
POSTED_ON: Final = "posted_on"
EXPIRES_ON: Final = "expires_on"
STATUS: Final = "status"
COMPANY_KEY: Final = "company_key"
CLUSTER_ID: Final = "cluster_id"

# members
MEMBER_ID: Final = "member_id"
HEADLINE: Final = "headline"
ABOUT: Final = "about"
EXPERIENCES: Final = "experiences"
WANTED_TITLES: Final = "wanted_titles"
YEARS_OF_EXPERIENCE: Final = "years_of_experience"
PLACES: Final = "places"
WORK_MODES: Final = "work_modes"
EMPLOYMENT_TYPES: Final = "employment_types"
MIN_SALARY: Final = "min_salary"
BLOCKED_COMPANIES: Final = "blocked_companies"
OPTED_OUT: Final = "opted_out"
OPEN_TO_RECRUITERS: Final = "open_to_recruiters"
EXCLUDED_COMPANY_KEYS: Final = "excluded_company_keys"
EXCLUDED_POSTING_IDS: Final = "excluded_posting_ids"
VIEWED_POSTING_IDS: Final = "viewed_posting_ids"

# interactions
KIND: Final = "kind"
OCCURRED_AT: Final = "occurred_at"
POPULARITY: Final = "popularity"

# rejected rows
SOURCE_ROW: Final = "source_row"
REASONS: Final = "reasons"
DUPLICATE_OF: Final = "duplicate_of"
ROW: Final = "row"

# embeddings
TEXT: Final = "text"
NAMED_SKILLS: Final = "named_skills"
CONTENT_HASH: Final = "content_hash"
STUDENT_ID: Final = "student_id"
VECTOR: Final = "vector"
INDEX_ID: Final = "index_id"
CONFIG_HASH: Final = "config_hash"

# matches, recommendations
COHORT: Final = "cohort"
EFFORT: Final = "effort"
RECALL: Final = "recall"
SAMPLED_MEMBERS: Final = "sampled_members"
SIMILARITY: Final = "similarity"
RELAXATION: Final = "relaxation"
RANK: Final = "rank"
SCORE: Final = "score"
SCORE_PARTS: Final = "score_parts"
EXPLANATION: Final = "explanation"
RANKER_ID: Final = "ranker_id"
BY_LOT: Final = "by_lot"
PROPENSITY: Final = "propensity"

# shortfalls
MATCHES: Final = "matches"
RECOMMENDATIONS: Final = "recommendations"
REASON: Final = "reason"

# corpora
JOB_GROUP: Final = "job_group"
JOB_NAME: Final = "job_name"
RELATED_GROUP: Final = "related_group"

# eligibility funnel
STEP: Final = "step"
RULE: Final = "rule"
PAIRS_BEFORE: Final = "pairs_before"
REMOVED: Final = "removed"
MEMBERS_LEFT_WITHOUT: Final = "members_left_without"
COUNTED_MEMBERS: Final = "counted_members"

# teacher scores
TEACHER_ID: Final = "teacher_id"
POLICY_VERSION: Final = "policy_version"
PAIR_HASH: Final = "pair_hash"
LEFT_HASH: Final = "left_hash"
RIGHT_HASH: Final = "right_hash"
LEFT_TEXT: Final = "left_text"
RIGHT_TEXT: Final = "right_text"
ORIGIN: Final = "origin"
GRADE: Final = "grade"

# quality, run log, evaluation
TABLE: Final = "table"
GATE: Final = "gate"
NAME: Final = "name"
SEVERITY: Final = "severity"
PASSED: Final = "passed"
OBSERVED: Final = "observed"
EXPECTED: Final = "expected"
STAGE: Final = "stage"
STARTED_AT: Final = "started_at"
SECONDS: Final = "seconds"
ROWS_IN: Final = "rows_in"
ROWS_OUT: Final = "rows_out"
ROWS_REJECTED: Final = "rows_rejected"
OUTCOME: Final = "outcome"
METHOD: Final = "method"
VALUE: Final = "value"
AGAINST: Final = "against"
MEMBERS: Final = "members"
ROWS: Final = "rows"
PROFILE: Final = "profile"

# student evaluation
DATASET: Final = "dataset"
SLICE: Final = "slice"
METRIC: Final = "metric"
LOW: Final = "low"
HIGH: Final = "high"
QUERIES: Final = "queries"

# fairness audit
SIDE: Final = "side"
ATTRIBUTE: Final = "attribute"
AUDIT_GROUP: Final = "audit_group"
K: Final = "k"
REFERENCE: Final = "reference"
DIFFERENCE: Final = "difference"
EFFECT: Final = "effect"
P_VALUE: Final = "p_value"
FINDING: Final = "finding"
SIZE: Final = "size"
