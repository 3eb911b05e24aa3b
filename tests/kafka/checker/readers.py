"""Clients that read: by positions of their own, and as members of groups that commit."""

import itertools

from checker.final_log import fetch
from checker.history import OK, Commit, Committed, Read
from checker.world import Wire, worker

_sessions = itertools.count()


@worker
def wire_reader(world, client, topics, committed):
    """Follows all partitions, now and then from offset 0 again."""
    wire, rng, history = Wire(world), world.random(client), world.history
    positions, names = {}, {}
    places = [(topic, p) for topic in topics for p in range(world.partitions)]
    while not world.stop.is_set():
        for place in places:
            if place not in positions or rng.random() < 0.01:
                positions[place], names[place] = 0, f"{client}#{next(_sessions)}"
            start, position = history.now(), positions[place]
            got = wire.attempt(fetch, *place, position, committed=committed, wait_ms=5)
            if got is not None:
                records, after, high, stable = got
                positions[place] = after
                history.add(Read(names[place], *place, committed, start, history.now(), position,
                                 after, records, high, stable))  # fmt: skip


@worker
def confluent_reader(world, client, topic, committed):
    import confluent_kafka

    consumer = confluent_kafka.Consumer({
        **world.librdkafka, "group.id": client, "enable.auto.commit": False,
        "auto.offset.reset": "error", "fetch.wait.max.ms": 50,
        "isolation.level": "read_committed" if committed else "read_uncommitted"})  # fmt: skip
    consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in range(world.partitions)])
    follow = Follow(world, client, committed)
    while not world.stop.is_set():
        for message in consumer.consume(100, 0.1):
            if message.error() is None:
                follow.took(topic, message.partition(), message.offset(), message.value())
            elif message.error().code() == confluent_kafka.KafkaError._AUTO_OFFSET_RESET:
                world.history.complain(f"{client}: {message.error()}")
    consumer.close()


class Follow:
    """Reads of a client that hands records out one by one."""

    def __init__(self, world, client, committed, group=""):
        self.world, self.client, self.committed, self.group = world, client, committed, group
        self.positions, self.names = {}, {}

    def stands(self, topic, partition, offset):
        """A new session, from `offset` on."""
        self.positions[topic, partition] = offset
        self.names[topic, partition] = f"{self.client}#{next(_sessions)}"

    def took(self, topic, partition, offset, value):
        place, now = (topic, partition), self.world.history.now()
        if place not in self.positions:
            self.stands(topic, partition, 0)
        position, self.positions[place] = self.positions[place], offset + 1
        self.world.history.add(Read(self.names[place], topic, partition, self.committed, now, now,
                                    position, offset + 1, [(offset, value.decode())],
                                    group=self.group))  # fmt: skip


@worker
def confluent_member(world, client, group, topic, protocol):
    """Joins, reads, commits what it has read, leaves, and again."""
    import confluent_kafka

    history, rng = world.history, world.random(client)
    config = {**world.librdkafka, "group.id": group, "enable.auto.commit": False,
              "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50,
              "isolation.level": "read_committed", "group.protocol": protocol}  # fmt: skip
    if protocol == "classic":
        config |= {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
    while not world.stop.is_set():
        follow = Follow(world, client, True, group)

        def assigned(consumer, partitions, follow=follow):
            """Begins at what it was told is committed, so that it is known where."""
            while not world.stop.is_set():
                start = history.now()
                try:
                    told = consumer.committed(partitions, timeout=5)
                except confluent_kafka.KafkaException:
                    continue
                if any(one.error for one in told):
                    continue
                for one in told:
                    offset = one.offset if one.offset >= 0 else -1
                    history.add(Committed(group, topic, one.partition, offset, start,
                                          history.now()))  # fmt: skip
                    one.offset = max(offset, 0)
                    follow.stands(topic, one.partition, one.offset)
                if protocol == "classic":
                    consumer.assign(told)
                else:
                    consumer.incremental_assign(told)
                return

        consumer = confluent_kafka.Consumer({**config, "client.id": client})
        consumer.subscribe([topic], on_assign=assigned)
        for _ in range(rng.randint(10, 60)):
            if world.stop.is_set():
                break
            last = {}
            for message in consumer.consume(50, 0.1):
                if message.error() is None and (topic, message.partition()) in follow.positions:
                    follow.took(topic, message.partition(), message.offset(), message.value())
                    last[message.partition()] = message.offset() + 1
            if last:
                _commit(world, consumer, group, topic, last)
        consumer.close()


def _commit(world, consumer, group, topic, last):
    import confluent_kafka

    history = world.history
    commits = {p: history.add(Commit(group, topic, p, offset, history.now()))
               for p, offset in last.items()}  # fmt: skip
    try:
        told = consumer.commit(asynchronous=False, offsets=[
            confluent_kafka.TopicPartition(topic, p, offset) for p, offset in last.items()])  # fmt: skip
    except confluent_kafka.KafkaException:
        return  # as good as unknown
    for one in told:
        if one.error is None:
            history.finish(commits[one.partition], OK)


@worker
def kafka_python_member(world, client, group, topic):
    """As `confluent_member`, for the other implementation of the classic protocol."""
    import kafka

    history, rng = world.history, world.random(client)

    class Listener(kafka.ConsumerRebalanceListener):
        """May not ask what is committed; where it begins is seen by the first record."""

        def on_partitions_revoked(self, revoked):
            pass

        def on_partitions_assigned(self, assigned):
            follow.positions.clear()

    while not world.stop.is_set():
        follow = Follow(world, client, True, group)
        try:
            consumer = kafka.KafkaConsumer(
                bootstrap_servers=world.bootstrap, client_id=client, group_id=group,
                enable_auto_commit=False, auto_offset_reset="earliest", session_timeout_ms=6000,
                heartbeat_interval_ms=500, isolation_level="read_committed",
                reconnect_backoff_max_ms=200, retry_backoff_ms=50, metadata_max_age_ms=5000)  # fmt: skip
        except kafka.errors.KafkaError:
            world.pause()
            continue
        try:
            consumer.subscribe([topic], listener=Listener())
            for _ in range(rng.randint(10, 60)):
                if world.stop.is_set():
                    break
                last = {}
                for messages in consumer.poll(100).values():
                    for message in messages:
                        if (topic, message.partition) not in follow.positions:
                            follow.stands(topic, message.partition, message.offset)
                        follow.took(topic, message.partition, message.offset, message.value)
                        last[message.partition] = message.offset + 1
                for partition, offset in last.items():
                    commit = history.add(Commit(group, topic, partition, offset, history.now()))
                    there = kafka.TopicPartition(topic, partition)
                    consumer.commit({there: kafka.OffsetAndMetadata(offset, "", -1)})
                    history.finish(commit, OK)
        except kafka.errors.KafkaError:
            pass  # the commit is unknown; a new member goes on from what is committed
        finally:
            consumer.close(autocommit=False, timeout_ms=2000)
