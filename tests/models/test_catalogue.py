"""The map is whole: everything that follows from a kind of event can be derived from it."""

import pytest

from models.catalogue import KIND_BY_NAME, KIND_BY_TOPIC, KIND_BY_TYPE, KINDS, Kind
from models.topics import CLAIMS, REFUSED, TALLIES, TOPICS

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_no_two_kinds_share_a_topic_type_name_or_table() -> None:
    """Two kinds on one topic would be counted as one."""
    assert (
        len(KIND_BY_TOPIC)
        == len(KIND_BY_TYPE)
        == len(KIND_BY_NAME)
        == len({kind.table for kind in KINDS})
        == len(KINDS)
    )
    assert not {REFUSED.name, TALLIES.name, CLAIMS.name} & KIND_BY_TOPIC.keys()
    assert len({topic.name for topic in TOPICS}) == len(TOPICS) == len(KINDS) + 3


@each_kind
def test_every_field_of_data_is_the_key_a_dimension_or_a_detail(kind: Kind) -> None:
    """A field that is in none of them would be asked of upstream systems and thrown away."""
    annotation = kind.event.model_fields["data"].annotation
    assert annotation is not None
    assert set(annotation.model_fields) == {kind.business_key, *kind.dimensions, *kind.details}


@each_kind
def test_a_kind_is_defined_in_two_languages(kind: Kind) -> None:
    """A number in a newspaper needs its definition beside it."""
    assert kind.definition.endswith(".")
    assert kind.definition_vi.endswith(".")


@each_kind
def test_the_names_of_totals_follow_the_conventions_of_prometheus(kind: Kind) -> None:
    """Marginals have their own names, so that no sum() doubles a total."""
    names = [kind.metric, *(kind.metric_by(dimension) for dimension in kind.counted)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("onboarding_") and name.endswith("_total") for name in names)
