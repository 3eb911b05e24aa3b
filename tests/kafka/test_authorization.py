"""What each API asks an authorizer, and where it says no.

The table follows "Operations and Resources on Protocols" of Kafka's documentation
(https://kafka.apache.org/documentation/#operations_resources_and_protocols), KIP-11, KIP-98, KIP-320
(OffsetForLeaderEpoch), KIP-664, KIP-848 and KIP-1037 (WriteTxnMarkers).
"""

from types import SimpleNamespace
from typing import NamedTuple

import pytest
from authorization_world import DENY, LITERAL, OPERATIONS, PREFIXED, Rule, World, commit_of
from cnengine import _core
from named_client import ask, at
from record_batches import batch
from wire_client import Writer

T, NEW, G, X, C = ("TOPIC", "t"), ("TOPIC", "new"), ("GROUP", "g"), ("TRANSACTIONAL_ID", "x"), (
    "CLUSTER", "kafka-cluster")  # fmt: skip
IMPLIED_BY = {
    "DESCRIBE": {"READ", "WRITE", "DELETE", "ALTER"},
    "DESCRIBE_CONFIGS": {"ALTER_CONFIGS"},
}

TOPIC_DENIED, GROUP_DENIED, CLUSTER_DENIED, ID_DENIED = 29, 30, 31, 53
UNKNOWN_MEMBER, INVALID_REQUEST, INVALID_STATE = 25, 42, 48
LOG_DIR_NOT_FOUND, NOT_FOUND, ID_REQUIRED, UNSUPPORTED_VERSION, INVALID_UPDATE = 57, 69, 79, 35, 95


@pytest.fixture
def start(store):
    started = []

    def make(**config):
        started.append(World(store, **config))
        return started[-1]

    yield make
    for world in started:
        world.stop()


@pytest.fixture
def world(start):
    return start()


class Need(NamedTuple):
    """Without one of the rules there is this error at this place of the response."""

    error: int
    path: str
    rules: tuple[Rule, ...]


class Row(NamedTuple):
    """A request, what it needs, in the order in which it is asked, and its answer with all of it."""

    api: str
    version: int
    fields: object  # or what makes them for a world
    needs: tuple[Need, ...]
    then: int
    label: str


def need(error, path, *rules):
    return Need(error, path, tuple(Rule(*rule) for rule in rules))


def row(api, version, fields, *needs, then=0, label=""):
    label = f"{api}-v{version}{label and '-'}{label}"
    return pytest.param(Row(api, version, fields, needs, then, label), id=label)


def produce_of(key, topic, records, transactional_id=None):
    return {"transactional_id": transactional_id, "acks": -1, "timeout_ms": 10_000, "topic_data": [
        {key: topic, "partition_data": [{"index": 0, "records": records}]}]}  # fmt: skip


def transactional_produce(world):
    who = (*world.producer.values(), 0)
    return produce_of("name", "t", batch([b"v"], attributes=16, producer=who), "x")


def fetch_of(key, topic):
    return {"replica_id": -1, "max_wait_ms": 0, "min_bytes": 0, "max_bytes": 1 << 20,
            "isolation_level": 0, "session_id": 0, "session_epoch": -1, "forgotten_topics_data": [],
            "rack_id": "", "topics": [{key: topic, "partitions": [
                {"partition": 0, "current_leader_epoch": -1, "fetch_offset": 0,
                 "last_fetched_epoch": -1, "log_start_offset": -1,
                 "partition_max_bytes": 1 << 20}]}]}  # fmt: skip


def metadata_of(create=False, **topic):
    return {"topics": [topic], "allow_auto_topic_creation": create}


def offsets_of(key, topic):
    return {"require_stable": False, "groups": [
        {"group_id": "g", "member_id": None, "member_epoch": -1,
         "topics": [{key: topic, "partition_indexes": [0]}]}]}  # fmt: skip


def member(**more):
    return {"group_id": "g", "generation_id": 1, "member_id": "m", **more}


def txn(**more):
    return lambda world: {"transactional_id": "x", **world.producer, **more}


def markers(world):
    return {"markers": [{**world.producer, "transaction_result": False, "coordinator_epoch": 0,
                         "topics": [{"name": "t", "partition_indexes": [0]}],
                         "transaction_version": 1}]}  # fmt: skip


def acl_filter(name):
    return {"resource_type_filter": 2, "resource_name_filter": name, "pattern_type_filter": 3,
            "principal_filter": None, "host_filter": None, "operation": 1,
            "permission_type": 1}  # fmt: skip


def config_of(kind, name, **more):
    return {"resources": [{"resource_type": kind, "resource_name": name, **more}]}


def heartbeat(client):
    w = Writer(True).string("g").string("").int32(0).string(None).string(None).int32(30_000)
    w.count(1).string("t").string(None).count(0)
    r = client.call(68, 0, w.tags(), flexible=True)
    r.int32()
    return SimpleNamespace(error_code=r.int16())


def describe_consumers(client):
    r = client.call(69, 0, Writer(True).count(1).string("g").int8(0).tags(), flexible=True)
    assert (r.int32(), r.count()) == (0, 1)
    return SimpleNamespace(error_code=r.int16())


BY_HAND = {"ConsumerGroupHeartbeat": heartbeat, "ConsumerGroupDescribe": describe_consumers}
"""kafka-python has no schema of these."""

E = "error_code"
TP = "topics.0.partitions.0.error_code"
PRODUCED = "responses.0.partition_responses.0.error_code"
FETCHED = "responses.0.partitions.0.error_code"
OFFSETS = "groups.0.topics.0.partitions.0.error_code"
ADDED = "results_by_topic_v3_and_below.0.results_by_partition.0.partition_error_code"
MARKED = "markers.0.topics.0.partitions.0.error_code"
ON_T = [{"name": "t", "partitions": [0]}]
ON_T_AT_0 = [{"name": "t", "partitions": [{"partition_index": 0}]}]
SETTING = {"name": "retention.ms", "value": "1000"}
DESCRIBES, ALTERS = ("DESCRIBE", C), ("ALTER", C)

# fmt: off
TABLE = [
    row("Produce", 12, produce_of("name", "t", batch([b"v"])), need(29, PRODUCED, ("WRITE", T))),
    row("Produce", 13, lambda w: produce_of("topic_id", w.topic_id, batch([b"v"])),
        need(29, PRODUCED, ("WRITE", T))),
    row("Produce", 12, transactional_produce, need(53, PRODUCED, ("WRITE", X)),
        need(29, PRODUCED, ("WRITE", T)), label="transactional"),
    row("Fetch", 12, fetch_of("topic", "t"), need(29, FETCHED, ("READ", T))),
    row("Fetch", 13, lambda w: fetch_of("topic_id", w.topic_id), need(29, FETCHED, ("READ", T))),
    row("ListOffsets", 7, {"replica_id": -1, "isolation_level": 0, "topics": [
        {"name": "t", "partitions": [{"partition_index": 0, "current_leader_epoch": -1,
                                      "timestamp": -1}]}]}, need(29, TP, ("DESCRIBE", T))),
    row("Metadata", 1, metadata_of(name="t"), need(29, "topics.0.error_code", ("DESCRIBE", T))),
    row("Metadata", 12, lambda w: metadata_of(topic_id=w.topic_id, name=None),
        need(29, "topics.0.error_code", ("DESCRIBE", T))),
    row("Metadata", 12, metadata_of(name="new"), need(29, "topics.0.error_code", ("DESCRIBE", NEW)),
        then=3, label="missing"),
    row("Metadata", 12, metadata_of(create=True, name="new"),
        need(29, "topics.0.error_code", ("DESCRIBE", NEW)),
        need(29, "topics.0.error_code", ("CREATE", NEW), ("CREATE", C)), label="create"),
    row("OffsetCommit", 9, commit_of("name", "t"), need(30, TP, ("READ", G)),
        need(29, TP, ("READ", T))),
    row("OffsetCommit", 10, lambda w: commit_of("topic_id", w.topic_id), need(30, TP, ("READ", G)),
        need(29, TP, ("READ", T))),
    row("OffsetFetch", 7, {"group_id": "g", "topics": [{"name": "t", "partition_indexes": [0]}],
                           "require_stable": False}, need(30, E, ("DESCRIBE", G)),
        need(29, TP, ("DESCRIBE", T))),
    row("OffsetFetch", 9, offsets_of("name", "t"), need(30, "groups.0.error_code", ("DESCRIBE", G)),
        need(29, OFFSETS, ("DESCRIBE", T))),
    row("OffsetFetch", 10, lambda w: offsets_of("topic_id", w.topic_id),
        need(30, "groups.0.error_code", ("DESCRIBE", G)), need(29, OFFSETS, ("DESCRIBE", T))),
    row("FindCoordinator", 3, {"key": "g", "key_type": 0}, need(30, E, ("DESCRIBE", G))),
    row("FindCoordinator", 4, {"key_type": 0, "coordinator_keys": ["g"]},
        need(30, "coordinators.0.error_code", ("DESCRIBE", G))),
    row("FindCoordinator", 4, {"key_type": 1, "coordinator_keys": ["x"]},
        need(53, "coordinators.0.error_code", ("DESCRIBE", X)), label="transaction"),
    row("JoinGroup", 9, {"group_id": "g", "session_timeout_ms": 10_000, "member_id": "",
                         "rebalance_timeout_ms": 10_000, "protocol_type": "consumer",
                         "protocols": [{"name": "range", "metadata": b""}], "reason": None},
        need(30, E, ("READ", G)), then=79),
    row("SyncGroup", 3, member(assignments=[]), need(30, E, ("READ", G)), then=25),
    row("Heartbeat", 4, member(), need(30, E, ("READ", G)), then=25),
    row("LeaveGroup", 2, {"group_id": "g", "member_id": "m"}, need(30, E, ("READ", G)), then=25),
    row("LeaveGroup", 5, {"group_id": "g", "members": []}, need(30, E, ("READ", G))),
    row("DescribeGroups", 5, {"groups": ["g"], "include_authorized_operations": False},
        need(30, "groups.0.error_code", ("DESCRIBE", G))),
    row("DeleteGroups", 2, {"groups_names": ["g"]}, need(30, "results.0.error_code", ("DELETE", G))),
    row("ConsumerGroupHeartbeat", 0, {}, need(30, E, ("READ", G)), need(29, E, ("DESCRIBE", T))),
    row("ConsumerGroupDescribe", 0, {}, need(30, E, ("DESCRIBE", G)), then=69),
    row("CreateTopics", 7, {"topics": [{"name": "new", "num_partitions": 1, "replication_factor": 1,
                                        "assignments": [], "configs": []}],
                            "timeout_ms": 1000, "validate_only": False},
        need(29, "topics.0.error_code", ("CREATE", NEW), ("CREATE", C))),
    row("DeleteTopics", 6, {"topics": [{"name": "t"}], "timeout_ms": 1000},
        need(29, "responses.0.error_code", ("DELETE", T))),
    row("DeleteTopics", 6, lambda w: {"topics": [{"name": None, "topic_id": w.topic_id}],
                                      "timeout_ms": 1000},
        need(29, "responses.0.error_code", ("DELETE", T)), label="id"),
    row("DeleteRecords", 2, {"topics": [{"name": "t", "partitions": [{"partition_index": 0,
                                                                      "offset": -1}]}],
                             "timeout_ms": 1000}, need(29, TP, ("DELETE", T))),
    row("CreatePartitions", 3, {"topics": [{"name": "t", "count": 2, "assignments": None}],
                                "timeout_ms": 1000, "validate_only": False},
        need(29, "results.0.error_code", ("ALTER", T))),
    row("OffsetForLeaderEpoch", 4, {"replica_id": -1, "topics": [
        {"topic": "t", "partitions": [{"partition": 0, "current_leader_epoch": -1,
                                       "leader_epoch": 0}]}]},
        need(29, TP, ("DESCRIBE", T), ("CLUSTER_ACTION", C))),
    row("InitProducerId", 5, {"transactional_id": None, "transaction_timeout_ms": 1000,
                              "producer_id": -1, "producer_epoch": -1},
        need(31, E, ("IDEMPOTENT_WRITE", C), ("WRITE", T), ("WRITE", NEW)), label="idempotent"),
    row("InitProducerId", 5, {"transactional_id": "x", "transaction_timeout_ms": 1000,
                              "producer_id": -1, "producer_epoch": -1},
        need(53, E, ("WRITE", X)), label="transactional"),
    row("AddPartitionsToTxn", 3, lambda w: {
        "v3_and_below_transactional_id": "x",
        "v3_and_below_producer_id": w.producer["producer_id"],
        "v3_and_below_producer_epoch": w.producer["producer_epoch"],
        "v3_and_below_topics": ON_T}, need(53, ADDED, ("WRITE", X)), need(29, ADDED, ("WRITE", T))),
    row("AddPartitionsToTxn", 5, lambda w: {"transactions": [
        {"transactional_id": "x", **w.producer, "verify_only": False, "topics": ON_T}]},
        need(31, E, ("CLUSTER_ACTION", C)), label="of a broker"),
    row("AddOffsetsToTxn", 4, txn(group_id="g"), need(53, E, ("WRITE", X)),
        need(30, E, ("READ", G))),
    row("TxnOffsetCommit", 5, txn(group_id="g", generation_id=-1, member_id="",
                                  topics=commit_of("name", "t")["topics"]),
        need(53, TP, ("WRITE", X)), need(30, TP, ("READ", G)), need(29, TP, ("READ", T))),
    row("EndTxn", 5, txn(committed=True), need(53, E, ("WRITE", X)), then=48),
    row("WriteTxnMarkers", 1, markers, need(31, MARKED, ("CLUSTER_ACTION", C), ("ALTER", C))),
    row("DescribeProducers", 0, {"topics": [{"name": "t", "partition_indexes": [0]}]},
        need(29, TP, ("READ", T))),
    row("DescribeTransactions", 0, {"transactional_ids": ["x"]},
        need(53, "transaction_states.0.error_code", ("DESCRIBE", X))),
    row("DescribeTopicPartitions", 0, {"topics": [{"name": "t"}], "response_partition_limit": 10,
                                       "cursor": None},
        need(29, "topics.0.error_code", ("DESCRIBE", T))),
    row("OffsetDelete", 0, {"group_id": "g", "topics": ON_T_AT_0}, need(30, E, ("DELETE", G)),
        need(29, TP, ("READ", T))),
    row("DescribeAcls", 3, acl_filter("other"), need(31, E, DESCRIBES)),
    row("CreateAcls", 3, {"creations": [
        {"resource_type": 2, "resource_name": "other", "resource_pattern_type": 3, "host": "*",
         "principal": "User:other", "operation": 3, "permission_type": 3}]},
        need(31, "results.0.error_code", ALTERS)),
    row("DeleteAcls", 3, {"filters": [acl_filter("other")]},
        need(31, "filter_results.0.error_code", ALTERS)),
    row("DescribeConfigs", 4, config_of(2, "t", configuration_keys=None),
        need(29, "results.0.error_code", ("DESCRIBE_CONFIGS", T)), label="topic"),
    row("DescribeConfigs", 4, config_of(4, "1", configuration_keys=None),
        need(31, "results.0.error_code", ("DESCRIBE_CONFIGS", C)), label="broker"),
    row("DescribeConfigs", 4, config_of(32, "g", configuration_keys=None),
        need(30, "results.0.error_code", ("DESCRIBE_CONFIGS", G)), label="group"),
    row("AlterConfigs", 2, config_of(2, "t", configs=[SETTING]),
        need(29, "responses.0.error_code", ("ALTER_CONFIGS", T)), label="topic"),
    row("AlterConfigs", 2, config_of(4, "1", configs=[SETTING]),
        need(31, "responses.0.error_code", ("ALTER_CONFIGS", C)), then=42, label="broker"),
    row("IncrementalAlterConfigs", 1, config_of(2, "t", configs=[{**SETTING,
                                                                  "config_operation": 0}]),
        need(29, "responses.0.error_code", ("ALTER_CONFIGS", T)), label="topic"),
    row("IncrementalAlterConfigs", 1, config_of(4, "1", configs=[]),
        need(31, "responses.0.error_code", ("ALTER_CONFIGS", C)), label="broker"),
    row("IncrementalAlterConfigs", 1, config_of(32, "g", configs=[{**SETTING,
                                                                   "config_operation": 0}]),
        need(30, "responses.0.error_code", ("ALTER_CONFIGS", G)), then=40, label="group"),
    row("ListConfigResources", 1, {"resource_types": []}, need(31, E, ("DESCRIBE_CONFIGS", C))),
    row("DescribeClientQuotas", 1, {"components": [], "strict": False},
        need(31, E, ("DESCRIBE_CONFIGS", C))),
    row("AlterClientQuotas", 1, {"validate_only": False, "entries": [
        {"entity": [{"entity_type": "user", "entity_name": "u"}], "ops": []}]},
        need(31, "entries.0.error_code", ("ALTER_CONFIGS", C))),
    row("DescribeUserScramCredentials", 0, {"users": None}, need(31, E, DESCRIBES)),
    row("AlterUserScramCredentials", 0, {"deletions": [], "upsertions": [
        {"name": "u", "mechanism": 1, "iterations": 4096, "salt": b"s", "salted_password": b"p"}]},
        need(31, "results.0.error_code", ALTERS)),
    row("DescribeLogDirs", 4, {"topics": None}, need(31, E, DESCRIBES)),
    row("AlterReplicaLogDirs", 2, {"dirs": [{"path": "/none", "topics": ON_T}]},
        need(31, "results.0.partitions.0.error_code", ALTERS), then=57),
    row("ElectLeaders", 2, {"election_type": 0, "timeout_ms": 1000, "topic_partitions": None},
        need(31, E, ALTERS)),
    row("AlterPartitionReassignments", 1, {"timeout_ms": 1000, "topics": [],
                                           "allow_replication_factor_change": True},
        need(31, E, ALTERS)),
    row("ListPartitionReassignments", 0, {"timeout_ms": 1000, "topics": None},
        need(31, E, DESCRIBES)),
    row("DescribeQuorum", 2, {"topics": []}, need(31, E, DESCRIBES)),
    row("UpdateFeatures", 2, {"timeout_ms": 1000, "validate_only": False, "feature_updates": []},
        need(31, E, ALTERS)),
]
# fmt: on

RESOURCES = [T, NEW, G, X, C]
FREE = {"ApiVersions", "SaslHandshake", "SaslAuthenticate"}
FILTERED = {"DescribeCluster", "ListGroups", "ListTransactions"}  # tests of their own, below


def test_every_api_has_its_row():
    named = {param.values[0].api for param in TABLE}
    assert named | FREE | FILTERED == {name for _, name, *_ in _core.kafka.message_apis()}


def code(world, row, path):
    if row.api in BY_HAND:
        return at(BY_HAND[row.api](world.user), path)
    fields = row.fields(world) if callable(row.fields) else row.fields
    return at(ask(world.user, row.api, row.version, fields), path)


def suffices(rule, needed):
    enough = (needed.operation, "ALL", *IMPLIED_BY.get(needed.operation, ()))
    return rule.resource == needed.resource and rule.operation in enough


def all_but(needed):
    rules = [Rule(operation, resource) for resource in RESOURCES for operation in OPERATIONS]
    return [rule for rule in rules if not any(suffices(rule, each) for each in needed)]


@pytest.mark.parametrize("row", TABLE)
def test_the_right_rule_is_enough_and_nothing_else_is(world, row):
    given = []
    for needed in row.needs:
        assert code(world, row, needed.path) == needed.error
        world.add(*all_but(needed.rules))
        assert code(world, row, needed.path) == needed.error
        world.clear()
        given.append(needed.rules[0])
        world.add(*given)
    assert code(world, row, row.needs[-1].path) == row.then
    for first in needed.rules:
        for operation in ("ALL", *IMPLIED_BY.get(first.operation, ()), first.operation):
            world.clear()
            world.add(*given[:-1], Rule(operation, first.resource))
            assert code(world, row, needed.path) != needed.error  # it may be done already


def may_write(world, topic="t"):
    produced = ask(world.user, "Produce", 12, produce_of("name", topic, batch([b"v"])))
    return {0: True, 29: False}[at(produced, PRODUCED)]


@pytest.mark.parametrize("rule", [
    Rule("WRITE", T), Rule("ALL", T), Rule("WRITE", T, principal="User:*"),
    Rule("WRITE", T, host="127.0.0.1"), Rule("WRITE", ("TOPIC", "*")),
    Rule("WRITE", T, pattern=PREFIXED)])  # fmt: skip
def test_a_rule_that_denies_goes_before_one_that_allows(world, rule):
    world.add(Rule("ALL", T), Rule("WRITE", T, host="127.0.0.1"))
    assert may_write(world)
    world.add(rule._replace(permission=DENY))
    assert not may_write(world)


@pytest.mark.parametrize("rule", [
    Rule("READ", T), Rule("WRITE", T, principal="User:other"), Rule("WRITE", T, host="127.0.0.2"),
    Rule("WRITE", ("TOPIC", "tt"), pattern=PREFIXED), Rule("WRITE", ("TOPIC", "T"))])  # fmt: skip
def test_a_rule_that_denies_something_else(world, rule):
    world.add(Rule("WRITE", T), rule._replace(permission=DENY))
    assert may_write(world)


@pytest.mark.parametrize(("name", "pattern", "allowed"), [
    ("log-", PREFIXED, {"log-", "log-1"}), ("log-", LITERAL, {"log-"}), ("*", PREFIXED, set()),
    ("*", LITERAL, {"log-", "log-1", "other", "t"}), ("l", PREFIXED, {"log-", "log-1"})])  # fmt: skip
def test_patterns(world, store, name, pattern, allowed):
    for topic in ("log-", "log-1", "other"):
        store.create_topic(topic, partitions=1)
    world.add(Rule("WRITE", ("TOPIC", name), pattern=pattern))
    assert {
        topic for topic in store.topics() if topic[0] != "_" and may_write(world, topic)
    } == allowed


def test_super_users_need_no_rules(world):
    world.add(Rule("ALL", ("TOPIC", "*"), permission=DENY, principal="User:admin"))
    assert (
        at(ask(world.admin, "Produce", 12, produce_of("name", "t", batch([b"v"]))), PRODUCED) == 0
    )


def test_everyone_may_use_what_no_rule_covers(start):
    world = start(**{"allow.everyone.if.no.acl.found": "true"})
    assert may_write(world)
    world.add(Rule("WRITE", T, principal="User:other"))
    assert not may_write(world)


def listed(world, what):
    """What the user sees where all of it is asked for: others' things are left out silently."""
    ask_all = {
        "groups": ("ListGroups", 4, {"states_filter": []}, "groups", "group_id"),
        "transactions": ("ListTransactions", 0, {"state_filters": [], "producer_id_filters": []},
                         "transaction_states", "transactional_id"),
        "topics": ("Metadata", 12, {"topics": None, "allow_auto_topic_creation": True}, "topics",
                   "name"),
        "partitions": ("DescribeTopicPartitions", 0, {"topics": [], "cursor": None,
                                                      "response_partition_limit": 100},
                       "topics", "name"),
    }  # fmt: skip
    api, version, fields, items, name = ask_all[what]
    response = ask(world.user, api, version, fields)
    assert getattr(response, "error_code", 0) == 0
    return [getattr(item, name) for item in getattr(response, items)]


@pytest.mark.parametrize(("what", "rule", "seen"), [
    ("groups", Rule("DESCRIBE", G), ["g"]), ("groups", Rule("READ", ("GROUP", "h")), ["h"]),
    ("groups", Rule("DESCRIBE", C), ["g", "h"]), ("groups", Rule("READ", T), []),
    ("transactions", Rule("WRITE", X), ["x"]), ("transactions", Rule("DESCRIBE", C), []),
    ("topics", Rule("READ", T), ["t"]), ("topics", Rule("DESCRIBE", C), []),
    ("partitions", Rule("ALTER", T), ["t"]), ("partitions", Rule("CREATE", T), [])])  # fmt: skip
def test_lists_leave_out_what_may_not_be_described(world, what, rule, seen):
    committed = ask(world.admin, "OffsetCommit", 9, commit_of("name", "t") | {"group_id": "h"})
    assert at(committed, TP) == 0
    assert listed(world, what) == []
    world.add(rule)
    assert listed(world, what) == seen


def test_all_offsets_of_a_group_are_those_of_topics_that_may_be_described(world, store):
    store.create_topic("other", partitions=1)
    assert at(ask(world.admin, "OffsetCommit", 9, commit_of("name", "other")), TP) == 0
    world.add(Rule("DESCRIBE", G), Rule("DESCRIBE", T))
    group = at(ask(world.user, "OffsetFetch", 8, {"require_stable": False, "groups": [
        {"group_id": "g", "topics": None}]}), "groups.0")  # fmt: skip
    assert (group.error_code, [topic.name for topic in group.topics]) == (0, ["t"])


def test_operations_that_are_allowed(world):
    asked = {"include_cluster_authorized_operations": True, "endpoint_type": 1}
    assert not ask(world.user, "DescribeCluster", 1, asked).authorized_operations
    world.add(Rule("CREATE", C), Rule("WRITE", T))
    assert not ask(world.user, "DescribeCluster", 1, asked).authorized_operations
    world.add(Rule("DESCRIBE", C))
    assert ask(world.user, "DescribeCluster", 1, asked).authorized_operations == {5, 8}
    topic = at(ask(world.user, "Metadata", 12, metadata_of(name="t") | {
        "include_topic_authorized_operations": True}), "topics.0")  # fmt: skip
    assert topic.authorized_operations == {4, 8}


def test_denied_topics_of_an_offset_delete_come_before_a_group_that_is_not_there(world):
    asked = {"group_id": "none", "topics": ON_T_AT_0}
    world.add(Rule("DELETE", ("GROUP", "none")))
    denied = ask(world.user, "OffsetDelete", 0, asked)
    assert (denied.error_code, at(denied, TP)) == (0, 29)
    world.add(Rule("READ", T))
    assert ask(world.user, "OffsetDelete", 0, asked).error_code == 69


@pytest.mark.parametrize("topic", ["__consumer_offsets", "__transaction_state"])
def test_a_client_adds_no_topic_of_the_brokers_own_to_a_transaction(world, topic):
    fields = {"v3_and_below_transactional_id": "x",
              "v3_and_below_producer_id": world.producer["producer_id"],
              "v3_and_below_producer_epoch": world.producer["producer_epoch"],
              "v3_and_below_topics": [{"name": topic, "partitions": [0]}]}  # fmt: skip
    assert at(ask(world.admin, "AddPartitionsToTxn", 3, fields), ADDED) == 29
