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

# The schema's name, and ours; kafka-python has its own name for what is authorized.
PLAIN = {
    "api_key": "key",
    "api_keys": "apis",
    "authorized_operations": "cluster_authorized_operations",
    "batch_index_error_message": "message",
    "error_code": "error",
    "forgotten_topics_data": "forgotten_topics",
    "max_version": "last",
    "max_version_level": "last_level",
    "min_version": "first",
    "min_version_level": "first_level",
    "partition": "index",
    "partition_data": "partitions",
    "partition_error_code": "error",
    "partition_index": "index",
    "partition_max_bytes": "max_bytes",
    "partition_responses": "partitions",
    "responses": "topics",
    "results_by_partition": "partitions",
    "results_by_topic_v3_and_below": "v3_and_below_topics",
    "results_by_transaction": "transactions",
    "topic": "name",
    "topic_config_error_code": "topic_config_error",
    "topic_data": "topics",
    "topic_name": "name",
    "topic_results": "topics",
}

TOKEN = re.compile(
    r"struct (?P<struct>\w+) \{"
    r"|void fields\(Io& io\) \{"
    r"|io(?:\.tagged)?\((?:\d+, )?(?P<field>\w+)"
    r"|(?:std::optional<)?(?:std::vector<)?(?P<type>[\w:]+)>*\s+(?P<member>\w+)(?: = [^;]+)?;"
    r"|[{}]"
)


def structures():
    """From a structure's path, "FetchResponse.Topic", to (its fields in order, types of members)."""
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
                out[".".join(name for name, _ in inside)][0].append(found["field"])
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


def check(path, field, first, last):
    fields, types = STRUCTURES[path]
    wanted = [f for f in field.fields.values() if f.min_version <= last and f.max_version >= first]
    wanted.sort(key=lambda f: -1 if f.tag is None else f.tag)
    for ours, theirs in zip(fields, wanted, strict=True):
        assert ours in (theirs.name, PLAIN.get(theirs.name)), f"{path}: {ours} for {theirs.name}"
        if theirs.is_struct() or theirs.is_struct_array():
            check(find(path, types[ours]), theirs, first, last)


@pytest.mark.parametrize("kind", ["Request", "Response"])
@pytest.mark.parametrize("name", [name for name in RANGES if name + "Request" in CLASSES])
def test_fields(name, kind):
    check(name + kind, CLASSES[name + kind]._struct, *RANGES[name])
