"""What people type keeps its words and loses what is no text."""

import pytest

from marketplace.ground.text import is_blank, plain, written


def test_words_signs_and_lines_stay():
    text = "Añadí 3 tablas\n\t— «sí», 日本語, ‏עברית, 👩🏽‍💻"
    assert plain(text) == text


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x9b", "\u202e", "\u202a", "\u2066", "\u2069"])
def test_controls_and_overrides_are_dropped(sign):
    assert plain(f"pay {sign}500{sign}") == "pay 500"


def test_line_ends_are_of_one_kind():
    assert plain("one\r\ntwo\rthree") == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "\u200b \u2060\ufeff", "\u00ad", "\u202e", "\u3164", "\ufe0f"]
)
def test_what_shows_nothing_is_nothing(text):
    assert is_blank(text)
    assert written(text) == ""


def test_one_visible_sign_is_something():
    assert written(" \u200b. ") != ""
