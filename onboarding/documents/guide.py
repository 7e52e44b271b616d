"""How an upstream system publishes, in words: the description of the AsyncAPI document."""

import json
from typing import Final

from brokers.decompression import UNPACKED_BYTES_MAX
from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_TIME
from models.catalogue import ACCOUNTS, KINDS
from models.decoding.modes import STRUCTURED
from models.limits import NESTING_MAX, RECORD_BYTES_MAX
from models.outcomes import EXPLANATIONS
from models.topics import REFUSED
from onboarding.documents.examples import INVENTED_NUMBER, PUBLISHED_KEY, example_of

_GUIDE: Final = """\
Upstream systems publish facts as CloudEvents 1.0 to Kafka; this application counts each fact once. Any Kafka client in
any language will do. What follows needs a shell, `openssl` and `kcat`.

## 1. Choose the topic

{topics}

## 2. Make the subject

The subject is a keyed pseudonym of the citizen, and the record key must equal it: HMAC-SHA-256 over the 12 ASCII
digits of the personal ID number under the secret key that the upstream systems share (at least 32 bytes), written as
64 lower-case hex digits. The personal ID number itself never travels, in no field, key or header.

    BROKERS=127.0.0.1:9092   # ask the operator
    KEY_HEX={key}   # published: for trying out only
    NUMBER={number}   # invented: the prefix 000 belongs to no province
    SUBJECT=$(printf %s "$NUMBER" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$KEY_HEX -r | cut -d' ' -f1)
    echo "$SUBJECT"   # {subject}

Vectors to test an implementation with are in `test-vectors.json` beside this document, with records and their outcome.

## 3. Publish in structured mode

The whole event is the value, and the header `content-type` says `{structured}`
(a JSON object with `specversion` is taken for structured whatever that header says, unless one is `ce_specversion`).

    printf %s '{event}' > event.json
    kcat -P -b "$BROKERS" -t {topic} -k "$SUBJECT" \\
      -H content-type={structured} -X enable.idempotence=true event.json

## 4. Or publish in binary mode

The attributes are headers with the prefix `ce_`, and the value is `data` alone. Both modes are the same event.

    printf %s '{data}' > data.json
    kcat -P -b "$BROKERS" -t {topic} -k "$SUBJECT" \\
      -H content-type=application/json \\
{headers}
      -X enable.idempotence=true data.json

`enable.idempotence` implies acks from all replicas: an event is published when the broker has said so, not before.

## 5. Ids and retries

* `id` names the event. A retry, also one after a crash or a day later, repeats the same `id` and the same content: it
  is recognised and not counted again. When in doubt whether an event arrived, send it again.
* The business key ({business_keys}) makes the fact unique: a second event with
  the same business key and content is a repeat and not counted; with other content it is a conflict, kept apart,
  never merged.
* All of them are UUIDs in hyphenated form. Any version is taken; use version 7 (RFC 9562): ids that grow with time keep
  the ledger's index fast.

## 6. Time

* `time` is when the fact happened, RFC 3339 with an offset: `2024-06-10T08:30:00+07:00` or `2024-06-10T01:30:00Z`.
* An event counts on the calendar day of its `time` in Asia/Ho_Chi_Minh, however late it arrives.
* It may be at most {ahead} minutes after the broker's append time (topics have `message.timestamp.type=LogAppendTime`)
  and not before {earliest}. Leap seconds (`:60`) are refused.
* `province` is a code that was in force on that day: 63 provinces until 30 June 2025, 34 from 1 July 2025.

## 7. What was wrong, and what comes to an end

Nothing that was published is taken back. To undo a fact, or to say that it has come to an end, publish an event of the
kind that is made for it, with the business key of what it is about; it may arrive first. Totals stay, net figures
follow.

* A lock has a number of its own (`lock_id`); the event that ends it repeats that number. Lock only an active account.
* An account that expires, or whose activation is reversed, says what it was until then (`state_before`).

## 8. Limits

* Value and headers together have at most {bytes_max} KiB; each header counts one byte more.
* What a client packs into one batch has at most {batch_max} MiB before it is packed; clients stay under 1 MiB by
  default (`max.request.size`).
* JSON in UTF-8, at most {nesting_max} levels deep, without NUL, lone surrogates, NaN or Infinity.
* `data_base64`, as some SDKs write data that is bytes to them, is read as `data` where it is JSON in base64.
* Attributes that this document does not name are ignored and never stored.

## 9. What was refused, and why

A record that is no valid event is never dropped in silence. It is stored with its reason and published to
`{refused_topic}` with the original key, value and headers, and with the headers `onboarding-reason`,
`onboarding-field`, `onboarding-topic`, `onboarding-partition` and `onboarding-offset`. What looks like a personal ID
number is masked.

    kcat -C -b "$BROKERS" -t {refused_topic} -o beginning -e -f '%h\\n'

The reasons are a closed set. Where several apply, the first in this order is given; a personal number found in the
clear takes the place of its field's own reason:

{reasons}
"""


def guide() -> str:
    """Return the guide in Markdown."""
    event = example_of(ACCOUNTS)
    return _GUIDE.format(
        topics=_topics(),
        key=PUBLISHED_KEY.hex(),
        number=INVENTED_NUMBER,
        subject=event["subject"],
        structured=STRUCTURED,
        topic=ACCOUNTS.topic,
        event=json.dumps(event),
        data=json.dumps(event["data"]),
        headers="\n".join(f"      -H ce_{name}={text} \\" for name, text in event.items() if name != "data"),
        business_keys=", ".join(dict.fromkeys(f"`{kind.business_key}`" for kind in KINDS)),
        ahead=int(CLOCK_AHEAD_MAX.total_seconds()) // 60,
        earliest=EARLIEST_TIME.isoformat(),
        batch_max=UNPACKED_BYTES_MAX // 1024**2,
        bytes_max=RECORD_BYTES_MAX // 1024,
        nesting_max=NESTING_MAX,
        refused_topic=REFUSED.name,
        reasons="\n".join(f"* `{reason}`: {explanation}" for reason, explanation in EXPLANATIONS.items()),
    )


def _topics() -> str:
    """Return a table of the topics."""
    rows = [f"| `{kind.topic}` | `{kind.type}` | {kind.definition} |" for kind in KINDS]
    return "\n".join(["| topic | type | what is counted |", "| --- | --- | --- |", *rows])
