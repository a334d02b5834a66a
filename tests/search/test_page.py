"""The examples of the docs are understood, and those of what is not are not."""

import pytest

from mechtui.search.fields import FIELDS
from mechtui.search.syntax import parse
from mechtui.search.tree import leaves
from tests.tools.search_page import EXAMPLES, MISREAD, TODAY


@pytest.mark.parametrize("text", [*(text for text, _ in EXAMPLES), *(field.example for field in FIELDS.values())])
def test_an_example_is_understood(text: str) -> None:
    query = parse(text, TODAY)
    assert query
    assert query.problems == ()


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_the_example_of_a_field_is_of_that_field(field: object) -> None:
    name, example = field.name, field.example  # type: ignore[attr-defined]
    asked = {leaf.field for leaf in leaves(parse(example, TODAY).tree)}
    assert asked == {"date" if name in {"from", "to", "before", "after"} else name}


@pytest.mark.parametrize("text", MISREAD)
def test_what_is_said_not_to_be_understood_is_not(text: str) -> None:
    assert parse(text, TODAY).problems
