"""The fields of our messages, by name, in the order of the schemas.

Two neighbours of one type that had changed places would come back from `recode` unharmed, so the
headers are read: `fields` of every structure must name what the schema has there, or the plain word
that we have for it.
"""

import re
from pathlib import Path

import pytest
from cnengine import _core
from random_message import CLASSES

MESSAGES = Path(__file__).resolve().parents[2] / "cpp" / "kafka" / "messages"
RANGES = {name: (first, last) for _, name, first, last, _ in _core.kafka.message_apis()}

# The schema's name, and ours; kafka-python has its own name for operations.
PLAIN = {
    "api_key": "key",
    "api_keys": "apis",
    "authorized_operations": "cluster_authorized_operations",
    "batch_index_error_message": "message",
    "committed_leader_epoch": "leader_epoch",
    "committed_metadata": "metadata",
    "committed_offset": "offset",
    "coordinator_keys": "keys",
    "error_code": "error",
    "forgotten_topics_data": "forgotten_topics",
    "generation_id_or_member_epoch": "generation_id",
    "group_state": "state",
    "group_type": "type",
    "groups_names": "groups",
    "max_version": "last",
    "max_version_level": "last_level",
    "member_assignment": "assignment",
    "member_metadata": "metadata",
    "min_version": "first",
    "min_version_level": "first_level",
    "partition": "index",
    "partition_data": "partitions",
    "partition_error_code": "error",
    "partition_index": "index",
    "partition_indexes": "partitions",
    "partition_max_bytes": "max_bytes",
    "partition_responses": "partitions",
    "responses": "topics",
    "results_by_partition": "partitions",
    "results_by_topic_v3_and_below": "v3_and_below_topics",
    "results_by_transaction": "transactions",
    "states_filter": "states",
    "topic": "name",
    "topic_config_error_code": "topic_config_error",
    "topic_data": "topics",
    "topic_name": "name",
    "topic_results": "topics",
    "types_filter": "types",
}

TOKEN = re.compile(
    r"struct (?P<struct>\w+) \{"
    r"|void fields\(Io& io\) \{"
    r"|io(?:\.tagged)?\((?:\d+, )?(?P<field>\w+)(?:, (?P<versions>\w+\([^)]*\)))?"
    r"|(?:std::optional<)?(?:std::vector<)?(?P<type>[\w:]+)>*\s+(?P<member>\w+)(?: = [^;]+)?;"
    r"|[{}]"
)


ANY = (0, 32767)
VERSIONS = {
    "since": lambda n: (n, 32767),
    "until": lambda n: (0, n),
    "between": lambda a, b: (a, b),
}


def versions_of(text):
    if not text:
        return ANY
    word, numbers = text.rstrip(")").split("(")
    return VERSIONS[word](*map(int, numbers.split(",")))


def structures():
    """From a structure's path, "FetchResponse.Topic", to its fields with their versions, in order, and
    the types of its members."""
    out = {}
    for path in sorted(MESSAGES.glob("*.h")):
        inside, depth = [], 0
        for found in TOKEN.finditer(re.sub(r"//.*", "", path.read_text())):
            depth += found[0].count("{") - found[0].count("}")
            if found["struct"]:
                inside.append((found["struct"], depth))
                out[".".join(name for name, _ in inside)] = ([], {})
            elif found[0] == "}" and inside and depth < inside[-1][1]:
                inside.pop()
            elif inside and found["field"]:
                out[".".join(name for name, _ in inside)][0].append(
                    (found["field"], versions_of(found["versions"]))
                )
            elif inside and found["member"]:
                out[".".join(name for name, _ in inside)][1][found["member"]] = found["type"]
    return out


STRUCTURES = structures()


def find(path, name):
    """The structure `name` as it is seen from within `path`."""
    scope = path.split(".")
    while scope and ".".join([*scope, name]) not in STRUCTURES:
        scope.pop()
    return ".".join([*scope, name])


def common(one, other):
    return max(one[0], other[0]), min(one[1], other[1])


def check(path, field, versions):
    """All fields that exist in one of `versions`."""
    fields, types = STRUCTURES[path]
    ours = [(name, both) for name, own in fields if (both := common(own, versions))[0] <= both[1]]
    theirs = [(f, both) for f in field.fields.values()
              if (both := common((f.min_version, f.max_version), versions))[0] <= both[1]]  # fmt: skip
    theirs.sort(key=lambda row: -1 if row[0].tag is None else row[0].tag)
    for (name, own), (wanted, both) in zip(ours, theirs, strict=True):
        assert name in (wanted.name, PLAIN.get(wanted.name)), f"{path}: {name}, {wanted.name}"
        assert own == both, f"{path}.{name}"
        if wanted.is_struct() or wanted.is_struct_array():
            if path + "." + name == "OffsetDeleteRequest.Topic.partitions":
                continue  # integers: the one field of a structure that is never flexible
            check(find(path, types[name]), wanted, both)


@pytest.mark.parametrize("kind", ["Request", "Response"])
@pytest.mark.parametrize("name", [name for name in RANGES if name + "Request" in CLASSES])
def test_fields(name, kind):
    check(name + kind, CLASSES[name + kind]._struct, RANGES[name])
