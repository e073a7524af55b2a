"""What must hold of the shared text keys, whatever people type."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cleansing.text import fold, latin, tidy


@given(st.text())
def test_each_key_is_idempotent(text: str) -> None:
    for key in (tidy, fold, latin):
        once = key(text)
        assert key(once) == once


@given(st.text())
def test_tidy_text_is_composed_and_has_single_blanks(text: str) -> None:
    clean = tidy(text)
    assert unicodedata.is_normalized("NFC", clean)
    assert clean == clean.strip()
    assert "  " not in clean
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in clean)


@given(st.text())
def test_keys_hold_letters_numbers_and_blanks_only(text: str) -> None:
    assert all(c == " " or unicodedata.category(c)[0] in "LNM" for c in fold(text))


@given(st.text())
def test_texts_that_fold_alike_stay_alike_in_latin(text: str) -> None:
    assert latin(text) == latin(fold(text))


@given(st.text())
def test_composition_and_untidiness_do_not_matter(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(tidy(text)) == fold(text)
