"""An operator's colour, made safe to read: every pair that the stylesheet builds from it keeps WCAG AA."""

PAPER_LIGHT, PAPER_DARK = "#f0ede5", "#232826"  # the least favourable ground of each theme (`--well`)
WHITE, INK = "#fffefc", "#10221b"


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    channels = [c / 255 for c in _rgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two `#rrggbb` colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(_rgb(colour), _rgb(other), strict=True)
    )


def readable(colour: str, ground: str, least: float = 4.5) -> str:
    """`colour` moved as little as needed towards black or white until it has `least` contrast on `ground`."""
    towards = "#000000" if _luminance(ground) > 0.2 else "#ffffff"
    for step in range(0, 101, 4):
        shade = mix(colour, towards, step / 100)
        if contrast(shade, ground) >= least:
            return shade
    return towards


def stylesheet(light: str, dark: str) -> str:
    """The custom properties that take the place of pine, for both themes; empty when no colour is chosen."""
    if not (light or dark):
        return ""
    light = readable(light or dark, PAPER_LIGHT, least=5.2)
    dark = readable(dark or mix(light, "#ffffff", 0.55), PAPER_DARK, least=5.2)
    on_light = WHITE if contrast(WHITE, light) >= 4.5 else INK
    on_dark = INK if contrast(INK, dark) >= 4.5 else WHITE
    pairs = {
        "pine": (light, dark),
        "pine-2": (mix(light, "#000000", 0.25), mix(dark, "#ffffff", 0.3)),
        "on-pine": (on_light, on_dark),
        "pine-soft": (mix(light, "#ffffff", 0.91), mix(dark, "#141716", 0.84)),
        "link": (light, dark),
    }
    lines = [f"  --{name}: light-dark({a}, {b});" for name, (a, b) in pairs.items()]
    return ":root {\n" + "\n".join(lines) + "\n}\n"  # in no layer, so it beats the tokens of both stylesheets
