"""Bytes of the messages that every client sends, written by hand from the protocol guide.

One line a field or a group of them: hexadecimal, then what it is. Text in quotes stands for its bytes.
https://kafka.apache.org/protocol, KIP-482 (compact forms, tagged fields), KIP-516 (topic ids).
"""

import re

import pytest
from cnengine import _core

PRODUCE, FETCH, METADATA, API_VERSIONS = 0, 1, 3, 18
ID = "00112233445566778899aabbccddeeff"


def parse(text):
    out = b""
    for line in text.splitlines():
        for part in re.findall(r"'[^']*'|[0-9a-f]+", line.split("#")[0].replace("ID", ID)):
            out += part[1:-1].encode() if part[0] == "'" else bytes.fromhex(part)
    return out


RANGES_V3 = """
    0000                      # no error
    03                        # two APIs
    0003 0000 000d 00
    0012 0000 0004 00
    00000000                  # throttled
    {}                        # how many tagged fields
    00 1a 02 14 'transaction.version' 0000 0002 00
    01 08 0000000000000009    # epoch
    02 1a 02 14 'transaction.version' 0002 0001 00
"""

REQUESTS = [
    (API_VERSIONS, (0, 1, 2), ""),
    (API_VERSIONS, (3, 4), """
        0b 'librdkafka'
        07 '2.15.1'
        00
    """),
    (METADATA, (0, 1, 2, 3), """
        00000001                  # one topic
        0005 'topic'
    """),
    (METADATA, (0,), "00000000"),     # all topics
    (METADATA, (1,), "ffffffff"),     # the same
    (METADATA, (9,), """
        02 06 'topic' 00
        01                        # create it
        00 01                     # operations: of the cluster, of topics
        00
    """),
    (METADATA, (9,), "00 00 00 00 00"),
    (METADATA, (13,), """
        03
        ID 00 00                  # a topic by its id
        00000000000000000000000000000000 06 'topic' 00
        00 01
        00
    """),
    (PRODUCE, (3,), """
        ffff                      # no transaction
        ffff 000003e8             # acks=all, timeout
        00000001 0001 't'
        00000002
        00000000 00000004 deadbeef
        00000001 ffffffff         # records: null
    """),
    (PRODUCE, (9,), """
        03 'tx' ffff 000003e8
        02 02 't'
        02 00000000 05 deadbeef 00
        00
        00
    """),
    (PRODUCE, (13,), """
        00 0001 000003e8
        02 ID
        03
        00000000 05 deadbeef 00
        00000001 01 00            # records: empty
        00
        00
    """),
    (FETCH, (4,), """
        ffffffff 000001f4         # a consumer, maximum wait
        00000001 03200000 01      # minimum and maximum of bytes, read committed
        00000001 0001 't'
        00000001
        00000000 0000000000000005 00100000
    """),
    (FETCH, (12,), """
        ffffffff 000001f4 00000001 03200000 00
        00000000 ffffffff         # session: none
        02 02 't'
        02 00000000 00000003      # partition, leader epoch
        0000000000000005          # offset
        ffffffff ffffffffffffffff # last fetched epoch, start of a follower's log
        00100000 00
        00
        01                        # forgotten topics
        02 'r'                    # rack
        01 00 03 03 'id'          # tagged: cluster id
    """),
    (FETCH, (13,), """
        ffffffff 000001f4 00000001 03200000 00
        00000007 00000002
        01                        # no topics
        02 ID                     # a forgotten one
        03 00000003 00000004 00
        01
        00
    """),
    (FETCH, (18,), """
        000001f4 00000001 03200000 00
        00000007 00000002
        02 ID
        02 00000000 00000003 0000000000000005 ffffffff ffffffffffffffff 00100000
        02                        # tagged: directory id, high watermark
        00 10 ffeeddccbbaa99887766554433221100
        01 08 0000000000000004
        00
        01 01
        01 01 0d 00000001 0000000000000002 00   # tagged: replica id and epoch
    """),
]  # fmt: skip

RESPONSES = [
    (API_VERSIONS, (0,), """
        0000
        00000002
        0003 0000 000d
        0012 0000 0004
    """),
    (API_VERSIONS, (1, 2), """
        0023                      # unsupported version
        00000000
        00000064                  # throttled
    """),
    (API_VERSIONS, (3,), RANGES_V3.format("03")),
    (API_VERSIONS, (4,), RANGES_V3.format("04") + "03 01 01"),
    (METADATA, (0,), """
        00000001
        00000001 0009 'localhost' 00002384
        00000001
        0000 0001 't'
        00000001
        0005 00000000 ffffffff    # leader not available
        00000002 00000001 00000002
        00000001 00000001
    """),
    (METADATA, (9,), """
        00000000
        02 00000001 0a 'localhost' 00002384 00 00
        04 'abc'                  # cluster id
        00000001                  # controller
        02 0000 02 't' 00
        02 0000 00000000 00000001 00000005
        02 00000001               # replicas
        02 00000001               # in-sync ones
        01 00                     # offline ones
        80000000 00               # operations of the topic: not asked
        80000000                  # of the cluster
        00
    """),
    (METADATA, (13,), """
        00000000
        02 00000001 02 'h' 00002384 03 'r1' 00
        00 ffffffff
        03
        0064 00 ID 00 01 80000000 00    # unknown topic id
        0000 02 't' ID 01 01 00000558 00
        0000 00
    """),
    (PRODUCE, (3,), """
        00000001 0001 't'
        00000001 00000000 0000 0000000000000007 ffffffffffffffff
        00000000
    """),
    (PRODUCE, (9,), """
        02 02 't'
        02 00000001 0057 ffffffffffffffff ffffffffffffffff 0000000000000000
        03
        00000000 04 'bad' 00
        00000003 00 00
        07 'record' 00
        00
        00000000 00
    """),
    (PRODUCE, (13,), """
        02 ID
        02 00000000 0006 ffffffffffffffff ffffffffffffffff ffffffffffffffff 01 00
        01 00 09 00000002 00000003 00   # tagged: the leader
        00
        00000000
        01 00 0d 02 00000002 02 'h' 00002384 00 00   # tagged: where it is
    """),
    (FETCH, (4,), """
        00000000
        00000001 0001 't'
        00000002
        00000000 0000 0000000000000008 0000000000000006 ffffffff 00000002 beef
        00000001 0001 0000000000000008 0000000000000006
        00000001 0000000000000021 0000000000000004   # aborted: producer, first offset
        00000000
    """),
    (FETCH, (12,), """
        00000000 0000 00000007
        02 02 't'
        02 00000000 004a 0000000000000008 0000000000000006 0000000000000001
        00 ffffffff 03 beef
        03
        00 0d 00000001 0000000000000002 00
        01 09 00000002 00000003 00
        02 0d 0000000000000004 00000005 00
        00
        00
    """),
    (FETCH, (13,), """
        00000000 0000 00000007
        02 ID
        02 00000000 0000 0000000000000008 0000000000000006 0000000000000001
        02 0000000000000021 0000000000000004 00
        00000001 01 00
        00
        00
    """),
    (FETCH, (18,), """
        00000000 0046 00000000    # session id not found
        01
        01 00 0d 02 00000002 02 'h' 00002384 00 00
    """),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "key", "version", "text"), [
    pytest.param(request, key, version, text, id=f"{key}-v{version}-{'request' if request else 'response'}")
    for request, table in ((True, REQUESTS), (False, RESPONSES))
    for key, versions, text in table
    for version in versions
])  # fmt: skip
def test_bytes_come_back(request_, key, version, text):
    body = parse(text)
    got = _core.kafka.recode(key, version, request_, body)
    assert got is not None
    assert got.hex(" ") == body.hex(" ")
