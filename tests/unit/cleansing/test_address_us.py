"""American addresses: the features of words that are worked out once change no label."""

from __future__ import annotations

import usaddress
from hypothesis import given
from hypothesis import strategies as st

from cleansing.address.us import labelled

WORDS = ("12", "100", "N.", "Main", "St", "Apt", "#4", "Springfield,", "IL", "62704", "PO", "Box")


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8).map(" ".join))
def test_labels_are_those_of_usaddress(text: str) -> None:
    assert labelled(text) == usaddress.parse(text)


def test_labels_stay_the_same_when_words_come_again() -> None:
    texts = ("12 Main St", "Main St 12", "12 Main St, Springfield, IL 62704", "12", "")

    assert [labelled(text) for text in texts * 2] == [usaddress.parse(text) for text in texts * 2]
