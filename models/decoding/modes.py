"""The two modes of CloudEvents over Kafka as one document: attributes in the value, or in headers beside it.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Final

from pydantic_core import from_json, to_json

from models.decoding.defects import defect_of_bytes, defect_of_document
from models.outcomes import Reason, Refused
from models.verdicts import judge

STRUCTURED: Final = "application/cloudevents+json"
_JSON: Final = "application/json"
Headers = Sequence[tuple[str, bytes | None]]  # Kafka allows a header without a value

# RFC 8259, section 8.1: a reader may pass over it.
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_PREFIX: Final = "ce_"


def as_document(value: bytes | None, headers: Headers) -> bytes | Refused:
    """Return the structured form of a record in either mode, with every fault of its bytes ruled out."""
    bare = value.removeprefix(_BYTE_ORDER_MARK) if value else value
    fault = defect_of_bytes(value, headers, bare)
    if fault or bare is None:
        return fault or Refused(Reason.TOMBSTONE)
    try:
        attributes, media = _attributes(headers) if headers else ({}, "")
    except UnicodeDecodeError:
        return Refused(Reason.NOT_UTF8, "headers")
    if "specversion" in attributes and media != STRUCTURED:
        return _join(attributes, bare) if media in {"", _JSON} else Refused(Reason.CONTENT_TYPE_UNKNOWN, "content-type")
    if media not in {"", STRUCTURED} and b'"specversion"' not in bare:
        return Refused(Reason.CONTENT_TYPE_UNKNOWN, "content-type")
    return _unpack(bare) if b'"data_base64"' in bare else bare


def read_leniently(value: bytes | None, headers: Headers) -> object:
    """Return what a record says in either mode, as far as it is JSON: for a person who looks at what was refused."""
    attributes, _ = judge(lambda: _attributes(headers), lambda _error: ({}, ""))
    said = judge(lambda: from_json((value or b"").removeprefix(_BYTE_ORDER_MARK)), lambda _error: None)
    is_structured = isinstance(said, dict) and "specversion" in said
    return {**attributes, "data": said} if attributes and not is_structured else said


def _attributes(headers: Headers) -> tuple[dict[str, str], str]:
    """Return the context attributes that headers hold, and the media type. Raises UnicodeDecodeError.

    Converters of Kafka Connect put quotes around texts, some clients write "ce-" as over HTTP, and Spring has a name of
    its own for the media type: none of that can be meant otherwise.
    """
    named = {_name(name.lower()): _unquote(value or b"") for name, value in headers}
    media = named.get("content-type", named.get("contenttype", b"")).split(b";")[0].strip().lower()
    attributes = {name.removeprefix(_PREFIX): value for name, value in named.items() if name.startswith(_PREFIX)}
    return {name: value.decode() for name, value in attributes.items()}, media.decode(errors="replace")


def _name(name: str) -> str:
    return f"{_PREFIX}{name[3:]}" if name.startswith("ce-") else name


def _unquote(value: bytes) -> bytes:
    """Return the value of a header without the quotes of JSON."""
    return value[1:-1] if len(value) > 1 and value[:1] == value[-1:] == b'"' else value


def _join(attributes: dict[str, str], value: bytes) -> bytes | Refused:
    """Write a record of binary mode as the structured document it stands for."""
    try:
        return to_json({**attributes, "data": from_json(value, allow_inf_nan=False)})
    except ValueError:
        return defect_of_document(value) or Refused(Reason.NOT_JSON)


def _unpack(value: bytes) -> bytes | Refused:
    """Write the data of a document in the clear where it is bytes in base64, as SDKs write what is bytes to them."""
    document: Any = judge(lambda: from_json(value), lambda _error: None)
    if not isinstance(document, dict) or "data" in document or not isinstance(document.get("data_base64"), str):
        return value
    try:
        data = from_json(b64decode(document.pop("data_base64"), validate=True), allow_inf_nan=False)
    except ValueError:
        return Refused(Reason.DATA_INVALID, "data_base64")
    written = to_json({**document, "data": data})
    return defect_of_document(written) or written
