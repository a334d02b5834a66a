"""What was typed after `/`, as the backend is asked for it: the same for the dashboard and the command line."""

from mechtui.api_client import Filters
from mechtui.query import Filter


def filters_of(wanted: Filter) -> Filters:
    """What the backend can look for. It knows one type at a time, so of several `matches` has the last word."""
    filters = Filters()
    if wanted.words:
        filters["q"] = wanted.text
    if len(wanted.types) == 1:
        filters["type"] = wanted.types[0]
    if wanted.since is not None:
        filters["since"] = wanted.since
    if wanted.until is not None:
        filters["until"] = wanted.until
    return filters
