"""A mechanic's figures as lines of the screen, each with what it leads to. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from mechtui.charts import bar, shade, sparkline
from mechtui.figures import Part, Stats, Sum, Times
from mechtui.formatting import Line, Piece, clip, fit, money, running, type_name
from mechtui.stats import Span, by_day, by_hour, rating

_NAME, _COUNT, _BAR = 15, 5, 22
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Mark:
    """A line; where it stands for sessions that can be listed, `query` finds them among the completed."""

    line: Line
    query: str = ""


def marks(stats: Stats, span: Span, zone: tzinfo, *, plain: bool) -> list[Mark]:
    """All figures, from the sums to the single days."""
    days = by_day(stats, span, zone)
    counts = [day.sessions for day in days.values()]
    return [
        *(Mark(line) for line in _sums(stats)),
        *_parts("BY TYPE", stats.by_type, span, plain=plain),
        *_parts("BY PLAN", stats.by_plan, None, plain=plain),
        *_ratings(stats, span, plain=plain),
        *(Mark(line) for line in (*_hours(by_hour(stats, zone), plain=plain), *_calendar(days, plain=plain))),
        _title("BY DAY REQUESTED"),
        *(
            Mark(_row(f"{_DAYS[day.weekday()]} {day:%d.%m.%Y}", sums.sessions, max(counts), money(sums.share_cents),
                      plain=plain), f"from:{day} to:{day}")
            for day, sums in reversed(days.items())
            if sums.sessions
        ),
    ]  # fmt: skip


def _sums(stats: Stats) -> list[Line]:
    total, mean = stats.total, rating(stats)
    length = f"{running(_mean(total.length, total.sessions))} (median {_middle(total.length)})"
    rated = f"{mean:.1f} of 5 ({sum(stats.ratings)} rated)" if mean is not None else "nobody rated yet"
    longest = f", longest {running(stats.waited.longest)}" if stats.waited else ""
    facts = (
        ("completed", f"{total.sessions}", "length", length if total.length else "-"),
        ("your share", money(total.share_cents), "of", money(total.price_cents)),
        ("rating", rated, "they waited", f"{_middle(stats.waited)} (median){longest}"),
        ("races", f"{stats.races_won} won, {stats.races_lost} lost", "given back",
         f"{stats.released}, cancelled {stats.cancelled}"),
    )  # fmt: skip
    return [_pair(*fact) for fact in facts]


def _pair(label: str, value: str, second: str, other: str) -> Line:
    return (
        Piece(f" {fit(label, 11)}", "dim"), Piece(fit(value, 22), "strong"),
        Piece(f"{fit(second, 12)}", "dim"), Piece(other, "strong"),
    )  # fmt: skip


def _mean(times: Times | None, count: int) -> float:
    return times.seconds / count if times and count else 0.0


def _middle(times: Times | None) -> str:
    return running(times.median) if times else "-"


def _title(words: str) -> Mark:
    return Mark((Piece(f" {words}", "accent"),))


def _parts(title: str, parts: Sequence[Part], span: Span | None, *, plain: bool) -> Iterable[Mark]:
    most = max((part.sum.sessions for part in parts), default=0)
    yield _title(title)
    for part in parts:
        name = type_name(part.name) if span else part.name
        sums = f"{money(part.sum.share_cents)} of {money(part.sum.price_cents)}, {_middle(part.sum.length)}"
        query = f"type:{part.name} {span.query}" if span else ""
        yield Mark(_row(name, part.sum.sessions, most, sums, plain=plain), query)


def _ratings(stats: Stats, span: Span, *, plain: bool) -> Iterable[Mark]:
    if not sum(stats.ratings):
        return
    yield _title("RATINGS")
    for number in range(5, 0, -1):
        given = stats.ratings[number - 1]
        yield Mark(_row(f"{number} of 5", given, max(stats.ratings), "", plain=plain), f"rating:{number} {span.query}")


def _row(name: str, count: int, most: int, words: str, *, plain: bool) -> Line:
    return (
        Piece(f" {fit(name, _NAME)}"),
        Piece(bar(count, most, _BAR, plain=plain), "good"),
        Piece(fit(f"{count}", _COUNT, "right"), "strong"),
        Piece(f"   {words}" if count and words else "", "dim"),
    )


def _hours(hours: Sequence[int], *, plain: bool) -> list[Line]:
    if not any(hours):
        return []
    busiest = hours.index(max(hours))
    words = f"  most at {busiest:02}:00, {hours[busiest]}"
    return [
        (Piece(" BY HOUR", "accent"),),
        (Piece(f" {fit('', _NAME)}"), Piece(sparkline(hours, plain=plain), "good"), Piece(words, "dim")),
        (Piece(f" {fit('', _NAME)}0     6     12    18", "dim"),),
    ]


def _calendar(sums: dict[date, Sum], *, plain: bool) -> list[Line]:
    """A week a line, a day a column, the darker the more."""
    days = {day: one.sessions for day, one in sums.items()}
    if len(days) < 2:
        return []
    lines: list[Line] = [(Piece(" CALENDAR       Mo Tu We Th Fr Sa Su", "accent"),)]
    first, last, most = min(days), max(days), max(days.values())
    monday = first.toordinal() - first.weekday()
    for start in range(monday, last.toordinal() + 1, 7):
        week = [date.fromordinal(start + n) for n in range(7)]
        cells = "".join(f" {shade(days[day], most, plain=plain) * 2}" if day in days else "   " for day in week)
        total = sum(days.get(day, 0) for day in week)
        lines.append((Piece(f" {fit(f'{week[0]:%d.%m.%Y}', _NAME - 1)}", "dim"), Piece(cells, "good"),
                      Piece(f"  {total}", "strong")))  # fmt: skip
    return lines


def marked(mark: Mark, width: int, *, here: bool) -> Line:
    """The line of a mark as painted, with or without the cursor on it."""
    start = Piece("▌", "marker") if here else Piece(" ")
    return clip((start, *mark.line), width)
