"""The messages of KIP-848, which kafka-python has not, against bytes by hand."""

import pytest
from cnengine import _core
from wire_client import Writer

recode = _core.kafka.recode
HEARTBEAT, DESCRIBE = 68, 69
ID = bytes(range(16))


def flexible():
    return Writer(flexible=True)


def topic_partitions(w, partitions):
    w.count(1).raw(ID).count(len(partitions))
    for partition in partitions:
        w.int32(partition)
    return w.tags()


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("full", [False, True])
def test_heartbeat_request(version, full):
    w = flexible().string("group").string("member").int32(3)
    w.string("instance" if full else None).string("rack" if full else None)
    w.int32(60_000 if full else -1)
    if full:
        w.count(2).string("a").string("b")
    else:
        w.count(-1)
    if version >= 1:
        w.string("^a.*" if full else None)
    w.string("uniform" if full else None)
    if full:
        topic_partitions(w, [0, 7])
    else:
        w.count(-1)
    w.tags()
    body = bytes(w.data)
    assert recode(HEARTBEAT, version, True, body) == body


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("assigned", [False, True])
def test_heartbeat_response(version, assigned):
    w = flexible().int32(0).int16(0).string(None).string("member").int32(4).int32(5000)
    w.raw(b"\1" if assigned else b"\xff")
    if assigned:
        topic_partitions(w, [1]).tags()
    w.tags()
    body = bytes(w.data)
    assert recode(HEARTBEAT, version, False, body) == body


@pytest.mark.parametrize("version", [0, 1])
def test_describe_request(version):
    body = bytes(flexible().count(2).string("a").string("b").raw(b"\1").tags().data)
    assert recode(DESCRIBE, version, True, body) == body


@pytest.mark.parametrize("version", [0, 1])
def test_describe_response(version):
    def assignment(w):
        w.count(1).raw(ID).string("topic").count(1).int32(2).tags()
        return w.tags()

    w = flexible().int32(0).count(1)
    w.int16(0).string(None).string("group").string("Stable").int32(5).int32(4).string("uniform")
    w.count(1).string("member").string(None).string("rack").int32(4).string("client").string("/::1")
    w.count(1).string("topic").string("t.*")
    assignment(w)
    assignment(w)
    if version >= 1:
        w.raw(b"\1")
    w.tags()
    w.int32(-(2**31)).tags()
    w.tags()
    body = bytes(w.data)
    assert recode(DESCRIBE, version, False, body) == body
