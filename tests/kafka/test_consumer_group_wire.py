"""The requests of KIP-848 in every version, by bytes that are written here by hand."""

import pytest
from wire_client import Writer

COMMIT, FETCH, DESCRIBE_CLASSIC, LIST = 8, 9, 15, 16
HEARTBEAT, DESCRIBE = 68, 69
UNKNOWN_MEMBER, NOT_FOUND, STALE, FENCED = 25, 69, 113, 110


def commit_alone(client, group):
    """An offset of a consumer that assigns to itself makes a classic group."""
    w = Writer().string(group).int32(-1).string("").int64(-1)
    w.count(1).string("t").count(1).int32(0).int64(5).string(None)
    r = client.call(COMMIT, 2, w)
    assert (r.count(), r.string(), r.count(), r.int32(), r.int16()) == (1, "t", 1, 0, 0)
    r.end()


def heartbeat(client, version, epoch, *, member="m", join=False, group="g", regex=None):
    """(error, message, member, epoch, interval, {topic id: partitions} or None)."""
    w = Writer(True).string(group).string(member).int32(epoch).string(None).string(None)
    w.int32(30_000 if join else -1)
    if join and regex is None:
        w.count(1).string("t")
    else:
        w.count(-1)
    if version >= 1:
        w.string(regex)
    w.string(None)
    w.count(0 if join else -1)
    r = client.call(HEARTBEAT, version, w.tags(), flexible=True)
    assert r.int32() == 0
    out = [r.int16(), r.string(), r.string(), r.int32(), r.int32()]
    assignment = None
    if r.int8() >= 0:
        assignment = {}
        for _ in range(r.count()):
            topic = r.raw(16)
            assignment[topic] = [r.int32() for _ in range(r.count())]
            r.tags()
        r.tags()
    r.tags()
    r.end()
    return *out, assignment


@pytest.mark.parametrize("version", [0, 1])
def test_consumer_group_heartbeat(client, store, version):
    store.create_topic("t", partitions=3)
    number = bytes.fromhex(store._store.topic_id("t"))
    member = "" if version == 0 else "m"
    error, why, member, epoch, interval, assignment = heartbeat(
        client, version, 0, member=member, join=True
    )
    assert (error, why, epoch, interval) == (0, None, 1, 5000)
    assert (member == "m") == (version == 1)
    assert assignment == {number: [0, 1, 2]}
    assert heartbeat(client, version, 1, member=member) == (0, None, member, 1, 5000, None)
    error, why, *rest = heartbeat(client, version, 7, member=member)
    assert error == FENCED
    assert "greater member epoch" in why
    assert rest == [None, 0, 0, None]
    assert heartbeat(client, version, 1, member="x")[0] == UNKNOWN_MEMBER
    assert heartbeat(client, version, 1, group="none")[0] == NOT_FOUND
    assert heartbeat(client, version, 0, member=member)[0] == 42
    assert heartbeat(client, version, -1, member=member)[:4] == (0, None, member, -1)
    if version >= 1:
        assert heartbeat(client, 1, 0, join=True, regex="[")[0] == 128
        assert heartbeat(client, 1, 0, join=True, regex="^t$")[5] == {number: [0, 1, 2]}


@pytest.mark.parametrize("version", [0, 1])
def test_consumer_group_describe(client, store, version):
    store.create_topic("t", partitions=2)
    number = bytes.fromhex(store._store.topic_id("t"))
    heartbeat(client, 1, 0, join=True)
    commit_alone(client, "classic")
    w = Writer(True).count(2).string("g").string("classic").int8(1)
    r = client.call(DESCRIBE, version, w.tags(), flexible=True)
    assert r.int32() == 0
    assert r.count() == 2
    assert (r.int16(), r.string(), r.string(), r.string()) == (0, None, "g", "Stable")
    assert (r.int32(), r.int32(), r.string()) == (1, 1, "uniform")
    assert r.count() == 1
    assert (r.string(), r.string(), r.string(), r.int32()) == ("m", None, None, 1)
    assert (r.string(), r.string()) == ("test", "/127.0.0.1")
    assert (r.count(), r.string(), r.string()) == (1, "t", None)
    for _ in range(2):
        assert (r.count(), r.raw(16), r.string()) == (1, number, "t")
        assert (r.count(), r.int32(), r.int32()) == (2, 0, 1)
        r.tags()
        r.tags()
    if version >= 1:
        assert r.int8() == 1
    r.tags()
    assert r.int32() == 0b110101001000
    r.tags()
    assert r.int16() == NOT_FOUND
    assert r.string() == "Group classic is not a consumer group."
    assert [r.string(), r.string(), r.int32(), r.int32(), r.string()] == ["classic", "", 0, 0, ""]
    assert (r.count(), r.int32()) == (0, -(2**31))
    r.tags()
    r.tags()
    r.end()


@pytest.mark.parametrize("version", [8, 9])
def test_offsets_of_the_wrong_epoch(client, store, version):
    store.create_topic("t", partitions=1)
    heartbeat(client, 1, 0, join=True)

    def commit(epoch, member="m"):
        w = Writer(True).string("g").int32(epoch).string(member).string(None)
        w.count(1).string("t").count(1).int32(0).int64(7).int32(0).string(None).tags().tags()
        r = client.call(COMMIT, version, w.tags(), flexible=True)
        assert (r.int32(), r.count(), r.string(), r.count(), r.int32()) == (0, 1, "t", 1, 0)
        return r.int16()

    assert commit(1) == (0 if version == 9 else 35)  # UNSUPPORTED_VERSION
    assert commit(0) == (STALE if version == 9 else 35)
    assert commit(1, "x") == UNKNOWN_MEMBER
    if version == 8:
        return

    def fetch(epoch, member="m"):
        w = Writer(True).count(1).string("g").string(member).int32(epoch).count(1).string("t")
        w.count(1).int32(0).tags().tags().int8(0)
        r = client.call(FETCH, 9, w.tags(), flexible=True)
        assert (r.int32(), r.count(), r.string()) == (0, 1, "g")
        offset = None
        if r.count():
            assert (r.string(), r.count(), r.int32()) == ("t", 1, 0)
            offset = r.int64()
            assert (r.int32(), r.string(), r.int16()) == (0, "", 0)
            r.tags()
            r.tags()
        error = r.int16()
        r.tags()
        r.tags()
        r.end()
        return error, offset

    assert fetch(1) == (0, 7)
    assert fetch(0)[0] == STALE
    assert fetch(1, "x")[0] == UNKNOWN_MEMBER
    assert fetch(-1, None) == (0, 7)


def test_groups_of_both_types_are_listed(client, store):
    store.create_topic("t", partitions=1)
    heartbeat(client, 1, 0, join=True)
    commit_alone(client, "classic")

    def listed(states, types):
        w = Writer(True).count(len(states))
        for state in states:
            w.string(state)
        w.count(len(types))
        for kind in types:
            w.string(kind)
        r = client.call(LIST, 5, w.tags(), flexible=True)
        assert (r.int32(), r.int16()) == (0, 0)
        groups = []
        for _ in range(r.count()):
            groups.append((r.string(), r.string(), r.string(), r.string()))
            r.tags()
        r.tags()
        r.end()
        return groups

    modern = ("g", "consumer", "Stable", "consumer")
    simple = ("classic", "", "Empty", "classic")
    assert sorted(listed([], [])) == [simple, modern]
    assert listed([], ["Consumer"]) == [modern]
    assert listed([], ["classic"]) == [simple]
    assert listed(["stable"], []) == [modern]
    assert listed(["Reconciling", "Assigning"], []) == []
    assert heartbeat(client, 1, -1)[0] == 0
    assert listed(["Empty"], ["consumer"]) == [("g", "consumer", "Empty", "consumer")]


def test_a_consumer_group_is_no_classic_one(client, store):
    store.create_topic("t", partitions=1)
    heartbeat(client, 1, 0, join=True)
    for version, error, state in ((5, 0, "Dead"), (6, NOT_FOUND, "Dead")):
        w = Writer(True).count(1).string("g").int8(0)
        r = client.call(DESCRIBE_CLASSIC, version, w.tags(), flexible=True)
        assert (r.int32(), r.count(), r.int16()) == (0, 1, error)
        if version >= 6:
            assert r.string() == "Group g is not a classic group."
        assert (r.string(), r.string()) == ("g", state)
