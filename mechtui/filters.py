"""What was typed after `/`, as the backend is asked for it: the same for the dashboard and the command line."""

from mechtui.api_client import Filters
from mechtui.search.render import render
from mechtui.search.syntax import Query


def filters_of(query: Query) -> Filters:
    """The query with every day spelt out, so that the backend need not know what day it is here."""
    return Filters(q=render(query.tree)) if query else Filters()
