"""Every message against kafka-python's encoder: its bytes are decoded and encoded again by ours.

What the random values of `random_message` cover: nulls, empty ones, unicode, extreme integers, tagged
fields with and without their default. Ranges are the table of this file, written by hand from the
protocol guide of Kafka 4.2 and KIP-896.
"""

import random

import pytest
from cnengine import _core
from cnengine.errors import CorruptionError
from random_message import CLASSES, ApiMessage, random_message, random_struct

recode = _core.kafka.recode
APIS = {name: (key, first, last, flexible)
        for key, name, first, last, flexible in _core.kafka.message_apis()}  # fmt: skip

NEVER = 32767
RANGES = {  # name: key, first version, last one, first flexible one
    "Produce": (0, 3, 13, 9),
    "Fetch": (1, 4, 18, 12),
    "ListOffsets": (2, 1, 11, 6),
    "Metadata": (3, 0, 13, 9),
    "OffsetCommit": (8, 2, 10, 8),
    "OffsetFetch": (9, 1, 10, 6),
    "FindCoordinator": (10, 0, 6, 3),
    "JoinGroup": (11, 0, 9, 6),
    "Heartbeat": (12, 0, 4, 4),
    "LeaveGroup": (13, 0, 5, 4),
    "SyncGroup": (14, 0, 5, 4),
    "DescribeGroups": (15, 0, 6, 5),
    "ListGroups": (16, 0, 5, 3),
    "SaslHandshake": (17, 0, 1, NEVER),
    "ApiVersions": (18, 0, 4, 3),
    "CreateTopics": (19, 2, 7, 5),
    "DeleteTopics": (20, 1, 6, 4),
    "DeleteRecords": (21, 0, 2, 2),
    "InitProducerId": (22, 0, 5, 2),
    "OffsetForLeaderEpoch": (23, 2, 4, 4),
    "AddPartitionsToTxn": (24, 0, 5, 3),
    "AddOffsetsToTxn": (25, 0, 4, 3),
    "EndTxn": (26, 0, 5, 3),
    "WriteTxnMarkers": (27, 1, 2, 1),
    "TxnOffsetCommit": (28, 0, 5, 3),
    "DescribeAcls": (29, 1, 3, 2),
    "CreateAcls": (30, 1, 3, 2),
    "DeleteAcls": (31, 1, 3, 2),
    "DescribeConfigs": (32, 1, 4, 4),
    "AlterConfigs": (33, 0, 2, 2),
    "AlterReplicaLogDirs": (34, 1, 2, 2),
    "DescribeLogDirs": (35, 1, 4, 2),
    "SaslAuthenticate": (36, 0, 2, 2),
    "CreatePartitions": (37, 0, 3, 2),
    "DeleteGroups": (42, 0, 2, 2),
    "ElectLeaders": (43, 0, 2, 2),
    "IncrementalAlterConfigs": (44, 0, 1, 1),
    "AlterPartitionReassignments": (45, 0, 1, 0),
    "ListPartitionReassignments": (46, 0, 0, 0),
    "OffsetDelete": (47, 0, 0, NEVER),
    "DescribeClientQuotas": (48, 0, 1, 1),
    "AlterClientQuotas": (49, 0, 1, 1),
    "DescribeUserScramCredentials": (50, 0, 0, 0),
    "AlterUserScramCredentials": (51, 0, 0, 0),
    "DescribeQuorum": (55, 0, 2, 0),
    "UpdateFeatures": (57, 0, 2, 0),
    "DescribeCluster": (60, 0, 2, 0),
    "DescribeProducers": (61, 0, 0, 0),
    "DescribeTransactions": (65, 0, 0, 0),
    "ListTransactions": (66, 0, 2, 0),
    "ConsumerGroupHeartbeat": (68, 0, 1, 0),
    "ConsumerGroupDescribe": (69, 0, 1, 0),
    "ListConfigResources": (74, 0, 1, 0),
    "DescribeTopicPartitions": (75, 0, 0, 0),
}
# kafka-python has no schema of these.
ELSEWHERE = {"ConsumerGroupHeartbeat", "ConsumerGroupDescribe"}


def test_ranges():
    assert {name: row for name, row in RANGES.items() if name in APIS} == APIS


CASES = [
    pytest.param(name, version, kind, id=f"{name}{kind}-v{version}")
    for name, (_, first, last, _) in APIS.items()
    if name not in ELSEWHERE
    for kind in ("Request", "Response")
    for version in range(first, last + 1)
]


def messages(name, version, kind, count):
    rng = random.Random(f"{name} {kind} {version}")
    for _ in range(count):
        message = random_message(rng, CLASSES[name + kind], version)
        yield message, bytes(message.encode(version=version))


@pytest.mark.parametrize(("name", "version", "kind"), CASES)
def test_every_message_comes_back(name, version, kind):
    key = APIS[name][0]
    for message, body in messages(name, version, kind, 60):
        assert recode(key, version, kind == "Request", body) == body, message


def plain(value):
    """kafka-python's default of a nullable field without one is empty, ours is null."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list) and value:
        return [plain(item) for item in value]
    return None if value in ("", []) else value


@pytest.mark.parametrize(("name", "version", "kind"), CASES)
def test_fields_of_later_versions_have_their_defaults(name, version, kind):
    """A message of an old version, encoded in the newest one."""
    key, _, last, _ = APIS[name]
    cls = CLASSES[name + kind]

    def decode(data, at):  # that of ApiVersionsResponse takes any error for version 0
        return ApiMessage.decode.__func__(cls, data, version=at)

    for message, body in messages(name, version, kind, 5):
        ours = recode(key, version, kind == "Request", body, last)
        old = decode(body, version)
        old._header = None
        expected = decode(bytes(old.encode(version=last)), last)
        assert plain(decode(ours, last).to_dict()) == plain(expected.to_dict()), message


def has_tags(message, version):
    return any(field.tagged_field_q(version) and getattr(message, name) != field.default
               for name, field in message.fields.items())  # fmt: skip


@pytest.mark.parametrize(("name", "version", "kind"), [
    case for case in CASES if case.values[1] >= APIS[case.values[0]][3]])  # fmt: skip
def test_unknown_tagged_fields_are_passed_over(name, version, kind):
    key = APIS[name][0]
    for message, body in messages(name, version, kind, 20):
        if not has_tags(message, version):
            assert body[-1] == 0
            more = body[:-1] + bytes.fromhex("02 64 03 abcdef e807 00")
            assert recode(key, version, kind == "Request", more) == body


def null_paths(field, version):
    """Of strings, bytes and arrays that may not be null: how to set them in a message."""
    for inner in field.fields.values():
        if not inner.for_version_q(version) or inner.tag is not None:
            continue
        kind = inner.type_str
        variable = inner.is_array() or inner.is_struct_array() or kind in ("string", "bytes")
        if variable and not inner.nullable_for_version_q(version):
            yield [inner]
        if inner.is_struct_array():
            for path in null_paths(inner, version):
                yield [inner, *path]


@pytest.mark.parametrize(("name", "version", "kind"), CASES)
def test_null_is_refused_where_the_schema_does_not_allow_it(name, version, kind):
    key = APIS[name][0]
    cls = CLASSES[name + kind]
    rng = random.Random(1)
    for path in null_paths(cls._struct, version):
        message = random_message(rng, cls, version)
        at = message
        for step in path[:-1]:
            inside = random_struct(rng, step, step.data_class, version)
            setattr(at, step.name, [inside])
            at = inside
        setattr(at, path[-1].name, None)
        body = bytes(super(cls, message).encode(version=version))
        with pytest.raises(CorruptionError, match="null"):
            recode(key, version, kind == "Request", body)


def test_unknown_apis_and_versions_are_nothing():
    assert recode(9999, 0, True, b"") is None
    assert recode(18, 5, True, b"") is None
    assert recode(0, 2, True, b"") is None
    assert recode(18, 0, True, b"", 5) is None


def test_bytes_behind_a_message_are_refused():
    with pytest.raises(CorruptionError, match="left"):
        recode(18, 0, True, b"\0")
