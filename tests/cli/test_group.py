"""`cnengine group` against a broker process."""

import json
from datetime import UTC, datetime

import pytest
from cnengine import cli

confluent = pytest.importorskip("confluent_kafka")

START_MS = 1_700_000_000_000


@pytest.fixture
def topic(broker, run):
    """A topic of two partitions with ten records each, a second apart."""
    run("topic", "create", "t", "--partitions", "2")
    producer = confluent.Producer({"bootstrap.servers": broker.bootstrap})
    for partition in range(2):
        for number in range(10):
            producer.produce("t", b"x", partition=partition, timestamp=START_MS + 1000 * number)
    assert producer.flush(30) == 0
    return "t"


def consumer_of(broker, **config):
    return confluent.Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": "g", "enable.auto.commit": False,
         "auto.offset.reset": "earliest", "client.id": "reader", **config}
    )  # fmt: skip


def commit(broker, offsets):
    consumer = consumer_of(broker)
    places = [confluent.TopicPartition("t", p, offset) for p, offset in offsets.items()]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def test_lag_of_an_empty_group(broker, topic, run, run_json):
    commit(broker, {0: 4})
    assert run("group", "list") == "g\n"
    assert run_json("group", "list") == [{"group": "g", "state": "Empty", "type": "Classic"}]
    assert run_json("group", "describe", "g") == [
        {"group": "g", "topic": "t", "partition": 0, "current_offset": 4, "log_end_offset": 10,
         "lag": 6, "consumer_id": None, "host": None, "client_id": None}
    ]  # fmt: skip
    assert run("group", "describe", "--group", "g").split("\n")[1].split() == (
        ["g", "t", "0", "4", "10", "6", "-", "-", "-"]
    )
    [state] = run_json("group", "describe", "g", "--state")
    assert state["state"] == "Empty"
    assert state["coordinator"] == broker.bootstrap
    assert run("group", "describe", "g", "--members") == "nothing to show\n"


def test_members_and_what_they_have(broker, topic, run, run_json):
    consumer = consumer_of(broker)
    consumer.subscribe(["t"])
    got = [consumer.consume(1, 20)[0] for _ in range(20)]
    assert all(message.error() is None for message in got)
    consumer.commit(asynchronous=False)
    [member] = run_json("group", "describe", "g", "--members")
    assert member["assignment"] == ["t-0", "t-1"]
    assert member["client_id"] == "reader"
    rows = run_json("group", "describe", "--all-groups")
    assert [(r["partition"], r["current_offset"], r["lag"], r["client_id"]) for r in rows] == (
        [(0, 10, 0, "reader"), (1, 10, 0, "reader")]
    )
    error = run(
        "group", "reset-offsets", "g", "--topic", "t", "--to-earliest", "--execute", fails=True
    )
    assert 'group "g" has 1 members; stop them first' in error
    assert "NON_EMPTY_GROUP" in run("group", "delete", "g", fails=True)
    consumer.close()
    assert run("group", "delete", "g") == "deleted group g\n"
    assert run("group", "list") == ""


AT = datetime.fromtimestamp(START_MS / 1000 + 2.5, UTC).isoformat()


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (["--to-earliest"], {0: 0, 1: 0}),
        (["--to-latest"], {0: 10, 1: 10}),
        (["--to-current"], {0: 4, 1: 6}),
        (["--to-offset", "7"], {0: 7, 1: 7}),
        (["--to-offset", "99"], {0: 10, 1: 10}),
        (["--to-datetime", AT], {0: 3, 1: 3}),
        (["--to-datetime", "2030-01-01"], {0: 10, 1: 10}),
        (["--shift-by", "-5"], {0: 0, 1: 1}),
        (["--shift-by", "3"], {0: 7, 1: 9}),
    ],
)
def test_offsets_are_reset(broker, topic, run_json, to, expected):
    commit(broker, {0: 4, 1: 6})
    dry = run_json("group", "reset-offsets", "g", "--topic", "t", *to)
    assert {row["partition"]: row["new_offset"] for row in dry} == expected
    assert {row["partition"]: row["current_offset"] for row in dry} == {0: 4, 1: 6}
    now = {r["partition"]: r["current_offset"] for r in run_json("group", "describe", "g")}
    assert now == {0: 4, 1: 6}
    assert run_json("group", "reset-offsets", "g", "--all-topics", *to, "--execute") == dry
    now = {r["partition"]: r["current_offset"] for r in run_json("group", "describe", "g")}
    assert now == expected


def test_a_group_may_begin_by_a_reset(broker, topic, run, run_json):
    run("group", "reset-offsets", "new", "--topic", "t:1", "--to-offset", "3", "--execute")
    consumer = consumer_of(broker, **{"group.id": "new"})
    [place] = consumer.committed([confluent.TopicPartition("t", 1)], timeout=20)
    assert place.offset == 3
    assert consumer.committed([confluent.TopicPartition("t", 0)], timeout=20)[0].offset < 0
    consumer.close()
    for arguments, error in (
        (["--topic", "t:7", "--to-latest"], 'topic "t" has no partition "7"'),
        (["--topic", "none", "--to-latest"], 'no topic "none"'),
        (["--to-latest"], "expected either --topic or --all-topics"),
        (["--topic", "t", "--shift-by", "1"], "--shift-by needs committed offsets; none of t-0"),
    ):
        assert error in run("group", "reset-offsets", "new", *arguments, fails=True)


def test_names_of_others_cannot_move_the_cursor(broker, topic, run):
    consumer = consumer_of(broker, **{"group.id": "a\x1b[2J\nb"})
    consumer.commit(offsets=[confluent.TopicPartition("t", 0, 1)], asynchronous=False)
    consumer.close()
    shown = run("group", "describe", "--all-groups")
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2
    assert json.loads(run("group", "list", "--json"))[0]["group"] == "a\x1b[2J\nb"


def test_a_group_that_is_not_there(broker, topic, run):
    for action in ("describe", "delete"):
        error = run("group", action, "nope", fails=True)
        assert error == f'cnengine: group {action}: no group "nope"\n'


def test_a_move_that_is_only_shown_says_so(broker, topic, run, run_json, capsys):
    commit(broker, {0: 4})
    reset = ["group", "reset-offsets", "g", "--topic", "t:0", "--to-earliest"]
    for more, says in (([], True), (["--execute"], False)):
        assert cli.main([*reset, *more, "--bootstrap-server", broker.bootstrap]) == 0
        assert ("nothing was changed; --execute does it" in capsys.readouterr().err) == says
        [row] = run_json("group", "describe", "g")
        assert row["current_offset"] == (4 if says else 0)


def test_an_offset_that_is_not_there_is_told(broker, topic, run, capsys):
    reset = ["group", "reset-offsets", "g", "--topic", "t:1", "--to-offset"]
    for offset, says in (
        ("5", ""),
        ("10", ""),
        ("11", "group reset-offsets: t-1 has no offset 11: 10, its end, instead\n"),
    ):
        status = cli.main([*reset, offset, "--execute", "--bootstrap-server", broker.bootstrap])
        assert (status, capsys.readouterr().err) == (0, says)
    run("topic", "records-delete", "t", "--before", "1:4")
    status = cli.main([*reset, "3", "--execute", "--bootstrap-server", broker.bootstrap])
    assert "t-1 has no offset 3: 4, its first, instead" in capsys.readouterr().err
    assert status == 0


def test_wrong_numbers(run, capsys):
    for text in ("x", "0", "-1", "1.5"):
        with pytest.raises(SystemExit):
            run("topic", "create", "t", f"--partitions={text}")
        assert f"expected a number from 1 on, got {text}" in capsys.readouterr().err
