"""No personal ID number is counted with an event or kept of a refused one, however it is written."""

import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS
from models.decoding.one_record import decode
from models.outcomes import Reason, Refused
from models.personal_numbers import MASK, conceal_personal_numbers, reveals_personal_number
from models.places import PROVINCE_CODES
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, example_of

# Invented: the province of 001 is Hà Nội, and nobody has these six digits for being written here.
NUMBER = "001099123456"
GROUPS = ["001", "099", "123", "456"]
# Zero to nine of other scripts.
SCRIPTS = {
    "Arabic-Indic": 0x660, "Persian": 0x6F0, "Devanagari": 0x966, "Bengali": 0x9E6, "Thai": 0xE50, "Lao": 0xED0,
    "Khmer": 0x17E0, "Myanmar": 0x1040, "Tibetan": 0xF20, "Mongolian": 0x1810, "fullwidth": 0xFF10,
    "bold": 0x1D7CE, "double-struck": 0x1D7D8, "monospace": 0x1D7F6, "Cham": 0xAA50, "subscript": 0x2080,
}  # fmt: skip
SIGNS = {
    "spaces": " ", "dots": ".", "hyphens": "-", "underscores": "_", "slashes": "/", "commas": ",", "apostrophes": "'",
    "en dashes": "\u2013", "em dashes": "\u2014", "minus signs": "\u2212", "non-breaking hyphens": "\u2011",
    "no-break spaces": "\xa0", "narrow spaces": "\u202f", "thin spaces": "\u2009", "ideographic spaces": "\u3000",
    "zero-width spaces": "\u200b", "zero-width joiners": "\u200d", "word joiners": "\u2060", "soft hyphens": "\xad",
    "byte order marks": "\ufeff", "left-to-right marks": "\u200e", "bidi isolates": "\u2066", "middle dots": "\xb7",
    "bullets": "\u2022", "line feeds": "\n", "tabs": "\t", "two spaces": "  ", "fullwidth hyphens": "\uff0d",
    "ideographic full stops": "\u3002", "NULs": "\0", "variation selectors": "\ufe0f", "tag characters": "\U000e0041",
}  # fmt: skip
FORMS = {
    "plain": NUMBER,
    "in a sentence": f"CCCD số {NUMBER}, cấp 2021",
    "a sign after each digit": " ".join(NUMBER),
    "keycaps": "".join(f"{digit}\ufe0f\u20e3" for digit in NUMBER),
    "circles": NUMBER.translate({48: "\u24ea"} | {48 + n: chr(0x2460 + n - 1) for n in range(1, 10)}),
    "superscripts": NUMBER.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "JSON escapes": "".join(f"\\u00{ord(digit):02x}" for digit in NUMBER),
    "JSON escapes, escaped again": "".join(f"\\\\u00{ord(digit):02x}" for digit in NUMBER),
    "escapes of JavaScript": "".join(f"\\x{ord(digit):02x}" for digit in NUMBER),
    "percent": "".join(f"%{ord(digit):02X}" for digit in NUMBER),
    "percent, twice": quote("".join(f"%{ord(digit):02X}" for digit in NUMBER)),
    "percent between groups": "%20".join(GROUPS),
    "HTML, decimal": "".join(f"&#{ord(digit)};" for digit in NUMBER),
    "HTML, hexadecimal": "".join(f"&#x{ord(digit):x};" for digit in NUMBER),
    "HTML between groups": "&nbsp;".join(GROUPS),
    "HTML dashes": "&ndash;".join(GROUPS),
    "mail": "".join(f"={ord(digit):02X}" for digit in NUMBER),
    "base64": b64encode(NUMBER.encode()).decode(),
    "base64 of a sentence": b64encode(f"số {NUMBER} của ông A".encode()).decode(),
    "base64 of URLs": urlsafe_b64encode(f"??>>{NUMBER}".encode()).decode(),
    "base64 without its end": b64encode(f"a{NUMBER}".encode()).decode().rstrip("="),
    "base64 of base64": b64encode(b64encode(NUMBER.encode())).decode(),
    "base64 of JSON with escapes": b64encode(json.dumps({"n": "\u2013".join(GROUPS)}).encode()).decode(),
    "hexadecimal": NUMBER.encode().hex(),
    "hexadecimal of UTF-16": NUMBER.encode("utf-16-be").hex(),
    "in a URL": f"https://dvc.example/tra-cuu?cccd={NUMBER}&x=1",
    "an array of digits": json.dumps([int(digit) for digit in NUMBER]),
    "an array of texts": json.dumps(list(NUMBER)),
    "zeros lost": str(int(NUMBER)),
    "a zero lost": "79201001234",
    "a float": f"{int(NUMBER)}.0",
    "with an exponent": "7.9201001234E10",
    "an escaped quote beside it": f'\\"{NUMBER}\\"',
    "letters before it": f"CCCD{NUMBER}",
    "mixed scripts": "\u0660\u0660\u0661099\u0967\u0968\u0969\uff14\uff15\uff16",
}  # fmt: skip
ALL_FORMS = (
    FORMS
    | {
        f"digits: {name}": NUMBER.translate({48 + n: chr(zero + n) for n in range(10)})
        for name, zero in SCRIPTS.items()
    }
    | {f"between groups: {name}": sign.join(GROUPS) for name, sign in SIGNS.items()}
)
numbers = st.from_regex(r"\A[0-9]{12}\Z")
# Text that touches a number without being part of it.
surroundings = st.text(st.characters(categories=["L", "P", "Z"], exclude_characters="\0-.,'\\%=&+/_"), max_size=20)


def read(text: str) -> str:
    """Return the digits of a text, in whatever script: what is found here was not hidden."""
    return "".join(str(unicodedata.digit(each)) for each in text if unicodedata.digit(each, None) is not None)


def test_there_are_sixty_forms_at_least() -> None:
    """And each is another one."""
    assert len(set(ALL_FORMS.values())) == len(ALL_FORMS) >= 60


@pytest.mark.parametrize("form", ALL_FORMS.values(), ids=ALL_FORMS)
def test_a_number_is_found_refused_and_not_kept_in_every_form(form: str) -> None:
    """Alone, among words, in a JSON text, as a free text of an event."""
    for text in (form, f"Quầy 3 {form} A", json.dumps({"desk": form}), json.dumps({"desk": form}, ensure_ascii=False)):
        assert reveals_personal_number(text)
        assert is_gone(text.encode())
    assert is_gone(form.encode("utf-16"))
    assert refuse_desk(form).reason in {Reason.PERSONAL_DATA_IN_CLEAR, Reason.FORBIDDEN_CHARACTER}
    assert refuse_desk(form).reason is Reason.PERSONAL_DATA_IN_CLEAR or "\0" in form


def is_gone(raw: bytes) -> bool:
    """Tell whether what is kept of bytes has no number: it is masked where it stands, or they are withheld whole."""
    kept = conceal_personal_numbers(raw)
    left = kept.decode(errors="surrogateescape")
    return kept != raw and not reveals_personal_number(left) and (kept == b"" or len(read(left)) < 10)


def refuse_desk(text: str) -> Refused:
    """Return why an event with a free text is refused."""
    event = example_of(IDENTITY_RECORDS)
    event["data"]["desk"] = text
    value = json.dumps(event).encode()
    outcome = decode(IDENTITY_RECORDS.topic, event["subject"].encode(), value, (), EXAMPLE_APPENDED_AT)
    assert isinstance(outcome, Refused)
    return outcome


@pytest.mark.parametrize("subject", [79201001234, 1099123456, [0, 7, 9, 2, 0, 1, 0, 0, 1, 2, 3, 4], NUMBER])
def test_a_number_in_the_place_of_the_subject_is_told_as_what_it_is(subject: object) -> None:
    """As an integer it has lost its zeros."""
    value = json.dumps(example_of(ACCOUNTS) | {"subject": subject}).encode()
    outcome = decode(ACCOUNTS.topic, b"79201001234", value, (), EXAMPLE_APPENDED_AT)
    assert outcome in {Refused(Reason.PERSONAL_DATA_IN_CLEAR, field) for field in ("key", "subject")}


NO_NUMBERS = [
    "1.004222.000.00.00.H10",
    "1.004222",
    "000.00.00.H26-230410-0001",
    "Mã thủ tục 2.000815.000.00.00.H22, hồ sơ 000.12.34.H26-230410-0001",
    "1717557000",
    "1717557000123",
    "2024-06-05T09:30:00.1234567890123+07:00",
    "Tel. 024 3942 1234",
    "+84 24 3942 1234",
    "+842439421234",
    "0912345678",
    "08:30-17:00",
    "12345678901234567890",
    "7" * 11,
    "7" * 13,
    "79401001234",  # the year 2040 of this century
    "99101001234",  # no province
    "3.14159265358979",
    "a" * 40,
    "QWJjZGVmZ2hpamtsbW5vcA==",
    "https://example.vn/duong-dan/rat-dai/khong-co-so",
    "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]",
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_stays(text: str) -> None:
    """Codes of procedures and dossiers, times, telephones: none is refused or masked."""
    assert not reveals_personal_number(text)
    assert conceal_personal_numbers(text.encode()) == text.encode()


@given(st.sampled_from(PROVINCE_CODES), st.sampled_from("01"), st.integers(0, 99), st.integers(0, 999_999))
def test_every_number_that_lost_its_zeros_is_found(code: str, century: str, year: int, others: int) -> None:
    """Of every province."""
    number = f"0{code}{century}{year:02}{others:06}"
    assert reveals_personal_number(str(int(number)))
    assert reveals_personal_number(f'{{"subject": {int(number)}, "x": 1}}')


@given(surroundings, numbers, st.sampled_from(["", " ", ".", "-"]), surroundings)
def test_a_number_in_any_usual_grouping_is_seen_and_masked(before: str, number: str, sep: str, after: str) -> None:
    """People write 12 digits in groups of three; none of them may be kept."""
    grouped = sep.join(re.findall("...", number))
    text = f"{before}{grouped}{after}"
    assert reveals_personal_number(text)
    assert conceal_personal_numbers(text.encode()).decode() == f"{before}{MASK}{after}"


@given(st.uuids(), st.binary(min_size=32, max_size=32), numbers)
def test_uuids_and_pseudonyms_stay_beside_a_masked_number(uuid: object, subject: bytes, number: str) -> None:
    """A masked record can still be found by its id."""
    text = f'{{"id":"{uuid}","subject":"{subject.hex()}","desk":"{number}"}}'
    assert conceal_personal_numbers(text.encode()).decode() == text.replace(f'"{number}"', f'"{MASK}"')


def test_a_uuid_and_a_pseudonym_of_digits_only_stay() -> None:
    """The worst case of chance: every hex digit is a decimal digit."""
    opaque = f"00000000-0000-4000-8000-123456789012 {'0123456789' * 6}1234".encode()
    assert conceal_personal_numbers(opaque) == opaque


@given(st.integers(1, 40).filter(lambda count: count != 12))
def test_more_or_fewer_digits_are_no_personal_number(count: int) -> None:
    """Telephone numbers, times in milliseconds and record numbers are not masked."""
    assert not reveals_personal_number("7" * count)


@given(st.binary())
def test_masking_takes_any_bytes_and_twice_changes_nothing_more(raw: bytes) -> None:
    """Refused bytes may be anything, and what is kept is masked for good."""
    masked = conceal_personal_numbers(raw)
    assert conceal_personal_numbers(masked) == masked


@pytest.mark.parametrize(
    "raw",
    [
        "số 001099123456".encode("utf-16"),
        "số 001099123456".encode("utf-16-be"),
        b'"one 001099123456 two 001\\u00a0099\\u00a0123\\u00a0456"',
        b"\\uff10\\uff10\\uff11\\uff10\\uff19\\uff19\\uff11\\uff12\\uff13\\uff14\\uff15\\uff16",
        b"001_099_123_456",
        b"001/099/123/456",
        b"0\x000\x001\x000\x009\x009\x001\x002\x003\x004\x005\x006",
    ],
)
def test_no_number_is_left_readable(raw: bytes) -> None:
    """What cannot be masked in place is withheld whole."""
    concealed = conceal_personal_numbers(raw)
    assert concealed in {b"", MASK.encode()}
