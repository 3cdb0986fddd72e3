import json
import tomllib

import great_expectations as gx
import pandas as pd
import pytest

from pipelines.quality.proposal import (
    MIN_ROWS_PER_VALUE,
    ColumnProfile,
    SourceProfile,
    enumerated,
    proposed_suite,
    proposed_thresholds,
)

ROWS = 100
PROFILE = SourceProfile(
    "postings",
    ROWS,
    (
        ColumnProfile("posting_id", "text", 0, distinct=ROWS, shortest=2, longest=3),
        ColumnProfile("title", "text", 10, distinct=50, shortest=4, longest=41),
        ColumnProfile("work_mode", "text", 0, distinct=2, values=("onsite", "remote"), shortest=6, longest=6),
        ColumnProfile("salary_max", "number", 0, distinct=9, low=20_000.0, high=51_000.0),
        ColumnProfile("posted_on", "date", 0, distinct=9, days=2),
        ColumnProfile("company", "text", ROWS),
    ),
    key="posting_id",
)


def source():
    return pd.DataFrame(
        {
            "posting_id": [f"p{one}" for one in range(ROWS)],
            "title": [None] * 10 + ["Head nurse"] * (ROWS - 10),
            "work_mode": ["onsite", "remote"] * (ROWS // 2),
            "salary_max": [20_500.0 + one for one in range(ROWS)],
            "posted_on": [pd.Timestamp("2026-10-31")] * ROWS,
            "company": [None] * ROWS,
        }
    )


def failed(rows, profile=PROFILE):
    """The expectations that do not hold, with the column each is about; the suite went through JSON."""
    suite = gx.ExpectationSuite(**json.loads(json.dumps(proposed_suite(profile))))
    assert len(suite.expectations) > 5
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("source").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": rows})
    results = batch.validate(suite).results
    assert not [one for one in results if one.exception_info.get("raised_exception")]
    kinds = (
        (one.expectation_config.type, one.expectation_config.kwargs.get("column")) for one in results if not one.success
    )
    return {(kind.removeprefix("expect_"), column) for kind, column in kinds}


def test_the_suite_loads_and_the_profiled_source_passes_it():
    assert failed(source()) == set()


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (lambda rows: rows.head(49), ("table_row_count_to_be_between", None)),
        (lambda rows: rows.assign(posting_id="p1"), ("column_values_to_be_unique", "posting_id")),
        (lambda rows: rows.assign(title=[None] * 16 + ["Cook"] * 84), ("column_values_to_not_be_null", "title")),
        (lambda rows: rows.assign(title="x" * 43), ("column_value_lengths_to_be_between", "title")),
        (lambda rows: rows.assign(title=""), ("column_value_lengths_to_be_between", "title")),
        (lambda rows: rows.assign(work_mode="afar"), ("column_values_to_be_in_set", "work_mode")),
        (lambda rows: rows.assign(salary_max=51_001.0), ("column_values_to_be_between", "salary_max")),
        (lambda rows: rows.assign(salary_max=19_999.0), ("column_values_to_be_between", "salary_max")),
    ],
)
def test_a_damaged_copy_fails_it(damage, broken):
    assert broken in failed(damage(source()))


def test_a_key_that_repeats_is_not_said_to_be_unique():
    repeated = SourceProfile("postings", ROWS, PROFILE.columns, "posting_id", key_repeats=1)
    rows = source().assign(posting_id="p1")
    assert failed(rows, repeated) == set()


def test_values_that_few_rows_have_are_no_enumeration():
    often, many = ("remote", MIN_ROWS_PER_VALUE), [(f"v{one}", 10_000) for one in range(21)]
    assert enumerated([often, ("onsite", MIN_ROWS_PER_VALUE)]) == ("onsite", "remote")
    assert enumerated([often, ("Ada Lovelace", MIN_ROWS_PER_VALUE - 1)]) == ()
    assert enumerated(many) == () and len(enumerated(many[:20])) == 20
    assert enumerated([]) == ()


def test_thresholds_are_lines_of_the_configuration():
    proposed = tomllib.loads(proposed_thresholds(PROFILE))
    assert proposed == {"quality": {"min_postings": 50, "max_days_since_posting": 9}}
    done = SourceProfile("interactions", 9, (ColumnProfile("occurred_at", "date", 0, days=0),))
    assert tomllib.loads(proposed_thresholds(done)) == {"quality": {"max_days_since_interaction": 7}}


def test_a_source_without_rows_proposes_a_suite_all_the_same():
    nothing = SourceProfile("members", 0, (ColumnProfile("member_id", "text", 0),), "member_id")
    assert len(proposed_suite(nothing)["expectations"]) == 3
