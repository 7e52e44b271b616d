"""63 provinces until 30 June 2025, 34 after it, and no event on a province that did not exist."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.places import MERGED_ON, PLACES, PROVINCE_CODES, place_at, place_today

LAST_DAY_OF_63 = date(2025, 6, 30)
# fmt: off
CODES_OF_34 = {
    "01", "04", "08", "11", "12", "14", "15", "19", "20", "22", "24", "25", "31", "33", "37", "38", "40",
    "42", "44", "46", "48", "51", "52", "56", "66", "68", "75", "79", "80", "82", "86", "91", "92", "96",
}
# fmt: on


def _places_on(day: date) -> set[str]:
    return {place for code in PROVINCE_CODES if (place := place_at(code, day))}


def test_there_are_63_provinces_until_the_30th_of_june_2025() -> None:
    """The published figures of 2024 are shown by the 63."""
    assert len(PROVINCE_CODES) == 63
    assert _places_on(LAST_DAY_OF_63) == set(PROVINCE_CODES)


def test_there_are_34_provinces_from_the_1st_of_july_2025_of_which_11_did_not_change() -> None:
    """Resolution 202/2025/QH15 merges 52 of them into 23."""
    assert LAST_DAY_OF_63 + timedelta(days=1) == MERGED_ON
    assert {place[:2] for place in _places_on(MERGED_ON)} == CODES_OF_34
    assert len(_places_on(MERGED_ON)) == 34
    assert len(_places_on(MERGED_ON) & _places_on(LAST_DAY_OF_63)) == 11


def test_one_code_names_two_places_on_either_side_of_the_merger() -> None:
    """Code 24 was Bắc Giang and is Bắc Ninh: their counts must never be one number."""
    assert PLACES[place_at("24", LAST_DAY_OF_63) or ""] == "Bắc Giang"
    assert PLACES[place_at("24", MERGED_ON) or ""] == "Bắc Ninh"
    assert place_at("27", LAST_DAY_OF_63) == "27"
    assert place_at("27", MERGED_ON) is None


@given(st.text(max_size=4), st.dates())
def test_a_code_that_is_none_names_no_place_on_any_day(code: str, day: date) -> None:
    """An unknown code is never shown as a province."""
    if code not in PROVINCE_CODES:
        assert place_at(code, day) is None


@given(st.sampled_from(PROVINCE_CODES), st.dates(date(2016, 1, 1)))
def test_every_place_that_is_counted_has_a_name(code: str, day: date) -> None:
    """A dashboard can label whatever the ledger counts."""
    place = place_at(code, day)
    assert place is None or place in PLACES


def test_every_place_of_any_date_belongs_to_one_of_the_34_of_today() -> None:
    """The mapping is total and maps today's places to themselves, so history can be shown by today's map."""
    today = _places_on(MERGED_ON)
    assert {place_today(place) for place in PLACES} == today
    assert all(place_today(place) == place for place in today)
