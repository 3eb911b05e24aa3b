"""Requests of transactions in bytes by hand, every version of each; independent of our encoder."""

from record_batches import batch, values
from wire_client import Writer

PRODUCE, FETCH, LIST_OFFSETS, INIT, ADD, ADD_OFFSETS, END = 0, 1, 2, 22, 24, 25, 26
MARKERS, PRODUCERS, DESCRIBE, LIST = 27, 61, 65, 66

NONE, NOT_ENOUGH_REPLICAS, INVALID_ACKS, OUT_OF_ORDER, INVALID_REQUEST = 0, 19, 21, 45, 42
INVALID_EPOCH, INVALID_TXN_STATE, INVALID_MAPPING, INVALID_TIMEOUT = 47, 48, 49, 50
CONCURRENT, TXN_AUTHORIZATION, NOT_ATTEMPTED, UNKNOWN_TOPIC = 51, 53, 55, 3
FENCED, ID_NOT_FOUND, ABORTABLE, COORDINATOR_FENCED = 90, 105, 120, 52
TRANSACTIONAL = 16


def init(client, version, transactional_id, *, timeout_ms=60_000, producer=(-1, -1)):
    """(error, producer id, epoch)."""
    flexible = version >= 2
    w = Writer(flexible).string(transactional_id).int32(timeout_ms)
    if version >= 3:
        w.int64(producer[0]).int16(producer[1])
    r = client.call(INIT, version, w.tags(), flexible=flexible)
    assert r.int32() == 0
    out = (r.int16(), r.int64(), r.int16())
    r.tags()
    r.end()
    return out


def _topics(w, partitions):
    topics = {}
    for topic, index in partitions:
        topics.setdefault(topic, []).append(index)
    w.count(len(topics))
    for topic, indexes in topics.items():
        w.string(topic).count(len(indexes))
        for index in indexes:
            w.int32(index)
        w.tags()
    return w


def _read_topics(r):
    out = {}
    for _ in range(r.count()):
        topic = r.string()
        for _ in range(r.count()):
            index = r.int32()
            out[topic, index] = r.int16()
            r.tags()
        r.tags()
    return out


def add(client, version, transactional_id, producer, partitions):
    """{(topic, partition): error} of versions 0 to 3."""
    flexible = version >= 3
    w = Writer(flexible).string(transactional_id).int64(producer[0]).int16(producer[1])
    r = client.call(ADD, version, _topics(w, partitions).tags(), flexible=flexible)
    assert r.int32() == 0
    out = _read_topics(r)
    r.tags()
    r.end()
    return out


def add_batched(client, version, transactions):
    """[(id, {(topic, partition): error})] of versions 4 and 5, for (id, producer, verify only,
    partitions)."""
    w = Writer(True).count(len(transactions))
    for transactional_id, producer, verify_only, partitions in transactions:
        w.string(transactional_id).int64(producer[0]).int16(producer[1]).int8(verify_only)
        _topics(w, partitions).tags()
    r = client.call(ADD, version, w.tags(), flexible=True)
    assert (r.int32(), r.int16()) == (0, NONE)
    out = []
    for _ in range(r.count()):
        out.append((r.string(), _read_topics(r)))
        r.tags()
    r.tags()
    r.end()
    return out


def add_offsets(client, version, transactional_id, producer, group):
    flexible = version >= 3
    w = Writer(flexible).string(transactional_id).int64(producer[0]).int16(producer[1])
    r = client.call(ADD_OFFSETS, version, w.string(group).tags(), flexible=flexible)
    assert r.int32() == 0
    error = r.int16()
    r.tags()
    r.end()
    return error


def end(client, version, transactional_id, producer, commit):
    """The error; since version 5 (error, producer id, epoch)."""
    flexible = version >= 3
    w = Writer(flexible).string(transactional_id).int64(producer[0]).int16(producer[1])
    r = client.call(END, version, w.int8(commit).tags(), flexible=flexible)
    assert r.int32() == 0
    out = r.int16()
    if version >= 5:
        out = (out, r.int64(), r.int16())
    r.tags()
    r.end()
    return out


def produce_body(version, topic, records, *, partition=0, acks=-1, transactional_id="t",
                 topic_id=None):  # fmt: skip
    w = Writer(version >= 9).string(transactional_id).int16(acks).int32(10_000).count(1)
    w.raw(topic_id) if version >= 13 else w.string(topic)
    return w.count(1).int32(partition).bytes(records).tags().tags().tags()


def read_produce(r, version):
    """(error, base offset) of the one partition."""
    assert r.count() == 1
    r.raw(16) if version >= 13 else r.string()
    assert r.count() == 1
    r.int32()
    out = (r.int16(), r.int64())
    r.int64()
    if version >= 5:
        r.int64()
    if version >= 8:
        for _ in range(r.count()):
            r.int32()
            r.string()
            r.tags()
        r.string()
    r.tags()
    r.tags()
    assert r.int32() == 0
    r.tags()
    r.end()
    return out


def produce(client, version, topic, what, producer, sequence, **kwargs):
    """Sends a transactional batch of values; (error, base offset)."""
    records = batch(what, attributes=TRANSACTIONAL, producer=(*producer, sequence))
    body = produce_body(version, topic, records, **kwargs)
    return read_produce(client.call(PRODUCE, version, body, flexible=version >= 9), version)


def fetch(client, topic, offset, *, committed, partition=0):
    """(error, high watermark, last stable offset, aborted, values) by version 11: values of data
    batches, True for a commit marker, False for one of an abort; offsets with them."""
    w = Writer().int32(-1).int32(0).int32(0).int32(1 << 20).int8(committed).int32(0).int32(-1)
    w.count(1).string(topic).count(1).int32(partition).int32(-1).int64(offset).int64(-1)
    w.int32(1 << 20).count(0).string("")
    r = client.call(FETCH, 11, w)
    assert (r.int32(), r.int16()) == (0, NONE)
    r.int32()
    assert (r.count(), r.string(), r.count(), r.int32()) == (1, topic, 1, partition)
    error, high, stable, start = r.int16(), r.int64(), r.int64(), r.int64()
    assert start == 0
    aborted = [(r.int64(), r.int64()) for _ in range(max(r.count(), 0))]
    r.int32()
    data = r.bytes() or b""
    r.end()
    return error, high, stable, aborted, read_records(data)


def read_records(data):
    out, at = [], 0
    while at < len(data):
        size = 12 + int.from_bytes(data[at + 8 : at + 12], "big")
        one = data[at : at + size]
        control = one[22] & 32
        for offset, key, value in values(one):
            if control:
                assert key[:2] == b"\0\0"
                assert len(value) == 6
                out.append((offset, key[3] == 1))
            else:
                out.append((offset, value))
        at += size
    return out


def read_committed(client, topic, partition=0):
    """What a client makes of a partition under read_committed: the values that count, in order.
    Follows KIP-98: of an aborted producer's records those from the first offset on up to its
    marker are dropped."""
    w = Writer().int32(-1).int32(0).int32(0).int32(1 << 26).int8(1).int32(0).int32(-1)
    w.count(1).string(topic).count(1).int32(partition).int32(-1).int64(0).int64(-1)
    w.int32(1 << 26).count(0).string("")
    r = client.call(FETCH, 11, w)
    r.int32(), r.int16(), r.int32()
    assert (r.count(), r.string(), r.count(), r.int32()) == (1, topic, 1, partition)
    assert r.int16() == NONE
    r.int64(), r.int64(), r.int64()
    aborted = sorted((r.int64(), r.int64())[::-1] for _ in range(max(r.count(), 0)))
    r.int32()
    data = r.bytes() or b""
    out, at, dropping = [], 0, set()
    while at < len(data):
        size = 12 + int.from_bytes(data[at + 8 : at + 12], "big")
        one, at = data[at : at + size], at + size
        producer = int.from_bytes(one[43:51], "big", signed=True)
        last = int.from_bytes(one[:8], "big") + int.from_bytes(one[23:27], "big")
        while aborted and aborted[0][0] <= last:
            dropping.add(aborted.pop(0)[1])
        if one[22] & 32:
            if values(one)[0][1][3] == 0:
                dropping.discard(producer)
        elif not (one[22] & 16 and producer in dropping):
            out += [value for _, _, value in values(one)]
    return out


def list_offsets(client, topic, timestamp, *, committed, partition=0):
    w = Writer().int32(-1).int8(committed).count(1).string(topic)
    w.count(1).int32(partition).int32(-1).int64(timestamp)
    r = client.call(LIST_OFFSETS, 5, w)
    assert (r.int32(), r.count(), r.string(), r.count()) == (0, 1, topic, 1)
    assert (r.int32(), r.int16()) == (partition, NONE)
    r.int64()
    return r.int64()


def write_markers(client, version, producer, commit, partitions, *, coordinator_epoch=0,
                  transaction_version=2):  # fmt: skip
    w = Writer(True).count(1).int64(producer[0]).int16(producer[1]).int8(commit)
    _topics(w, partitions).int32(coordinator_epoch)
    if version >= 2:
        w.int8(transaction_version)
    r = client.call(MARKERS, version, w.tags().tags(), flexible=True)
    assert r.count() == 1
    assert r.int64() == producer[0]
    out = _read_topics(r)
    r.tags()
    r.tags()
    r.end()
    return out


def describe_producers(client, topic, partition=0):
    """(error, [(id, epoch, last sequence, coordinator epoch, start of the transaction)])."""
    w = Writer(True).count(1).string(topic).count(1).int32(partition).tags().tags()
    r = client.call(PRODUCERS, 0, w, flexible=True)
    assert (r.int32(), r.count(), r.string(), r.count(), r.int32()) == (0, 1, topic, 1, partition)
    error, _why, out = r.int16(), r.string(), []
    for _ in range(r.count()):
        who, epoch, sequence, _time = r.int64(), r.int32(), r.int32(), r.int64()
        out.append((who, epoch, sequence, r.int32(), r.int64()))
        r.tags()
    for _ in range(3):
        r.tags()
    r.end()
    return error, out


def describe(client, ids):
    """[(error, id, state, timeout, start, producer, epoch, {topic: partitions})]."""
    w = Writer(True).count(len(ids))
    for one in ids:
        w.string(one)
    r = client.call(DESCRIBE, 0, w.tags(), flexible=True)
    assert r.int32() == 0
    out = []
    for _ in range(r.count()):
        row = [r.int16(), r.string(), r.string(), r.int32(), r.int64(), r.int64(), r.int16()]
        topics = {}
        for _ in range(r.count()):
            topic = r.string()
            topics[topic] = [r.int32() for _ in range(r.count())]
            r.tags()
        r.tags()
        out.append((*row, topics))
    r.tags()
    r.end()
    return out


def list_transactions(client, version, *, states=(), producers=(), duration=-1, pattern=None):
    """(error, unknown states, [(id, producer, state)])."""
    w = Writer(True).count(len(states))
    for state in states:
        w.string(state)
    w.count(len(producers))
    for producer in producers:
        w.int64(producer)
    if version >= 1:
        w.int64(duration)
    if version >= 2:
        w.string(pattern)
    r = client.call(LIST, version, w.tags(), flexible=True)
    assert r.int32() == 0
    error = r.int16()
    unknown = [r.string() for _ in range(r.count())]
    out = []
    for _ in range(r.count()):
        out.append((r.string(), r.int64(), r.string()))
        r.tags()
    r.tags()
    r.end()
    return error, unknown, out
