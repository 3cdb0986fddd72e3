import pytest
from pydantic import ValidationError

from pipelines.ranking.config import RankingConfig, Weights
from tests.stages.test_ranking_stage import CONFIG


def test_weights_that_sum_to_one_are_taken():
    assert Weights(similarity=0.6, recency=0.1, place=0.05, seniority=0.1, skills=0.15).skills == 0.15


def test_weights_that_do_not_sum_to_one_are_refused_with_their_sum():
    with pytest.raises(ValidationError, match=r"weights sum to 1\.1, not 1"):
        Weights(similarity=0.7, recency=0.1, place=0.05, seniority=0.1, skills=0.15)


def test_more_places_to_draw_for_than_candidates_are_refused():
    given = CONFIG.model_dump()
    given["exploration"] = {"share": 0.1, "first_rank": 2, "candidates": 1, "seed": 7}
    with pytest.raises(ValidationError, match=r"places from 2 to 3 needs at least one place and as many candidates"):
        RankingConfig(**given)
