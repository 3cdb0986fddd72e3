"""Each promise names a test that is there."""

import ast
import re

from tests.conftest import PROJECT

ROWS = re.findall(r"^\| (.+?) \| (.+?) \|$", (PROJECT / "docs" / "guarantees.md").read_text(), flags=re.MULTILINE)
PROMISES = [(promise, test) for promise, test in ROWS if promise != "promise"]


def named_in(path):
    tree = ast.parse((PROJECT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_promise_names_a_test_that_is_there():
    assert len(PROMISES) > 30
    named = [re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test) for _, test in PROMISES]
    assert [promise for (promise, _), found in zip(PROMISES, named, strict=True) if not found] == []
    assert [found[0] for found in named if found[2] not in named_in(found[1])] == []


def test_no_promise_stands_twice():
    assert len({promise for promise, _ in PROMISES}) == len({test for _, test in PROMISES}) == len(PROMISES)
