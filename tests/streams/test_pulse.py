"""Whether the agents follow the tallies topic."""

from streams.pulse import Pulse


def test_nothing_announced_is_no_standstill() -> None:
    """Quiet nights exist."""
    pulse = Pulse(["logins", "records"])
    assert pulse.is_felt(5)
    assert pulse.is_felt(5)


def test_an_agent_that_takes_nothing_while_pages_are_announced_is_noticed() -> None:
    """The other one goes on, and must not hide it."""
    pulse = Pulse(["logins", "records"])
    assert pulse.is_felt(5)
    pulse.beat("logins")
    assert not pulse.is_felt(6)
    pulse.beat("records")
    assert pulse.is_felt(6)


def test_another_assignment_begins_anew() -> None:
    """The topic may be another one, with a smaller end."""
    pulse = Pulse(["logins"])
    assert pulse.is_felt(5)
    pulse.forget()
    assert pulse.is_felt(2)


def test_a_worker_that_does_not_own_the_topic_is_not_asked() -> None:
    """A standby's agents take nothing."""
    pulse = Pulse(["logins"])
    assert pulse.is_felt(5)
    assert pulse.is_felt(None)
    assert pulse.is_felt(9)


def test_a_topic_that_is_shorter_twice_is_another_one() -> None:
    """Once may be a new leader that has not heard how far its followers are."""
    pulse = Pulse(["logins"])
    assert not pulse.is_another(9)
    assert not pulse.is_another(3)
    assert not pulse.is_another(9)
    assert not pulse.is_another(3)
    assert pulse.is_another(4)


def test_a_topic_that_is_not_ours_to_know_is_not_another_one() -> None:
    """A standby hears nothing of it."""
    pulse = Pulse(["logins"])
    assert not pulse.is_another(9)
    assert not pulse.is_another(None)
    assert not pulse.is_another(None)


def test_another_topic_is_recognised_across_rebalances() -> None:
    """A worker that was active before it was made anew, and becomes active again, remembers its old offsets."""
    pulse = Pulse(["logins"])
    assert not pulse.is_another(9)
    pulse.forget()
    assert not pulse.is_another(3)
    assert pulse.is_another(3)


def test_a_topic_that_was_made_anew_is_no_trouble_to_who_was_told_where_to_go_on() -> None:
    """After that only what is seen of the new one counts."""
    pulse = Pulse(["logins"])
    assert not pulse.is_another(9)
    pulse.begin_anew()
    assert not pulse.is_another(3)
    assert not pulse.is_another(3)
    assert not pulse.is_another(2)
    assert pulse.is_another(2)
