"""docs/quality.md says of each rule what the code says."""

import re
import tomllib

from pipelines.quality.config import QualityConfig
from schemas import search_suites, suites
from schemas.comparisons import COMPARED
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "quality.md").read_text()
ROW = re.compile(r"^\| `(\w+)\.(\w+)` \| (\w+) \| (block|warn) \| (.*?) \|$", flags=re.MULTILINE)


def bounds(rule):
    sides = (("at least", rule.minimum), ("at most", rule.maximum))
    return ", ".join(
        f"{side} " + (f"`{bound}`" if isinstance(bound, str) else f"{bound:g}")
        for side, bound in sides
        if bound is not None
    )


def test_every_rule_stands_on_the_page_with_its_table_severity_and_bounds():
    rules = [(suite, rule) for suite in (*suites.SUITES, *search_suites.SUITES, *COMPARED) for rule in suite.rules]
    said = [tuple(row) for row in ROW.findall(PAGE)]
    assert said == sorted((suite.gate, rule.name, suite.table, rule.severity, bounds(rule)) for suite, rule in rules)


def test_every_threshold_stands_on_the_page_with_the_value_that_nights_start_from():
    base = tomllib.loads((PROJECT / "conf" / "base.toml").read_text())["quality"]
    said = dict(re.findall(r"^\| `(\w+)` \| ([\d.,_]+) \|", PAGE, flags=re.MULTILINE))
    thresholds = {name: value for name, value in base.items() if isinstance(value, int | float)}
    assert {name: float(value.replace(",", "")) for name, value in said.items()} == thresholds | base["history"]
    assert set(thresholds) == set(QualityConfig.model_fields) - {"history", "severities"}
