"""A broker with an authorizer, for tests: its rules, one user who needs them, and one who does not."""

from typing import NamedTuple
from uuid import UUID

import cnengine.kafka
from login import login
from named_client import ask, at
from wire_client import Client

TYPES = {"TOPIC": 2, "GROUP": 3, "CLUSTER": 4, "TRANSACTIONAL_ID": 5}
OPERATIONS = {"ALL": 2, "READ": 3, "WRITE": 4, "CREATE": 5, "DELETE": 6, "ALTER": 7, "DESCRIBE": 8,
              "CLUSTER_ACTION": 9, "DESCRIBE_CONFIGS": 10, "ALTER_CONFIGS": 11,
              "IDEMPOTENT_WRITE": 12}  # fmt: skip
LITERAL, PREFIXED, DENY, ALLOW = 3, 4, 2, 3
JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'user_user="of it" user_admin="of all";'
)


class Rule(NamedTuple):
    operation: str
    resource: tuple[str, str]
    pattern: int = LITERAL
    permission: int = ALLOW
    principal: str = "User:user"
    host: str = "*"


def commit_of(key, topic, **more):
    """The fields of an OffsetCommit; `key` is "name" or "topic_id"."""
    partition = {"partition_index": 0, "committed_offset": 0, "committed_metadata": "",
                 "committed_leader_epoch": -1}  # fmt: skip
    return {"group_id": "g", "generation_id_or_member_epoch": -1, "member_id": "",
            "topics": [{key: topic, "partitions": [partition]}], **more}  # fmt: skip


class World:
    """A broker with rules, topic t, group g, transactional id x; a super user, and one without."""

    def __init__(self, store, **config):
        store.create_topic("t", partitions=1)
        self.topic_id = UUID(store._store.topic_id("t"))
        config = {
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:nobody;User:admin",
            **config,
        }
        self.broker = cnengine.kafka.Broker(
            store, listen="SASL_PLAINTEXT://127.0.0.1:0", config=config
        )
        self.user, self.admin = Client(self.broker.address), Client(self.broker.address)
        assert login(self.user, "PLAIN", "user", "of it") == 0
        assert login(self.admin, "PLAIN", "admin", "of all") == 0
        committed = ask(self.admin, "OffsetCommit", 9, commit_of("name", "t"))
        assert at(committed, "topics.0.partitions.0.error_code") == 0
        made = ask(self.admin, "InitProducerId", 5,
                   {"transactional_id": "x", "transaction_timeout_ms": 60_000,
                    "producer_id": -1, "producer_epoch": -1})  # fmt: skip
        self.producer = {"producer_id": made.producer_id, "producer_epoch": made.producer_epoch}

    def add(self, *rules):
        made = ask(self.admin, "CreateAcls", 3, {"creations": [
            {"resource_type": TYPES[r.resource[0]], "resource_name": r.resource[1],
             "resource_pattern_type": r.pattern, "principal": r.principal, "host": r.host,
             "operation": OPERATIONS[r.operation], "permission_type": r.permission}
            for r in rules]})  # fmt: skip
        assert {result.error_code for result in made.results} <= {0}

    def clear(self):
        gone = ask(self.admin, "DeleteAcls", 3, {"filters": [
            {"resource_type_filter": 1, "resource_name_filter": None, "pattern_type_filter": 1,
             "principal_filter": None, "host_filter": None, "operation": 1,
             "permission_type": 1}]})  # fmt: skip
        assert at(gone, "filter_results.0.error_code") == 0

    def stop(self):
        self.user.close(), self.admin.close()
        self.broker.stop()
