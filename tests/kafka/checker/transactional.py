"""Clients that write transactions, and that copy a topic exactly once."""

import asyncio
import contextlib

import transaction_wire as txn
from checker.final_log import Refused, committed_offset, fetch
from checker.history import FAILED, OK, Transaction
from checker.world import DEADLINE, Wire, worker
from checker.writers import Writes, read_produce
from record_batches import batch
from wire_client import Writer as Bytes

TXN_OFFSET_COMMIT = 28


class Transactions:
    """Names a client's transactions and keeps their operations."""

    def __init__(self, world, client, topics):
        self.world, self.client, self.topics = world, client, topics
        self.writes = Writes(world, client, topics[0], True)
        self.count = 0

    def begin(self, group=""):
        name = f"{self.client}/{self.count}"
        self.count += 1
        now = self.world.history.now()
        return self.world.history.add(Transaction(self.client, name, now, group=group))

    def some(self, transaction):
        """Writes of a transaction, over topics and partitions."""
        rng = self.world.random(self.client)
        return [self.writes.next(transaction=transaction.name, topic=rng.choice(self.topics))
                for _ in range(rng.randint(1, 6))]  # fmt: skip


@worker
def confluent_transactions(world, client, topics):
    import confluent_kafka

    own, rng = Transactions(world, client, topics), world.random(client)
    while not world.stop.is_set():
        producer = confluent_kafka.Producer({
            **world.librdkafka, "client.id": client, "transactional.id": client, "linger.ms": 1,
            "transaction.timeout.ms": 60_000})  # fmt: skip
        try:
            producer.init_transactions(DEADLINE)
            while not world.stop.is_set():
                transaction = own.begin()
                producer.begin_transaction()
                for write in own.some(transaction):
                    producer.produce(write.topic, write.value.encode(), partition=write.partition,
                                     on_delivery=_delivered(world, write))  # fmt: skip
                finish_confluent(world, producer, transaction, rng.random() < 0.75)
        except confluent_kafka.KafkaException as error:
            # A new producer with the same id ends what this one left open.
            if error.args[0].fatal():
                world.pause()
    end_what_is_open(world, client)


def _delivered(world, write):
    def done(error, message):
        if error is None:
            world.history.finish(write, OK, message.offset())

    return done


def finish_confluent(world, producer, transaction, commit):
    """Commits or aborts, as long as the client says that it may try again."""
    import confluent_kafka

    if commit:
        deadline = world.history.now() + DEADLINE
        while True:
            try:
                producer.commit_transaction(5)
                world.history.finish(transaction, OK)
                return
            except confluent_kafka.KafkaException as failure:
                error = failure.args[0]
                if error.txn_requires_abort():
                    break
                if not error.retriable() or world.history.now() > deadline:
                    raise
    producer.abort_transaction(DEADLINE)
    world.history.finish(transaction, FAILED)


@worker
def aiokafka_transactions(world, client, topics):
    asyncio.run(_aiokafka_transactions(world, client, topics))
    end_what_is_open(world, client)


async def _aiokafka_transactions(world, client, topics):
    import aiokafka

    own, rng = Transactions(world, client, topics), world.random(client)
    while not world.stop.is_set():
        producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=world.bootstrap, client_id=client, transactional_id=client,
            retry_backoff_ms=50, request_timeout_ms=10_000, metadata_max_age_ms=1000)  # fmt: skip
        try:
            await asyncio.wait_for(producer.start(), DEADLINE)
            while not world.stop.is_set():
                transaction = own.begin()
                await producer.begin_transaction()
                sent = [(write, await producer.send(write.topic, write.value.encode(),
                                                    partition=write.partition))
                        for write in own.some(transaction)]  # fmt: skip
                for write, future in sent:
                    told = await asyncio.wait_for(future, DEADLINE)
                    world.history.finish(write, OK, told.offset)
                if rng.random() < 0.75:
                    await asyncio.wait_for(producer.commit_transaction(), DEADLINE)
                    world.history.finish(transaction, OK)
                else:
                    await asyncio.wait_for(producer.abort_transaction(), DEADLINE)
                    world.history.finish(transaction, FAILED)
        except (aiokafka.errors.KafkaError, TimeoutError):
            world.pause()
        finally:
            with contextlib.suppress(TimeoutError, aiokafka.errors.KafkaError):
                await asyncio.wait_for(producer.stop(), 2)


class WireProducer:
    """A transactional producer by hand. Since KIP-890 (`modern`) partitions are not announced and
    the epoch goes up with each transaction."""

    def __init__(self, world, client, modern):
        self.world, self.client, self.modern = world, client, modern
        self.wire, self.producer, self.sequences = Wire(world), None, {}

    def ready(self):
        """Takes its id over, unless it has it; ends what it left open."""
        if self.producer is None:
            self.producer = self.wire.attempt(self._init)
            self.sequences = {}
        return self.producer is not None

    def _init(self, connection):
        error, *producer = txn.init(connection, 5, self.client)
        if error:
            raise Refused("InitProducerId", error)
        return tuple(producer)

    def produce(self, connection, topic, partition, some):
        version = 12 if self.modern else 11
        if not self.modern:
            self._expect(txn.add(connection, 3, self.client, self.producer, [(topic, partition)])[
                topic, partition])  # fmt: skip
        sequence = self.sequences.get((topic, partition), 0)
        records = batch([w.value.encode() for w in some], attributes=txn.TRANSACTIONAL,
                        producer=(*self.producer, sequence))  # fmt: skip
        body = txn.produce_body(version, topic, records, partition=partition,
                                transactional_id=self.client)  # fmt: skip
        error, base = read_produce(connection.call(txn.PRODUCE, version, body, flexible=True))
        self._expect(error)
        self.sequences[topic, partition] = sequence + len(some)
        for i, write in enumerate(some):
            self.world.history.finish(write, OK, base + i)
        return True

    def commit_offset(self, connection, group, topic, partition, offset):
        """AddOffsetsToTxn before KIP-890, then TxnOffsetCommit."""
        if not self.modern:
            self._expect(txn.add_offsets(connection, 3, self.client, self.producer, group))
        version = 5 if self.modern else 3
        w = Bytes(True).string(self.client).string(group)
        w.int64(self.producer[0]).int16(self.producer[1]).int32(-1).string("").string(None)
        w.count(1).string(topic).count(1).int32(partition).int64(offset).int32(-1).string("")
        r = connection.call(TXN_OFFSET_COMMIT, version, w.tags().tags().tags(), flexible=True)
        r.int32()
        assert (r.count(), r.string(), r.count(), r.int32()) == (1, topic, 1, partition)
        self._expect(r.int16())
        return True

    def end(self, connection, commit):
        """Raises Refused with an error; the producer's next epoch is taken over."""
        if not self.modern:
            self._expect(txn.end(connection, 4, self.client, self.producer, commit))
            return True
        error, *producer = txn.end(connection, 5, self.client, self.producer, commit)
        self._expect(error)
        if tuple(producer) != self.producer:
            self.producer, self.sequences = tuple(producer), {}
        return True

    def _expect(self, error):
        if error:
            raise Refused("transaction", error)

    def finish(self, transaction, rng, commit):
        """Ends a transaction, trying again a few times after a lost answer; a transaction whose end
        was never asked for is aborted by whoever takes the id over."""
        for _ in range(rng.randint(1, 4)):
            if self.wire.attempt(self.end, commit):
                self.world.history.finish(transaction, OK if commit else FAILED)
                return
        self.producer = None

    def give_up(self, transaction):
        """Its end was not asked for: the next to take the id over aborts it."""
        self.producer = None
        self.world.history.finish(transaction, FAILED)


def end_what_is_open(world, client):
    """By taking its id over."""
    producer, deadline = WireProducer(world, client, True), world.history.now() + DEADLINE
    while not producer.ready():
        assert world.history.now() < deadline, "the id is not to be had"


@worker
def wire_transactions(world, client, topics, modern):
    own, rng, producer = Transactions(world, client, topics), world.random(client), None
    producer = WireProducer(world, client, modern)
    while not world.stop.is_set():
        if not producer.ready():
            continue
        transaction, places = own.begin(), {}
        for write in own.some(transaction):
            places.setdefault((write.topic, write.partition), []).append(write)
        if all(producer.wire.attempt(producer.produce, *place, some)
               for place, some in places.items()):  # fmt: skip
            producer.finish(transaction, rng, rng.random() < 0.75)
        else:
            producer.give_up(transaction)
    end_what_is_open(world, client)


@worker
def wire_copy(world, client, group, source, target, modern):
    """Copies partition by partition, from what is committed on, without being a group's member."""
    own, rng = Transactions(world, client, [target]), world.random(client)
    producer, copied = WireProducer(world, client, modern), 0
    wire = Wire(world)
    while not world.stop.is_set():
        partition = rng.randrange(world.partitions)
        if not producer.ready():
            continue
        begin = wire.attempt(committed_offset, group, source, partition)
        if begin is None:
            continue
        begin = max(begin, 0)
        got = wire.attempt(fetch, source, partition, begin, committed=True, wait_ms=5)
        if got is None or not got[0]:
            continue
        records, transaction = got[0][:30], own.begin(group)
        after = records[-1][0] + 1
        some = [own.writes.next(transaction=transaction.name, topic=target, partition=partition,
                                value=f"copy:{value}@{client}-{copied + i}")
                for i, (_, value) in enumerate(records)]  # fmt: skip
        copied += len(some)
        transaction.consumed = [(source, partition, begin, after)]
        steps = [(producer.produce, target, partition, some),
                 (producer.commit_offset, group, source, partition, after)]  # fmt: skip
        rng.shuffle(steps)
        if all(producer.wire.attempt(*step) for step in steps):
            producer.finish(transaction, rng, rng.random() < 0.9)
        else:
            producer.give_up(transaction)
    end_what_is_open(world, client)


@worker
def confluent_copy(world, client, group, source, target):
    """By a group's members (KIP-447), each with a transactional id of its own."""
    import confluent_kafka

    own, rng, copied = Transactions(world, client, [target]), world.random(client), 0
    while not world.stop.is_set():
        consumer = confluent_kafka.Consumer({
            **world.librdkafka, "client.id": client, "group.id": group, "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500, "enable.auto.commit": False, "fetch.wait.max.ms": 50,
            "auto.offset.reset": "earliest", "isolation.level": "read_committed"})  # fmt: skip
        producer = confluent_kafka.Producer({
            **world.librdkafka, "client.id": client, "transactional.id": client, "linger.ms": 1,
            "transaction.timeout.ms": 60_000})  # fmt: skip
        try:
            producer.init_transactions(DEADLINE)
            consumer.subscribe([source])
            while not world.stop.is_set():
                messages = [m for m in consumer.consume(30, 0.1) if m.error() is None]
                if not messages:
                    continue
                transaction = own.begin(group)
                producer.begin_transaction()
                for message in messages:
                    value = f"copy:{message.value().decode()}@{client}-{copied}"
                    write = own.writes.next(transaction=transaction.name, topic=target,
                                            partition=message.partition(), value=value)  # fmt: skip
                    copied += 1
                    producer.produce(target, value.encode(), partition=message.partition(),
                                     on_delivery=_delivered(world, write))  # fmt: skip
                producer.send_offsets_to_transaction(
                    consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 10)  # fmt: skip
                commit = rng.random() < 0.9
                finish_confluent(world, producer, transaction, commit)
                if transaction.outcome != OK:
                    break  # its consumer is ahead of what is committed
        except confluent_kafka.KafkaException:
            world.pause()
        finally:
            consumer.close()
    end_what_is_open(world, client)
