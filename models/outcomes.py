"""What became of a record: accepted, a duplicate of a kind, or refused for a reason. Values, never exceptions."""

from enum import StrEnum
from typing import NamedTuple

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_TIME
from models.limits import NESTING_MAX, RECORD_BYTES_MAX, UUID_LENGTH


class Reason(StrEnum):
    """Why a record is refused: a closed set. Where several apply, the first in this order is given."""

    TOMBSTONE = "tombstone"
    EMPTY_VALUE = "empty_value"
    TOO_LARGE = "too_large"
    VALUE_COMPRESSED = "value_compressed"
    VALUE_UTF16 = "value_utf16"
    SCHEMA_REGISTRY_PREFIX = "schema_registry_prefix"
    NOT_UTF8 = "not_utf8"
    CONTENT_TYPE_UNKNOWN = "content_type_unknown"
    NESTED_TOO_DEEP = "nested_too_deep"
    FORBIDDEN_CHARACTER = "forbidden_character"
    NOT_A_NUMBER = "not_a_number"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    PERSONAL_DATA_IN_CLEAR = "personal_data_in_clear"
    SPECVERSION_WRONG = "specversion_wrong"
    TYPE_UNKNOWN = "type_unknown"
    TYPE_ON_WRONG_TOPIC = "type_on_wrong_topic"
    ID_MISSING = "id_missing"
    ID_TOO_LONG = "id_too_long"
    ID_NOT_UUID = "id_not_uuid"
    SOURCE_UNKNOWN = "source_unknown"
    SUBJECT_INVALID = "subject_invalid"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_INVALID = "time_invalid"
    DATA_INVALID = "data_invalid"
    BUSINESS_KEY_INVALID = "business_key_invalid"
    PROVINCE_UNKNOWN = "province_unknown"
    LEVEL_UNKNOWN = "level_unknown"
    CHANNEL_UNKNOWN = "channel_unknown"
    PORTAL_UNKNOWN = "portal_unknown"
    KEY_MISSING = "key_missing"
    KEY_NOT_SUBJECT = "key_not_subject"
    TIME_IN_FUTURE = "time_in_future"
    TIME_TOO_EARLY = "time_too_early"
    PROVINCE_NOT_IN_FORCE = "province_not_in_force"
    PROGRAM_FAULT = "program_fault"
    SET_ASIDE = "set_aside"


EXPLANATIONS: dict[Reason, str] = {
    Reason.TOMBSTONE: "the value is null; publish an event, facts are never deleted by a tombstone",
    Reason.EMPTY_VALUE: "the value has no bytes; publish a CloudEvent",
    Reason.TOO_LARGE: f"value and headers together are over {RECORD_BYTES_MAX // 1024} KiB",
    Reason.VALUE_COMPRESSED: "the value itself is compressed: publish JSON, and let the producer compress batches",
    Reason.VALUE_UTF16: "the value is UTF-16: write it in UTF-8",
    Reason.SCHEMA_REGISTRY_PREFIX: "the value begins with a Schema Registry's zero and id: publish the JSON alone",
    Reason.NOT_UTF8: "the value or an attribute header is not UTF-8",
    Reason.CONTENT_TYPE_UNKNOWN: "use application/cloudevents+json, or application/json with ce_ headers",
    Reason.NESTED_TOO_DEEP: f"the JSON is nested deeper than {NESTING_MAX} levels",
    Reason.FORBIDDEN_CHARACTER: "the text holds a NUL or a lone surrogate",
    Reason.NOT_A_NUMBER: "the JSON holds NaN or Infinity, which JSON does not have",
    Reason.NOT_JSON: "the value is not JSON",
    Reason.NOT_AN_OBJECT: "the JSON is not an object",
    Reason.PERSONAL_DATA_IN_CLEAR: "a field holds what looks like a personal ID number; what is kept is masked",
    Reason.SPECVERSION_WRONG: 'specversion must be "1.0"',
    Reason.TYPE_UNKNOWN: "type is missing or names no event of the contract",
    Reason.TYPE_ON_WRONG_TOPIC: "this type belongs on another topic",
    Reason.ID_MISSING: "id is missing",
    Reason.ID_TOO_LONG: f"id is longer than the {UUID_LENGTH} characters of a UUID",
    Reason.ID_NOT_UUID: "id must be a UUID in its hyphenated form",
    Reason.SOURCE_UNKNOWN: "source is missing or names no registered upstream system",
    Reason.SUBJECT_INVALID: "subject must be 64 lower-case hex digits: the keyed pseudonym of the citizen",
    Reason.TIME_WITHOUT_OFFSET: "time has no offset from UTC; write Z or +07:00",
    Reason.TIME_INVALID: "time is missing or not an RFC 3339 date and time",
    Reason.DATA_INVALID: "data is missing, no object, or a field of it has the wrong form",
    Reason.BUSINESS_KEY_INVALID: "the business key in data must be a UUID in its hyphenated form",
    Reason.PROVINCE_UNKNOWN: "data.province is no two-digit code of the General Statistics Office",
    Reason.LEVEL_UNKNOWN: "data.level must be the number 1 or 2",
    Reason.CHANNEL_UNKNOWN: "data.channel is no channel of intake of the contract",
    Reason.PORTAL_UNKNOWN: "data.portal is no portal of the contract",
    Reason.KEY_MISSING: "the record has no key; the key is the subject",
    Reason.KEY_NOT_SUBJECT: "the record's key is not the event's subject",
    Reason.TIME_IN_FUTURE: f"time is more than {CLOCK_AHEAD_MAX.seconds // 60} minutes after the broker's append time",
    Reason.TIME_TOO_EARLY: f"time is before {EARLIEST_TIME.day} {EARLIEST_TIME:%B %Y}",
    Reason.PROVINCE_NOT_IN_FORCE: "the province of that code did not exist at the event's time",
    Reason.PROGRAM_FAULT: "our program failed over it, by the error named as its field; replay it once that is mended",
    Reason.SET_ASIDE: "a person set it aside, because our program ended over it; replay it once that is mended",
}


class Refused(NamedTuple):
    """A record that is not counted; it is kept with this reason.

    field -- the attribute at fault in dotted form ("data.province"), or "" when the fault is in the bytes.
    """

    reason: Reason
    field: str = ""


class Duplicate(StrEnum):
    """How a record repeats a fact that is counted already."""

    RETRY = "retry"  # the same event again: same id, same content
    REPEAT = "repeat"  # the same content under a new event id
    CONFLICT = "conflict"  # the same business key with other content; kept whole, never merged
