import pytest
from pydantic import ValidationError

from pipelines.ranking.config import Weights


def test_weights_that_sum_to_one_are_taken():
    assert Weights(similarity=0.6, recency=0.1, place=0.05, seniority=0.1, skills=0.15).skills == 0.15


def test_weights_that_do_not_sum_to_one_are_refused_with_their_sum():
    with pytest.raises(ValidationError, match=r"weights sum to 1\.1, not 1"):
        Weights(similarity=0.7, recency=0.1, place=0.05, seniority=0.1, skills=0.15)
