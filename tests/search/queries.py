"""Queries made at random, out of what is in the shop and what is not."""

from hypothesis import strategies as st

from mechtui.search.fields import ALIASES, FIELDS, FLAGS, STATUSES, THINGS, TYPES
from tests.search.shop import CONCERNS, MAKES, MODELS, NAMES, PLATES, VINS, YEARS

_TEXTS = [text for text in (*NAMES, *MAKES, *MODELS, *PLATES, *VINS, *YEARS, *CONCERNS) if text]
_PIECES = sorted({piece for text in _TEXTS for piece in (text, *text.split(), text[:3], text[1:4])})
_DAYS = (
    "today", "yesterday", "last week", "this month", "monday", "7d", "3h", "2w", "2026-11", "2026-11-24", "2026",
    "2026-11-24T18:42:07.000Z", "2026-13", "9999-12-31", "0001-01-01",
)  # fmt: skip
_LENGTHS = ("5m", "300000ms", "0s", "1h30m", "1d", "5", "m", "999999999999999d")

_operator = st.sampled_from(("", "", "", "<", "<=", ">", ">=", "="))
_plain = st.sampled_from(_PIECES)
_quoted = _plain.map(lambda text: '"' + text.replace('"', '""') + '"')
_starred = st.tuples(st.one_of(_plain, _quoted), st.sampled_from(("", "", "*"))).map("".join)
_number = st.sampled_from([*map(str, range(7)), "2009", "2015", "2018", "98", "9.99", "29", "29.99", "49.9", *_LENGTHS])
_value = st.one_of(
    _starred,
    _number,
    st.sampled_from([*_DAYS, *TYPES, *STATUSES, *FLAGS, *THINGS, "P0420", "p03", "P0420*", "nothing", ""]),
    st.tuples(_number, _number).map("..".join),
    st.tuples(st.sampled_from(_DAYS), st.sampled_from(_DAYS)).map("..".join),
)
_hour = st.sampled_from(("0", "8", "08:30", "18", "23", "23:59", "00:00Z", "14:30Z", "23:59Z", "24", "8:3", ""))
_plan = st.sampled_from(("video", "Chat*", '"Free chat"', "diag", "45"))
_values = st.lists(st.tuples(_operator, _value).map("".join), min_size=1, max_size=3).map(",".join)
_key = st.sampled_from([*FIELDS, *ALIASES, "colour"])
_fitting = st.one_of(
    st.sampled_from([field.example for field in FIELDS.values()]),
    st.sampled_from(FLAGS).map("is:{}".format),
    st.sampled_from(THINGS).map("has:{}".format),
    st.sampled_from(STATUSES).map("status:{}".format),
    st.tuples(st.just("hour:"), _operator, _hour).map("".join),
    st.tuples(st.just("hour:"), _hour, _hour).map(lambda parts: f"{parts[0]}{parts[1]}..{parts[2]}"),
    st.tuples(st.sampled_from(("plan:", "plan:=")), _plan).map("".join),
    st.tuples(st.sampled_from(("wait:", "length:")), _operator, st.sampled_from(_LENGTHS)).map("".join),
    st.tuples(st.sampled_from(("rating:", "year:", "price:")), _operator, _number).map("".join),
)
_term = st.one_of(
    _starred, st.sampled_from([*_DAYS, *TYPES]), _fitting, st.tuples(_key, st.just(":"), _values).map("".join)
)

queries = st.recursive(
    st.tuples(st.sampled_from(("", "", "-")), _term).map("".join),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" or ".join),
        inner.map("({})".format),
        inner.map("-({})".format),
    ),
    max_leaves=6,
)
"""Queries as people could type them."""
