"""Groups of the consumer protocol where an authorizer is on."""

import pytest
from authorization_world import Rule, World
from test_consumer_group_wire import heartbeat

TOPIC_DENIED = 29


@pytest.fixture
def world(store):
    world = World(store)
    yield world
    world.stop()


def test_an_expression_matches_what_may_be_described(world, store):
    for topic in ("other", "t2"):
        store.create_topic(topic, partitions=1)
    world.add(Rule("READ", ("GROUP", "g2")), Rule("READ", ("TOPIC", "t")))
    joined = heartbeat(world.user, 1, 0, join=True, group="g2", regex=".*")
    assert (joined[0], list(joined[5])) == (0, [world.topic_id.bytes])


def test_a_name_that_may_not_be_described_is_refused(world):
    world.add(Rule("READ", ("GROUP", "g2")))
    assert heartbeat(world.user, 1, 0, join=True, group="g2")[0] == TOPIC_DENIED
