"""Reads partitions over the wire, by bytes decoded here: what read_committed makes of them too."""

from record_batches import values
from wire_client import Client, Writer

FETCH, FIND_COORDINATOR, OFFSET_FETCH = 1, 10, 9
CONTROL, TRANSACTIONAL = 32, 16


class Refused(Exception):
    """An error of the protocol; `code` is its number."""

    def __init__(self, api, code):
        super().__init__(f"{api}: error {code}")
        self.code = code


def fetch(client, topic, partition, offset, *, committed, wait_ms=0):
    """(records, offset after what came, high watermark, last stable offset) by Fetch 11; records
    are (offset, text of the value)."""
    w = Writer().int32(-1).int32(wait_ms).int32(1).int32(1 << 20).int8(committed).int32(0).int32(-1)
    w.count(1).string(topic).count(1).int32(partition).int32(-1).int64(offset).int64(-1)
    w.int32(1 << 18).count(0).string("")
    r = client.call(FETCH, 11, w)
    r.int32()
    if error := r.int16():
        raise Refused("fetch", error)
    r.int32()
    assert (r.count(), r.string(), r.count(), r.int32()) == (1, topic, 1, partition)
    error, high, stable = r.int16(), r.int64(), r.int64()
    r.int64()
    aborted = sorted((r.int64(), r.int64())[::-1] for _ in range(max(r.count(), 0)))
    r.int32()
    data = r.bytes() or b""
    r.end()
    if error:
        raise Refused("fetch", error)
    records, after = read_batches(data, aborted if committed else [])
    return [r for r in records if r[0] >= offset], max(after, offset), high, stable


def read_batches(data, aborted):
    """KIP-98: of an aborted producer the records from the first offset up to its marker go."""
    out, at, after, dropping, aborted = [], 0, 0, set(), list(aborted)
    while at < len(data):
        size = 12 + int.from_bytes(data[at + 8 : at + 12], "big")
        one, at = data[at : at + size], at + size
        if len(one) < size:
            break
        producer = int.from_bytes(one[43:51], "big", signed=True)
        last = int.from_bytes(one[:8], "big") + int.from_bytes(one[23:27], "big")
        after = last + 1
        while aborted and aborted[0][0] <= last:
            dropping.add(aborted.pop(0)[1])
        if one[22] & CONTROL:
            if values(one)[0][1][3] == 0:
                dropping.discard(producer)
        elif not (one[22] & TRANSACTIONAL and producer in dropping):
            out += [(offset, value.decode()) for offset, _, value in values(one)]
    return out, after


def read_all(address, topic, partition, *, committed):
    """(records, high watermark, last stable offset) from offset 0 to the end."""
    out, offset = [], 0
    with Client(address) as client:
        while True:
            records, after, high, stable = fetch(
                client, topic, partition, offset, committed=committed
            )
            out += records
            if after == offset:
                assert offset == (stable if committed else high), f"{topic}/{partition}: {offset}"
                return out, high, stable
            offset = after


def committed_offset(client, group, topic, partition):
    """By OffsetFetch 7, only what no transaction holds; -1 is none."""
    w = Writer(True).string(group).count(1).string(topic).count(1).int32(partition).tags()
    r = client.call(OFFSET_FETCH, 7, w.int8(1).tags(), flexible=True)
    r.int32()
    assert (r.count(), r.string(), r.count(), r.int32()) == (1, topic, 1, partition)
    offset = r.int64()
    r.int32()
    r.string()
    error = r.int16()
    r.tags()
    r.tags()
    error = error or r.int16()
    if error:
        raise Refused("offset fetch", error)
    return offset
