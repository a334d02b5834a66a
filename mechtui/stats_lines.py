"""A mechanic's figures as lines of the screen, each with what it leads to. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from mechtui.charts import bar, shade, sparkline
from mechtui.figures import Part, Stats, Sum, Times
from mechtui.formatting import Line, Piece, clip, fit, money, one_line, running, type_name
from mechtui.rows import Tab
from mechtui.search.days import Today
from mechtui.stats import Span, by_day, by_hour, rating, same_clock

Worded = Callable[[str], str]

_NAME, _COUNT, _BAR = 15, 5, 22
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Mark:
    """A line; where it stands for sessions that can be listed, `query` finds them in `tab`."""

    line: Line
    query: str = ""
    tab: Tab = Tab.COMPLETED


def marks(stats: Stats, span: Span, clock: Today, *, plain: bool) -> list[Mark]:
    """All figures, from the sums to the single days, by the clock of who looks."""
    days = by_day(stats, span, clock.zone)
    counts = [day.sessions for day in days.values()]
    return [
        *_sums(stats, span),
        *_parts("BY TYPE", stats.by_type, type_name, "type:{}".format, span, plain=plain),
        *_parts("BY PLAN", stats.by_plan, str, _of_plan, span, plain=plain),
        *_ratings(stats, span, plain=plain),
        *_hours(by_hour(stats, clock.zone), span if same_clock(stats, clock) else None, plain=plain),
        *_calendar(days, span, plain=plain),
        _title("BY DAY REQUESTED"),
        *(
            Mark(_row(f"{_DAYS[day.weekday()]} {day:%d.%m.%Y}", sums.sessions, max(counts), money(sums.share_cents),
                      plain=plain), f"from:{day} to:{day}")
            for day, sums in reversed(days.items())
            if sums.sessions
        ),
    ]  # fmt: skip


def _sums(stats: Stats, span: Span) -> list[Mark]:
    total, mean = stats.total, rating(stats)
    length = f"{running(_mean(total.length, total.sessions))} (median {_middle(total.length)})"
    rated = f"{mean:.1f} of 5 ({sum(stats.ratings)} rated)" if mean is not None else "nobody rated yet"
    longest = f", longest {running(stats.waited.longest)}" if stats.waited else ""
    return [
        Mark(_pair("completed", f"{total.sessions}", "length", length if total.length else "-"), span.query),
        Mark(_pair("your share", money(total.share_cents), "of", money(total.price_cents))),
        Mark(_pair("rating", rated, "they waited", f"{_middle(stats.waited)} (median){longest}"),
             f"has:rating {span.query}" if mean is not None else ""),
        Mark(_pair("races", f"{stats.races_won} won, {stats.races_lost} lost", "", "")),
        *_gone("given back", stats.released, "released", span),
        *_gone("cancelled", stats.cancelled, "cancelled", span),
    ]  # fmt: skip


def _gone(words: str, count: int, status: str, span: Span) -> Iterable[Mark]:
    """Those that came to nothing here: they are in History."""
    if count:
        yield Mark(_pair(words, f"{count}", "", ""), f"status:{status} {span.query}", Tab.HISTORY)


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


def _parts(
    title: str, parts: Sequence[Part], named: Worded, found: Worded, span: Span, *, plain: bool
) -> Iterable[Mark]:
    """A line for each part, called as `named` says; `found` is what finds it."""
    most = max((part.sum.sessions for part in parts), default=0)
    yield _title(title)
    for part in parts:
        sums = f"{money(part.sum.share_cents)} of {money(part.sum.price_cents)}, {_middle(part.sum.length)}"
        yield Mark(
            _row(named(part.name), part.sum.sessions, most, sums, plain=plain), f"{found(part.name)} {span.query}"
        )


def _of_plan(name: str) -> str:
    """What finds the sessions of a plan."""
    doubled = name.replace('"', '""')
    return f'plan:="{doubled}"'


def _ratings(stats: Stats, span: Span, *, plain: bool) -> Iterable[Mark]:
    if not sum(stats.ratings):
        return
    yield _title("RATINGS")
    for number in range(5, 0, -1):
        given = stats.ratings[number - 1]
        yield Mark(_row(f"{number} of 5", given, max(stats.ratings), "", plain=plain), f"rating:{number} {span.query}")


def _row(name: str, count: int, most: int, words: str, *, plain: bool) -> Line:
    return (
        Piece(f" {fit(one_line(name), _NAME)}"),
        Piece(bar(count, most, _BAR, plain=plain), "good"),
        Piece(fit(f"{count}", _COUNT, "right"), "strong"),
        Piece(f"   {words}" if count and words else "", "dim"),
    )


def _hours(hours: Sequence[int], span: Span | None, *, plain: bool) -> list[Mark]:
    """The day at a glance, then its hours; without a `span` none of them leads anywhere."""
    if not any(hours):
        return []
    busiest = hours.index(max(hours))
    words = f"  most at {busiest:02}:00, {hours[busiest]}"
    return [
        _title("BY HOUR"),
        Mark((Piece(f" {fit('', _NAME)}"), Piece(sparkline(hours, plain=plain), "good"), Piece(words, "dim"))),
        Mark((Piece(f" {fit('', _NAME)}0     6     12    18", "dim"),)),
        *(
            Mark(_row(f"{hour:02}:00", count, max(hours), "", plain=plain), f"hour:{hour} {span.query}" if span else "")
            for hour, count in enumerate(hours)
            if count
        ),
    ]


def _calendar(sums: dict[date, Sum], span: Span, *, plain: bool) -> list[Mark]:
    """A week a line, a day a column, the darker the more; a line leads to its week. The days follow, a line each."""
    days = {day: one.sessions for day, one in sums.items()}
    if len(days) < 2:
        return []
    lines = [_title("CALENDAR       Mo Tu We Th Fr Sa Su")]
    first, last, most = min(days), max(days), max(days.values())
    monday = first.toordinal() - first.weekday()
    for start in range(monday, last.toordinal() + 1, 7):
        week = [date.fromordinal(start + n) for n in range(7)]
        cells = "".join(f" {shade(days[day], most, plain=plain) * 2}" if day in days else "   " for day in week)
        total = sum(days.get(day, 0) for day in week)
        line = (Piece(f" {fit(f'{week[0]:%d.%m.%Y}', _NAME - 1)}", "dim"), Piece(cells, "good"),
                Piece(f"  {total}", "strong"))  # fmt: skip
        within = Span(max(week[0], span.first), min(week[-1], span.last))
        lines.append(Mark(line, within.query if total else ""))
    return lines


def marked(mark: Mark, width: int, *, here: bool) -> Line:
    """The line of a mark as painted, with or without the cursor on it."""
    start = Piece("▌", "marker") if here else Piece(" ")
    return clip((start, *mark.line), width)
