"""The requests of classic groups in every version, by bytes that are written here by hand."""

import pytest
from wire_client import Writer

COMMIT, FETCH, FIND, JOIN, HEARTBEAT, LEAVE, SYNC, DESCRIBE, LIST = 8, 9, 10, 11, 12, 13, 14, 15, 16
DELETE_GROUPS, DELETE_OFFSETS = 42, 47
FLEXIBLE = {COMMIT: 8, FETCH: 6, FIND: 3, JOIN: 6, HEARTBEAT: 4, LEAVE: 4, SYNC: 4, DESCRIBE: 5,
            LIST: 3, DELETE_GROUPS: 2, DELETE_OFFSETS: 99}  # fmt: skip
UNKNOWN_MEMBER, ID_REQUIRED, ILLEGAL_GENERATION, UNKNOWN_PARTITION = 25, 79, 22, 3
NOT_FOUND, NON_EMPTY, SUBSCRIBED = 69, 68, 86

# A subscription of version 0: int16 version, topics, null user data.
WISH = bytes(Writer().int16(0).count(1).string("t").bytes(None).data)


def writer(api, version):
    return Writer(version >= FLEXIBLE[api])


def ask(client, api, version, body):
    return client.call(api, version, body, flexible=version >= FLEXIBLE[api])


def join(client, version, member="", group="g", instance=None):
    w = writer(JOIN, version).string(group).int32(10_000)
    if version >= 1:
        w.int32(30_000)
    w.string(member)
    if version >= 5:
        w.string(instance)
    w.string("consumer").count(1).string("range").bytes(WISH).tags()
    if version >= 8:
        w.string("a reason")
    return ask(client, JOIN, version, w.tags())


def read_join(r, version):
    """(error, generation, leader, member id, {member: metadata})."""
    if version >= 2:
        r.int32()
    error, generation = r.int16(), r.int32()
    kind = r.string() if version >= 7 else "consumer"
    protocol, leader = r.string(), r.string()
    if error == 0:
        assert (kind, protocol) == ("consumer", "range")
    else:
        assert protocol == (None if version >= 7 else "")
    if version >= 9:
        assert r.int8() == 0
    member = r.string()
    members = {}
    for _ in range(r.count()):
        name = r.string()
        if version >= 5:
            assert r.string() is None
        members[name] = r.bytes()
        r.tags()
    r.tags()
    r.end()
    return error, generation, leader, member, members


def enter(client, version=9, group="g"):
    error, generation, leader, member, members = read_join(
        join(client, version, group=group), version
    )
    if version >= 4:
        assert error == ID_REQUIRED
        assert generation == -1
        error, generation, leader, member, members = read_join(
            join(client, version, member, group=group), version
        )
    assert (error, leader, members) == (0, member, {member: WISH})
    return generation, member


def sync(client, version, generation, member, share, group="g"):
    w = writer(SYNC, version).string(group).int32(generation).string(member)
    if version >= 3:
        w.string(None)
    if version >= 5:
        w.string("consumer").string("range")
    w.count(1).string(member).bytes(share).tags().tags()
    r = ask(client, SYNC, version, w)
    if version >= 1:
        r.int32()
    error = r.int16()
    if version >= 5 and error == 0:
        assert (r.string(), r.string()) == ("consumer", "range")
    elif version >= 5:
        assert (r.string(), r.string()) == (None, None)
    assignment = r.bytes()
    r.tags()
    r.end()
    return error, assignment


def heartbeat(client, version, generation, member, group="g"):
    w = writer(HEARTBEAT, version).string(group).int32(generation).string(member)
    if version >= 3:
        w.string(None)
    r = ask(client, HEARTBEAT, version, w.tags())
    if version >= 1:
        r.int32()
    error = r.int16()
    r.tags()
    r.end()
    return error


def leave(client, version, *members, group="g"):
    """The error of the request, and those of the members."""
    w = writer(LEAVE, version).string(group)
    if version < 3:
        w.string(*members)
    else:
        w.count(len(members))
        for member in members:
            w.string(member).string(None)
            if version >= 5:
                w.string("a reason")
            w.tags()
    r = ask(client, LEAVE, version, w.tags())
    if version >= 1:
        r.int32()
    error = r.int16()
    errors = []
    if version >= 3:
        for _ in range(r.count()):
            assert r.string() in members
            assert r.string() is None
            errors.append(r.int16())
            r.tags()
    r.tags()
    r.end()
    return error, errors


def commit(client, version, topic, offsets, generation=-1, member="", group="g"):
    """`topic` is its name, from version 10 on its id. Returns the errors."""
    w = writer(COMMIT, version).string(group).int32(generation).string(member)
    if version >= 7:
        w.string(None)
    if version <= 4:
        w.int64(-1)
    w.count(1)
    w.raw(topic) if version >= 10 else w.string(topic)
    w.count(len(offsets))
    for partition, (offset, metadata) in offsets.items():
        w.int32(partition).int64(offset)
        if version >= 6:
            w.int32(7)
        w.string(metadata).tags()
    r = ask(client, COMMIT, version, w.tags().tags())
    if version >= 3:
        r.int32()
    assert r.count() == 1
    assert (r.raw(16) if version >= 10 else r.string()) == topic
    errors = {}
    for _ in range(r.count()):
        partition = r.int32()
        errors[partition] = r.int16()
        r.tags()
    r.tags()
    r.tags()
    r.end()
    return errors


def fetch(client, version, topic, partitions, group="g"):
    """(error of the group, {topic: {partition: (offset, epoch, metadata, error)}})."""
    w = writer(FETCH, version)
    if version >= 8:
        w.count(1)
    w.string(group)
    if version >= 9:
        w.string(None).int32(-1)
    if topic is None:
        w.count(-1)
    else:
        w.count(1)
        w.raw(topic) if version >= 10 else w.string(topic)
        w.count(len(partitions))
        for partition in partitions:
            w.int32(partition)
        w.tags()
    if version >= 8:
        w.tags()
    if version >= 7:
        w.int8(1)
    r = ask(client, FETCH, version, w.tags())
    if version >= 3:
        r.int32()
    if version >= 8:
        assert r.count() == 1
        assert r.string() == group
    topics = {}
    for _ in range(r.count()):
        found = topics[r.raw(16) if version >= 10 else r.string()] = {}
        for _ in range(r.count()):
            partition, offset = r.int32(), r.int64()
            epoch = r.int32() if version >= 5 else None
            found[partition] = (offset, epoch, r.string(), r.int16())
            r.tags()
        r.tags()
    error = r.int16() if version >= 2 else 0
    r.tags()
    if version >= 8:
        r.tags()
    r.end()
    return error, topics


@pytest.mark.parametrize("version", range(7))
def test_find_coordinator(broker, client, version):
    host, port = broker.address
    w = writer(FIND, version)
    if version < 4:
        w.string("g")
    if version >= 1:
        w.int8(0)
    if version >= 4:
        w.count(2).string("g").string("h")
    r = ask(client, FIND, version, w.tags())
    if version >= 1:
        assert r.int32() == 0
    if version < 4:
        assert r.int16() == 0
        if version >= 1:
            assert r.string() is None
        assert (r.int32(), r.string(), r.int32()) == (1, host, port)
    else:
        assert r.count() == 2
        for key in ("g", "h"):
            assert (r.string(), r.int32(), r.string(), r.int32()) == (key, 1, host, port)
            assert (r.int16(), r.string()) == (0, None)
            r.tags()
    r.tags()
    r.end()


@pytest.mark.parametrize("kind", [2, 9])
def test_there_are_no_share_groups(client, kind):
    r = ask(client, FIND, 6, writer(FIND, 6).int8(kind).count(1).string("k").tags())
    r.int32()
    assert r.count() == 1
    assert (r.string(), r.int32(), r.string(), r.int32(), r.int16()) == ("k", -1, "", -1, 42)


@pytest.mark.parametrize("version", range(10))
def test_join_and_sync(client, version):
    generation, member = enter(client, version)
    assert generation == 1
    for sync_version in range(6):
        assert sync(client, sync_version, 1, member, b"share") == (0, b"share")
        assert sync(client, sync_version, 2, member, b"") == (ILLEGAL_GENERATION, b"")
    # The leader joins again: the next generation.
    assert read_join(join(client, version, member), version)[:2] == (0, 2)


@pytest.mark.parametrize("version", range(5))
def test_heartbeat(client, version):
    generation, member = enter(client)
    assert heartbeat(client, version, generation, member) == 0
    assert heartbeat(client, version, generation + 1, member) == ILLEGAL_GENERATION
    assert heartbeat(client, version, generation, "nobody") == UNKNOWN_MEMBER
    assert heartbeat(client, version, generation, member, group="none") == UNKNOWN_MEMBER


@pytest.mark.parametrize("version", range(6))
def test_leave(client, version):
    _, member = enter(client)
    if version < 3:
        assert leave(client, version, "nobody") == (UNKNOWN_MEMBER, [])
        assert leave(client, version, member) == (0, [])
        assert leave(client, version, member) == (UNKNOWN_MEMBER, [])
    else:
        assert leave(client, version, "nobody", member) == (0, [UNKNOWN_MEMBER, 0])
        assert leave(client, version, member) == (0, [UNKNOWN_MEMBER])
    assert leave(client, version, member, group="none") == (UNKNOWN_MEMBER, [])


@pytest.mark.parametrize("version", range(2, 11))
def test_commit_and_fetch(client, store, version):
    store.create_topic("t", partitions=4)
    number = bytes.fromhex(store._store.topic_id("t"))
    topic = number if version >= 10 else "t"
    offsets = {0: (5, "note"), 2: (7, None)}
    assert commit(client, version, topic, offsets) == {0: 0, 2: 0}
    assert commit(client, version, topic, {0: (9, "m" * 4097)}) == {0: 12}
    other = bytes(15) + b"\1" if version >= 10 else "none"
    assert commit(client, version, other, {0: (1, "")}) == {0: 100 if version >= 10 else 3}
    epoch = 7 if version >= 6 else -1
    for fetch_version in range(1, 11):
        name = number if fetch_version >= 10 else "t"
        has_epoch = fetch_version >= 5
        stored = {0: (5, epoch if has_epoch else None, "note", 0),
                  2: (7, epoch if has_epoch else None, "", 0)}  # fmt: skip
        absent = (-1, -1 if has_epoch else None, "", 0)
        assert fetch(client, fetch_version, name, [0, 1, 2]) == (
            0, {name: {0: stored[0], 1: absent, 2: stored[2]}})  # fmt: skip
        if fetch_version >= 2:
            assert fetch(client, fetch_version, None, []) == (0, {name: stored})
            assert fetch(client, fetch_version, None, [], group="none") == (0, {})
        assert fetch(client, fetch_version, name, [3], group="none") == (0, {name: {3: absent}})


@pytest.mark.parametrize("version", range(2, 11))
def test_commits_of_members(client, store, version):
    store.create_topic("t", partitions=4)
    topic = bytes.fromhex(store._store.topic_id("t")) if version >= 10 else "t"
    generation, member = enter(client)
    sync(client, 5, generation, member, b"")
    assert commit(client, version, topic, {1: (5, "")}, generation, member) == {1: 0}
    absent = commit(
        client, version, topic, {1: (5, ""), 4: (5, ""), -1: (5, "")}, generation, member
    )
    assert absent == {1: 0, 4: UNKNOWN_PARTITION, -1: UNKNOWN_PARTITION}
    assert commit(client, version, topic, {1: (5, "")}, 9, member) == {1: ILLEGAL_GENERATION}
    assert commit(client, version, topic, {1: (5, "")}, generation, "x") == {1: UNKNOWN_MEMBER}
    assert commit(client, version, topic, {1: (5, "")}) == {1: UNKNOWN_MEMBER}
    missing = NOT_FOUND if version >= 9 else ILLEGAL_GENERATION
    assert commit(client, version, topic, {1: (5, "")}, 1, "x", group="none") == {1: missing}


@pytest.mark.parametrize("version", range(7))
def test_describe(client, version):
    generation, member = enter(client)
    sync(client, 5, generation, member, b"share")
    w = writer(DESCRIBE, version).count(2).string("g").string("none")
    if version >= 3:
        w.int8(1)
    r = ask(client, DESCRIBE, version, w.tags())
    if version >= 1:
        r.int32()
    assert r.count() == 2
    assert r.int16() == 0
    if version >= 6:
        assert r.string() is None
    assert [r.string() for _ in range(4)] == ["g", "Stable", "consumer", "range"]
    assert r.count() == 1
    assert r.string() == member
    if version >= 4:
        assert r.string() is None
    assert (r.string(), r.string(), r.bytes(), r.bytes()) == ("test", "/127.0.0.1", WISH, b"share")
    r.tags()
    if version >= 3:
        assert r.int32() == 0b110101001000
    r.tags()
    assert r.int16() == (NOT_FOUND if version >= 6 else 0)
    if version >= 6:
        assert r.string() == "Group none not found."
    assert [r.string() for _ in range(4)] == ["none", "Dead", "", ""]
    assert r.count() == 0
    if version >= 3:
        assert r.int32() == (-(2**31) if version >= 6 else 0b110101001000)
    r.tags()
    r.tags()
    r.end()


@pytest.mark.parametrize("version", range(6))
def test_list(client, version):
    enter(client)
    _, member = enter(client, group="left")
    leave(client, 5, member, group="left")
    for state in (None, "empty"):
        w = writer(LIST, version)
        if version >= 4:
            w.count(0) if state is None else w.count(1).string(state)
        if version >= 5:
            w.count(1).string("classic")
        r = ask(client, LIST, version, w.tags())
        if version >= 1:
            r.int32()
        assert r.int16() == 0
        groups = []
        for _ in range(r.count()):
            group = [r.string(), r.string()]
            group += [r.string()] if version >= 4 else []
            group += [r.string()] if version >= 5 else []
            r.tags()
            groups.append(group)
        r.tags()
        r.end()
        rows = [["g", "consumer", "CompletingRebalance", "classic"],
                ["left", "consumer", "Empty", "classic"]]  # fmt: skip
        shown = rows[1:] if state and version >= 4 else rows
        assert groups == [row[: 2 + (version >= 4) + (version >= 5)] for row in shown]


@pytest.mark.parametrize("version", range(3))
def test_delete_groups(client, store, version):
    store.create_topic("t", partitions=4)
    enter(client, group="full")
    commit(client, 9, "t", {0: (1, "")})
    w = writer(DELETE_GROUPS, version).count(4)
    for group in ("full", "g", "none", ""):
        w.string(group)
    r = ask(client, DELETE_GROUPS, version, w.tags())
    r.int32()
    errors = {}
    for _ in range(r.count()):
        group = r.string()
        errors[group] = r.int16()
        r.tags()
    r.tags()
    r.end()
    assert errors == {"full": NON_EMPTY, "g": 0, "none": NOT_FOUND, "": 24}
    assert fetch(client, 9, None, []) == (0, {})


def test_delete_offsets(client, store):
    for topic in ("t", "other"):
        store.create_topic(topic, partitions=4)
        commit(client, 9, topic, {0: (1, ""), 1: (2, "")})
    generation, member = enter(client)
    sync(client, 5, generation, member, b"")

    def delete(group, topic, partition):
        w = Writer().string(group).count(1).string(topic).count(1).int32(partition)
        r = ask(client, DELETE_OFFSETS, 0, w)
        error, _ = r.int16(), r.int32()
        if r.count() == 0:
            r.end()
            return error
        assert (error, r.string(), r.count(), r.int32()) == (0, topic, 1, partition)
        code = r.int16()
        r.end()
        return code

    assert delete("none", "t", 0) == NOT_FOUND
    assert delete("g", "t", 0) == SUBSCRIBED
    assert delete("g", "none", 0) == 3
    assert delete("g", "other", 0) == 0
    assert delete("g", "other", 0) == 0
    left = fetch(client, 9, None, [])[1]
    assert {topic: sorted(found) for topic, found in left.items()} == {"other": [1], "t": [0, 1]}


def test_offsets_of_a_deleted_topic(client, store, broker):
    store.create_topic("t", partitions=1)
    commit(client, 9, "t", {0: (1, "")})
    w = Writer(True).count(1).string("t").raw(bytes(16)).tags().int32(1000)
    client.call(20, 6, w.tags(), flexible=True)
    assert fetch(client, 9, None, []) == (0, {})
