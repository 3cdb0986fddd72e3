"""Each promise, and each line on hostile input, names a test that is there."""

import ast
import re

import pytest

from tests.conftest import PROJECT

DOCUMENTS = {"guarantees.md": 30, "hostile-input.md": 30}


def rows_of(document):
    """What is promised, and the test of it: the first cells and the last one of each line of the tables."""
    text = (PROJECT / "docs" / document).read_text()
    cells = [row.split(" | ") for row in re.findall(r"^\| (.+) \|$", text, flags=re.MULTILINE)]
    return [(tuple(told), test) for *told, test in cells if test != "test"]


def named_in(path):
    tree = ast.parse((PROJECT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_promise_names_a_test_that_is_there(document):
    promises = rows_of(document)
    assert len(promises) > DOCUMENTS[document]
    named = [re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test) for _, test in promises]
    assert [promise for (promise, _), found in zip(promises, named, strict=True) if not found] == []
    assert [found[0] for found in named if found[2] not in named_in(found[1])] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_promise_stands_twice(document):
    promises = rows_of(document)
    assert len({promise for promise, _ in promises}) == len({test for _, test in promises}) == len(promises)
