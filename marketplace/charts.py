"""Charts as server-side SVG in our colours: leather does the scales, we do the look and the words.

Leather writes presentation attributes (allowed under the strict CSP); here they give way to the classes of
`static/css/foothold.css`, so that charts follow the theme, and every value is written out as well.
"""

from decimal import Decimal
from xml.etree import ElementTree as ET

import leather
from django.utils.safestring import mark_safe
from leather import theme

from marketplace.ground import money

WIDTH, HEIGHT, WIDE = 360, 216, 760
theme.margin = 0
theme.background_color = "none"
theme.tick_font_size = theme.tick_font_char_height = 12
theme.tick_font_char_width = 7
COLOURS = ("fill", "stroke", "stroke-width", "font-family", "font-size")


def context(kind: str, points: list, *, label: str, caption: str, unit: str, wide: bool) -> dict:
    """What `components/chart.html` shows. `points`: (label, number) pairs; money in minor units."""
    points = [(str(name), value) for name, value in points]
    rows = [(name, say(value, unit)) for name, value in points]
    made = {"kind": kind, "label": label, "caption": caption, "wide": wide, "rows": rows, "unit": unit}
    if not points:
        return made
    if kind == "hbar":
        top = max(Decimal(value) for _, value in points)
        made["bars"] = [(name, share_of(value, top), say(value, unit)) for name, value in points]
        return made
    if kind not in ("bar", "line"):
        raise ValueError(f"No chart of kind {kind!r}: bar, line or hbar")
    made["svg"] = mark_safe(draw(kind, points, unit, wide))  # noqa: S308 - built with ElementTree, which escapes
    return made


def share_of(value, top) -> int:
    return round(Decimal(value) * 100 / top) if top else 0


def say(value, unit: str) -> str:
    """A value in words people read: `$310`, `41%`, `6.5 h`, `1,240`."""
    if unit == "money":
        text = money.show(int(value))
        return text.removesuffix(".00")
    if unit == "percent":
        return f"{value:g}%"
    if unit == "hours":
        return f"{value:g} h"
    return f"{value:,}"


def draw(kind: str, points: list, unit: str, wide: bool) -> str:
    """The SVG element as text."""
    width, top = (WIDE if wide else WIDTH), max(Decimal(value) for _, value in points)
    chart = leather.Chart()
    if top <= 0:
        chart.add_y_scale(0, 1)
    chart.add_y_axis(tick_formatter=lambda value, i, n: say(value if unit != "money" else int(value), unit))
    data = [(name, float(value)) for name, value in points]
    if kind == "bar":
        chart.add_columns(data)
    else:
        chart.add_line(data)
        chart.add_dots(data)
        if top > 0:
            chart.add_y_scale(0, float(top) * 1.08)
    svg = ET.fromstring(chart.to_svg(width=width, height=HEIGHT))
    _restyle(svg, width)
    _write_values(svg, kind, [say(value, unit) for _, value in points])
    return ET.tostring(svg, encoding="unicode").replace("ns0:", "").replace("xmlns:ns0", "xmlns")


def _restyle(svg, width: int) -> None:
    """Leather's colours and fonts out, our classes in; a view box instead of a fixed size."""
    for name in ("width", "height", "version"):
        svg.attrib.pop(name, None)
    svg.set("viewBox", f"-2 -22 {width + 4} {HEIGHT + 24}")
    svg.set("aria-hidden", "true")
    classes = {"text": "c-axis", "line": "c-grid", "rect": "c-bar", "path": "c-line", "circle": "c-dot"}
    background = next(svg.iter("{http://www.w3.org/2000/svg}rect"))
    background.set("class", "c-none")
    for element in svg.iter():
        tag = element.tag.rpartition("}")[2]
        if tag in classes:
            for name in COLOURS:
                element.attrib.pop(name, None)
            if element is not background:
                element.set("class", classes[tag])
                for name in ("x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy"):
                    if name in element.attrib:
                        element.set(name, f"{float(element.get(name)):.1f}")


def _write_values(svg, kind: str, words: list[str]) -> None:
    """The value above each bar (the last and largest are enough on a line)."""
    wanted, centre = (("c-bar", _bar_centre) if kind == "bar" else ("c-dot", _dot_centre))
    for series in svg.iter():
        marks = [child for child in series if child.get("class") == wanted]
        if len(marks) != len(words):
            continue
        for number, (mark, text) in enumerate(zip(marks, words, strict=True)):
            if kind == "line" and number != len(marks) - 1:
                series.remove(mark)
                continue
            x, y = centre(mark)
            last = number == len(marks) - 1
            value = ET.SubElement(series, "text", {"class": "c-val", "x": f"{x:.1f}", "y": f"{y - 8:.1f}",
                                                   "text-anchor": "end" if kind == "line" else "middle"})
            value.text = text
            if kind == "bar":
                mark.set("rx", "3")
                if not last:
                    mark.set("class", "c-bar c-bar--2")
        return


def _bar_centre(mark) -> tuple[float, float]:
    return float(mark.get("x")) + float(mark.get("width")) / 2, float(mark.get("y"))


def _dot_centre(mark) -> tuple[float, float]:
    return float(mark.get("cx")), float(mark.get("cy"))
