"""Charts as server-side SVG in our colours and classes, with every value written out as well.

Leather chooses the values along the axis; the drawing is ours, because its own carries fixed colours and
fonts, and ours has to follow the theme without any style attribute.
"""

import math
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from leather.ticks.score import ScoreTicker

from marketplace.ground import money

WIDTH, WIDE, HEIGHT = 360, 760, 210
TOP, BOTTOM, RIGHT = 22, 26, 6  # room for the highest value, the names, the last point
LETTER = 7.2  # the width of a digit at 12 px, to leave room for the axis


def context(kind: str, points: list, *, label: str, caption: str, unit: str, wide: bool) -> dict:
    """What `components/chart.html` shows. `points`: (label, number) pairs; money in minor units.

    Raises ValueError for a kind that is not bar, line or hbar.
    """
    if kind not in ("bar", "line", "hbar"):
        raise ValueError(f"No chart of kind {kind!r}: bar, line or hbar")
    points = [(str(name), value) for name, value in points]
    rows = [(name, say(value, unit)) for name, value in points]
    made = {"kind": kind, "label": label, "caption": caption, "wide": wide, "rows": rows}
    if points and kind == "hbar":
        top = max(Decimal(value) for _, value in points)
        made["bars"] = [
            (name, round(Decimal(value) * 100 / top) if top else 0, say(value, unit))
            for name, value in points
        ]
    elif points:
        made["svg"] = draw(kind, points, unit, WIDTH)
        if wide:  # for a phone the narrow one, whose letters keep their size
            made["svg_wide"] = draw(kind, points, unit, WIDE)
    return made


def say(value, unit: str) -> str:
    """A value in words people read: `$310`, `41%`, `6.5 h`, `1,240`; `money:JPY` for other currencies."""
    if unit.startswith("money"):
        return money.show(int(value), _currency(unit)).removesuffix(".00")
    if unit == "percent":
        return f"{value:g}%"
    return f"{value:g} h" if unit == "hours" else f"{value:,}"


def _currency(unit: str) -> str:
    return unit.partition(":")[2] or "USD"


def draw(kind: str, points: list, unit: str, width: int):
    """The SVG element. Values below zero hang under the line of zero."""
    least = 10 ** money.exponent(_currency(unit)) if unit.startswith("money") else 1
    ticks = axis(max(float(value) for _, value in points), least)
    low = min(0.0, *(float(value) for _, value in points))
    if low < 0:
        step = max(ticks[1] - ticks[0], axis(-low, least)[1])
        ticks = list(range(-step * math.ceil(-low / step), ticks[-1] + step, step))
    left = LETTER * max(len(say(tick, unit)) for tick in ticks) + 8
    floor, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP

    def y(value) -> float:
        return floor - (float(value) - ticks[0]) / (ticks[-1] - ticks[0]) * room

    grid = _shapes('<path class="c-grid" d="M{} {}H{}"/>', ((left, y(tick), width) for tick in ticks))
    scale = _shapes(
        '<text class="c-axis" text-anchor="end" x="{}" y="{}">{}</text>',
        ((left - 8, y(tick) + 4, say(tick, unit)) for tick in ticks),
    )
    marks = (_bars if kind == "bar" else _line)(points, unit, left, width, y)
    return format_html(
        '<svg viewBox="0 0 {} {}" aria-hidden="true">{}{}{}</svg>', width, HEIGHT, grid, scale, marks
    )


def axis(top: float, least: int = 1) -> list[int]:
    """Round whole values from 0 to at least `top` (and `least`), few enough to read."""
    top = max(top, least)
    ticks = sorted(
        {int(tick) for tick in ScoreTicker(Decimal(0), Decimal(str(top))).ticks if tick == int(tick)}
    )
    while ticks[-1] < top:
        ticks.append(ticks[-1] * 2 - ticks[-2] if len(ticks) > 1 else ticks[-1] + least)
    return ticks


def _shapes(template: str, rows):
    """The same shape many times; lengths to a tenth of a unit."""
    return format_html_join(
        "", template, ([round(part, 1) if isinstance(part, float) else part for part in row] for row in rows)
    )


def _names(points: list, at: list[float]):
    """The names below, as many as fit side by side."""
    room = abs(at[1] - at[0]) if len(at) > 1 else WIDE
    longest = LETTER * max(len(name) for name, _ in points)
    every = math.ceil((longest + 6) / max(room, 1))
    last = len(points) - 1
    return _shapes(
        '<text class="c-axis" text-anchor="middle" x="{}" y="{}">{}</text>',
        (
            (x, HEIGHT - 6, name)
            for place, ((name, _), x) in enumerate(zip(points, at, strict=True))
            if (last - place) % every == 0
        ),
    )


def _bars(points: list, unit: str, left: float, width: int, y):
    """The last bar speaks, the others are quiet; values stand above where they fit."""
    step = (width - left) / len(points)
    thick, base = min(step * 0.72, 56), y(0)
    at = [left + step * (place + 0.5) for place in range(len(points))]
    last = len(points) - 1
    bars = _shapes(
        '<rect class="c-bar{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>',
        (
            (
                " c-bar--2" if place != last else "",
                x - thick / 2,
                min(y(value), base),
                thick,
                max(abs(base - y(value)), 1.5),
            )
            for place, ((_, value), x) in enumerate(zip(points, at, strict=True))
        ),
    )
    fits = LETTER * max(len(say(value, unit)) for _, value in points) <= step
    values = _shapes(
        '<text class="c-val" text-anchor="{}" x="{}" y="{}">{}</text>',
        (
            # One that is wider than its place ends where the drawing ends.
            (
                "middle" if fits else "end",
                x if fits else float(width),
                y(value) - 7 if value > 0 else y(value) + 16,
                say(value, unit),
            )
            for place, ((_, value), x) in enumerate(zip(points, at, strict=True))
            if value and (fits or place == last)
        ),
    )
    return bars + values + _names(points, at)


def _line(points: list, unit: str, left: float, width: int, y):
    """A line over its area; the last point is marked and named."""
    inner = width - left - RIGHT - 16
    at = [left + 16 + inner * place / max(len(points) - 1, 1) for place in range(len(points))]
    path = " ".join(f"{x:.1f} {y(value):.1f}" for (_, value), x in zip(points, at, strict=True))
    end, value = at[-1], points[-1][1]
    falling = (
        len(points) > 1 and points[-2][1] > value and y(value) + 19 < y(0)
    )  # then the word stands below the line
    return format_html(
        '<path class="c-area" d="M{start} {base}L{path}V{base}z"/><path class="c-line" d="M{path}"/>'
        '<circle class="c-dot" cx="{end}" cy="{height}" r="5"/>'
        '<text class="c-val" text-anchor="end" x="{end}" y="{over}">{said}</text>{names}',
        start=round(at[0], 1),
        base=round(y(0), 1),
        path=path,
        end=round(end, 1),
        height=round(y(value), 1),
        over=round(y(value) + (19 if falling else -11), 1),
        said=say(value, unit),
        names=_names(points, at),
    )
