"""Groups of consumers: one suite for a log of this process and for one behind a broker."""

import asyncio
import os
import subprocess
import sys
import threading
import time

import cnengine.errors
import cnengine.kafka
import cnengine.log
import pytest
from cnengine.log import AsyncConsumer

ALL = [("t", p) for p in range(4)]


def fill(log, count, topic="t", partitions=4):
    """Record i has value i and goes to partition i % partitions."""
    log.create_topic(topic, partitions=partitions, exist_ok=True)
    with log.producer() as producer:
        for i in range(count):
            producer.send(topic, b"%d" % i, partition=i % partitions)


def until(condition, *consumers, timeout=0.02):
    """Polls consumers in turns until it holds; the records that they gave."""
    records = []
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, [each.assignment() for each in consumers]
        for each in consumers:
            records += each.poll(timeout)
    return records


def owns(consumer, count):
    return len(consumer.assignment()) == count


def share(*consumers):
    """Whether they have all partitions, each in one hand, nearly as many each."""
    shares = [each.assignment() for each in consumers]
    sizes = [len(each) for each in shares]
    return sorted(key for each in shares for key in each) == ALL and max(sizes) - min(sizes) <= 1


def values(records):
    return sorted(int(record.value) for record in records)


def test_one_member_reads_all_and_commits(either, served):
    fill(served[0], 100)
    with either.consumer("t", group="g") as consumer:
        records = []
        while len(records) < 100:
            records += consumer.poll(20)
        assert values(records) == list(range(100))
        assert sorted(consumer.assignment()) == ALL
        assert consumer.committed() == dict.fromkeys(consumer.assignment())
        consumer.commit({("t", 1): 7})
        assert consumer.committed([("t", 1), ("t", 2)]) == {("t", 1): 7, ("t", 2): None}
        consumer.commit()
        assert consumer.committed() == dict.fromkeys(consumer.assignment(), 25)
        consumer.commit({("t", 3): 20})
    fill(served[0], 4)
    with either.consumer("t", group="g") as again, either.consumer("t", group="other") as other:
        got = until(lambda: owns(again, 4), again)
        while len(got) < 9:
            got += again.poll(20)
        assert values(got) == sorted([0, 1, 2, 3, *range(83, 100, 4)])
        assert len(until(lambda: owns(other, 4), other) or other.poll(20)) > 0
        assert other.committed(ALL) == dict.fromkeys(ALL)


def test_members_share_and_callbacks_tell(either, served):
    fill(served[0], 40)
    told = {"one": [], "two": []}

    def member(name):
        consumer = either.consumer(group="g")
        consumer.subscribe(
            ["t"],
            on_assign=lambda keys: told[name].append(("+", sorted(keys))),
            on_revoke=lambda keys: told[name].append(("-", sorted(keys))),
        )
        return consumer

    one = member("one")
    records = until(lambda: owns(one, 4), one)
    two = member("two")
    records += until(lambda: share(one, two), one, two)
    for name, consumer in (("one", one), ("two", two)):
        held = set()
        for sign, keys in told[name]:
            held = held | set(keys) if sign == "+" else held - set(keys)
        assert held == set(consumer.assignment())
    two.close()
    records += until(lambda: owns(one, 4), one)
    while len(set(values(records))) < 40:
        records += one.poll(20)
    assert set(values(records)) == set(range(40))
    one.unsubscribe()
    assert one.assignment() == []
    one.subscribe(["t"])
    until(lambda: owns(one, 4), one)
    one.close()


def test_what_is_committed_when_it_is_given_up_comes_once(either, served):
    fill(served[0], 400)
    seen = {}

    def member():
        consumer = either.consumer(group="g")

        def commit(keys):
            if keys:
                consumer.commit({key: consumer.position(*key) for key in keys})

        consumer.subscribe(["t"], on_revoke=commit)
        return consumer

    def read(consumer, count=17):
        for record in consumer.poll(0.005, max_records=count):
            key = (record.partition, record.offset)
            seen[key] = seen.get(key, 0) + 1

    members = [member()]
    for i in range(300):
        if i in (40, 80, 120):
            members.append(member())
        if i in (160, 200):
            members.pop(0).close()
        for each in members:
            read(each)
        if len(seen) == 400 and i > 220:
            break
    for each in members:
        each.close()
    assert len(seen) == 400
    assert set(seen.values()) == {1}


def test_without_membership(either, served):
    """A consumer that assigns itself commits for its group as long as that has no members."""
    fill(served[0], 40)
    with either.consumer(group="g") as consumer:
        consumer.commit({("t", 0): 4})
        consumer.assign([("t", 0), ("t", 1)])
        assert consumer.position("t", 0) == 4
        assert consumer.position("t", 1) == 0
        consumer.assign([("t", 0, 9)])
        consumer.commit()
        assert consumer.committed() == {("t", 0): 9}
        with either.consumer("t", group="g") as member:
            until(lambda: owns(member, 4), member)
            assert member.position("t", 0) >= 9
            with pytest.raises(cnengine.errors.StateError):
                consumer.commit({("t", 0): 1})


def test_wrong_use(either, served):
    fill(served[0], 4)
    with either.consumer() as consumer:
        for call in (
            lambda: consumer.subscribe(["t"]),
            lambda: consumer.commit({("t", 0): 1}),
            lambda: consumer.committed([("t", 0)]),
        ):
            with pytest.raises(cnengine.errors.StateError, match="has no group"):
                call()
    with either.consumer(group="g") as consumer, pytest.raises(cnengine.errors.NotFoundError):
        consumer.commit({("none", 0): 1})
    with pytest.raises(cnengine.errors.StateError):
        consumer.commit({("t", 0): 1})
    consumer = either.consumer("t", group="g", start="none")
    with consumer, pytest.raises(cnengine.errors.Error):
        until(lambda: False, consumer)


def test_wrong_options(served):
    log, _ = served
    for options in (
        {"group": ""},
        {"group": "g", "group_instance_id": ""},
        {"group": "g", "group_remote_assignor": "random"},
        {"group": "g", "max_poll_interval_ms": 0},
    ):
        with pytest.raises(cnengine.errors.ArgumentError, match="consumer: expected"):
            log.consumer("t", **options)
    for options in ({"group": "g", "color": 1}, {"group_instance_id": "a"}, {"group": 7}):
        with pytest.raises(TypeError):
            log.consumer("t", **options)
    with log.consumer(group="g") as consumer:
        with pytest.raises(cnengine.errors.ArgumentError, match="expected topics"):
            consumer.subscribe([])
        with pytest.raises(cnengine.errors.ArgumentError, match="at least 0"):
            consumer.commit({("t", 0): -1})


@pytest.mark.parametrize("assignor", [None, "uniform", "range"])
def test_members_of_both_kinds_share(served, assignor):
    pytest.importorskip("confluent_kafka")
    log, broker = served
    fill(log, 100)
    options = {} if assignor is None else {"group_remote_assignor": assignor}
    with cnengine.log.connect(f"kafka://{broker.bootstrap}") as remote:
        local = log.consumer("t", group="g", **options)
        records = until(lambda: owns(local, 4), local)
        far = remote.consumer("t", group="g", group_protocol="consumer", **options)
        classic = remote.consumer("t", group="g", partition_assignment_strategy="range")
        records += until(lambda: share(local, far, classic), local, far, classic)
        local.commit()
        far.close()
        classic.close()
        records += until(lambda: owns(local, 4), local)
        while len(set(values(records))) < 100:
            records += local.poll(20)
        local.commit()
        with remote.consumer("t", group="g") as after:
            local.close()
            until(lambda: owns(after, 4), after)
            assert after.committed() == dict.fromkeys(ALL, 25)


def test_a_log_without_a_broker(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 40)
        with log.consumer("t", group="g") as one, log.consumer("t", group="g") as two:
            until(lambda: share(one, two), one, two)
            one.commit(dict.fromkeys(one.assignment(), 3))
            two.commit(dict.fromkeys(two.assignment(), 3))
    # They are on the disk, and a broker that comes later has them.
    with cnengine.log.open(tmp_path / "log") as log:
        with log.consumer(group="g") as consumer:
            assert consumer.committed(ALL) == dict.fromkeys(ALL, 3)
        member = log.consumer("t", group="g")
        until(lambda: owns(member, 4), member)
        with cnengine.kafka.Broker(log, listen="127.0.0.1:0") as broker:
            assert 'group="g"' in broker.metrics()
            until(lambda: owns(member, 4), member)
            member.commit(dict.fromkeys(ALL, 5))
        # Its groups stay when the broker goes.
        other = log.consumer("t", group="g")
        until(lambda: share(member, other), member, other)
        other.close()
        member.close()
        with log.consumer(group="g") as consumer:
            assert consumer.committed(ALL) == dict.fromkeys(ALL, 5)


def test_offsets_survive_kill(tmp_path):
    code = """if True:
        import os, signal, sys, cnengine.log
        log = cnengine.log.open(sys.argv[1])
        log.create_topic("t", partitions=4)
        consumer = log.consumer("t", group="g")
        while len(consumer.assignment()) < 4:
            consumer.poll(0.01)
        consumer.commit({("t", p): 7 for p in range(4)})
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "log")], timeout=60)
    assert done.returncode == -9
    with cnengine.log.open(tmp_path / "log") as log, log.consumer(group="g") as reader:
        assert reader.committed(ALL) == dict.fromkeys(ALL, 7)


def test_a_static_member_comes_back_to_its_partitions(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 40)
        one = log.consumer("t", group="g", group_instance_id="one")
        two = log.consumer("t", group="g", group_instance_id="two")
        until(lambda: share(one, two), one, two)
        mine = sorted(one.assignment())
        one.close()
        for _ in range(5):
            two.poll(0.02)
        assert owns(two, 2)
        one = log.consumer("t", group="g", group_instance_id="one")
        until(lambda: owns(one, 2), one)
        assert sorted(one.assignment()) == mine
        second = log.consumer("t", group="g", group_instance_id="one")
        with second, pytest.raises(cnengine.errors.StateError, match="UNRELEASED_INSTANCE_ID"):
            until(lambda: False, second)
        one.close()
        two.close()


def test_who_does_not_poll_leaves(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 40)
        lost = []
        slow = log.consumer(group="g", max_poll_interval_ms=100)
        slow.subscribe(["t"], on_revoke=lost.extend)
        until(lambda: owns(slow, 4), slow)
        with log.consumer("t", group="g") as other:
            until(lambda: owns(other, 4), other)
            assert lost == []
            until(lambda: share(slow, other), slow, other)
            assert sorted(lost) == ALL
        slow.close()


def test_topics_come_and_go(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 4)
        with log.consumer(["t", "later"], group="g") as consumer:
            until(lambda: owns(consumer, 4), consumer)
            fill(log, 3, "later", 3)
            until(lambda: owns(consumer, 7), consumer)
            log.add_partitions("later", 5)
            until(lambda: owns(consumer, 9), consumer)
            log.delete_topic("later")
            until(lambda: owns(consumer, 4), consumer)
            fill(log, 2, "later", 2)
            until(lambda: owns(consumer, 6), consumer)
            log.delete_topic("later")
            fill(log, 8, "later", 2)
            got = []
            while len(got) < 8:
                got += [each for each in consumer.poll(20) if each.topic == "later"]
            assert values(got) == list(range(8))


def test_offsets_of_open_transactions_are_waited_for(served):
    confluent = pytest.importorskip("confluent_kafka")
    log, broker = served
    fill(log, 4)
    producer = confluent.Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": "x"})
    producer.init_transactions()
    group = confluent.Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g"})
    producer.begin_transaction()
    producer.send_offsets_to_transaction(
        [confluent.TopicPartition("t", 0, 3)], group.consumer_group_metadata()
    )
    with log.consumer(group="g") as reader, log.consumer(group="g", read_committed=False) as eager:
        assert eager.committed([("t", 0)]) == {("t", 0): None}
        found = []
        thread = threading.Thread(target=lambda: found.append(reader.committed([("t", 0)])))
        thread.start()
        producer.commit_transaction()
        thread.join(60)
        assert found == [{("t", 0): 3}]
    group.close()


def test_threads_share_a_member(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 4000)
        got = []
        with log.consumer("t", group="g") as one:

            def work():
                while len(got) < 4000:
                    got.extend(one.poll(0.1, max_records=37))

            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        assert values(got) == list(range(4000))


def test_within_asyncio(either, served):
    fill(served[0], 40)

    async def main():
        async with AsyncConsumer(either, "t", group="g") as consumer:
            got = []
            async for record in consumer:
                got.append(record)
                if len(got) == 40:
                    break
            await consumer.commit()
            assert await consumer.committed(ALL) == dict.fromkeys(ALL, 10)
            waiting = asyncio.ensure_future(consumer.poll())
            await asyncio.sleep(0)
            waiting.cancel()
        return got

    assert values(asyncio.run(asyncio.wait_for(main(), 60))) == list(range(40))


def test_a_hundred_members(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 100, partitions=100)
        members = [log.consumer("t", group="g") for _ in range(100)]
        until(lambda: all(owns(each, 1) for each in members), *members, timeout=0)
        for each in members[50:]:
            each.close()
        until(lambda: all(owns(each, 2) for each in members[:50]), *members[:50], timeout=0)
        del each
        members.clear()  # who is let go of leaves
        with log.consumer("t", group="g") as last:
            until(lambda: owns(last, 100), last)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_child_stays_apart(tmp_path):
    with cnengine.log.open(tmp_path / "log") as log:
        fill(log, 40)
        consumer = log.consumer("t", group="g")
        until(lambda: owns(consumer, 4), consumer)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                refused = 0
                for call in (
                    lambda: consumer.poll(0),
                    lambda: consumer.commit({("t", 0): 1}),
                    lambda: log.consumer("t", group="g"),
                ):
                    try:
                        call()
                    except cnengine.errors.StateError:
                        refused += 1
                consumer.close()
                del consumer
                code = 0 if refused == 3 else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        consumer.commit({("t", 0): 1})
        assert consumer.committed([("t", 0)]) == {("t", 0): 1}
        consumer.close()
