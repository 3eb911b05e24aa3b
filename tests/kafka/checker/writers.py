"""Clients that write unique values without transactions, and say what became of each."""

import asyncio

import transaction_wire as txn
from checker.history import OK, Write
from checker.world import DEADLINE, Wire, worker
from record_batches import batch

IN_FLIGHT = 20


class Writes:
    """Numbers a client's records and keeps their operations."""

    def __init__(self, world, client, topic, idempotent):
        self.world, self.client, self.topic, self.idempotent = world, client, topic, idempotent
        self.number = 0

    def next(self, *, transaction="", topic=None, partition=None, value=None):
        history, number = self.world.history, self.number
        self.number += 1
        topic = topic or self.topic
        if partition is None:
            partition = self.world.random(self.client).randrange(self.world.partitions)
        value = value or f"{self.client}-{number}"
        return history.add(Write(self.client, number, topic, partition, value, history.now(),
                                 idempotent=self.idempotent, transaction=transaction))  # fmt: skip


@worker
def confluent_writer(world, client, topic, idempotent):
    import confluent_kafka

    writes, open_ones = Writes(world, client, topic, idempotent), set()
    producer = confluent_kafka.Producer({
        **world.librdkafka, "client.id": client, "acks": "all", "enable.idempotence": idempotent,
        "max.in.flight.requests.per.connection": 5 if idempotent else 1, "linger.ms": 2,
        "message.timeout.ms": 60_000, "request.timeout.ms": 5000})  # fmt: skip
    if idempotent:
        producer.poll(0)

    def delivered(write):
        def done(error, message):
            open_ones.discard(write.value)
            if error is None:
                world.history.finish(write, OK, message.offset() if message.offset() else 0)
            elif idempotent:
                world.history.complain(f"{client}: {error} of {write}")

        return done

    def produce():
        write = writes.next()
        open_ones.add(write.value)
        producer.produce(topic, write.value.encode(), partition=write.partition,
                         on_delivery=delivered(write))  # fmt: skip

    while not world.stop.is_set():
        if len(open_ones) < IN_FLIGHT:
            produce()
            producer.poll(0)
        else:
            producer.poll(0.05)
    if producer.flush(DEADLINE):
        world.history.complain(f"{client}: not delivered in the end: {sorted(open_ones)[:5]}")


@worker
def kafka_python_writer(world, client, topic, idempotent):
    import kafka

    writes = Writes(world, client, topic, idempotent)
    producer = kafka.KafkaProducer(
        bootstrap_servers=world.bootstrap, client_id=client, acks="all",
        enable_idempotence=idempotent, max_in_flight_requests_per_connection=5 if idempotent else 1,
        request_timeout_ms=5000, delivery_timeout_ms=60_000, retry_backoff_ms=50,
        reconnect_backoff_max_ms=200, metadata_max_age_ms=5000)  # fmt: skip
    waiting = []

    def settle(one):
        write, future = one
        try:
            world.history.finish(write, OK, future.get(DEADLINE).offset)
        except kafka.errors.KafkaError as error:
            if idempotent:
                world.history.complain(f"{client}: {error!r} of {write}")

    while not world.stop.is_set():
        write = writes.next()
        waiting.append((write, producer.send(topic, value=write.value.encode(),
                                             partition=write.partition)))  # fmt: skip
        if len(waiting) >= IN_FLIGHT:
            settle(waiting.pop(0))
    for one in waiting:
        settle(one)
    producer.close(timeout=5)


@worker
def aiokafka_writer(world, client, topic, idempotent):
    asyncio.run(_aiokafka_writer(world, client, topic, idempotent))


async def _aiokafka_writer(world, client, topic, idempotent):
    import aiokafka

    writes = Writes(world, client, topic, idempotent)
    producer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=world.bootstrap, client_id=client, acks="all",
        enable_idempotence=idempotent, request_timeout_ms=30_000, retry_backoff_ms=50,
        metadata_max_age_ms=1000)  # fmt: skip
    await world.persist(producer.start)
    while not world.stop.is_set():
        write = writes.next()
        try:
            told = await producer.send_and_wait(
                topic, write.value.encode(), partition=write.partition)  # fmt: skip
            world.history.finish(write, OK, told.offset)
        except aiokafka.errors.KafkaError as error:
            # Its request.timeout is the time that it tries a record for; it may be there.
            if not error.retriable and not isinstance(error, aiokafka.errors.KafkaTimeoutError):
                world.history.complain(f"{client}: {error!r} of {write}")
    await producer.stop()


RETRIABLE = {2, 3, 5, 6, 7, 13, 14, 15, 16, 56, 45}


@worker
def wire_writer(world, client, topic, _idempotent):
    """Idempotence by hand: up to four requests at once on each of its connections, and after a
    failure all that was not acknowledged once more, with the same sequences."""
    writes, rng, wire = Writes(world, client, topic, True), world.random(client), Wire(world)
    producer = None
    while producer is None:
        producer = wire.attempt(_new_producer)
    sequences = dict.fromkeys(range(world.partitions), 0)
    waiting = {partition: [] for partition in sequences}  # (sequence, writes), the oldest first
    deadline = None
    while deadline is None or (any(waiting.values()) and world.history.now() < deadline):
        if deadline is None and world.stop.is_set():
            deadline = world.history.now() + DEADLINE
        for partition, batches in waiting.items():
            while deadline is None and len(batches) < rng.randint(1, 4):
                some = [writes.next(partition=partition) for _ in range(rng.randint(1, 3))]
                batches.append((sequences[partition], some))
                sequences[partition] += len(some)
        wire.attempt(_send_all, world, topic, producer, waiting)
    if any(waiting.values()):
        world.history.complain(f"{client}: not acknowledged in the end: {waiting}")


def _new_producer(connection):
    error, *producer = txn.init(connection, 3, None)
    return None if error else tuple(producer)


def _send_all(connection, world, topic, producer, waiting):
    sent = []
    for partition, batches in waiting.items():
        for sequence, some in batches:
            records = batch([w.value.encode() for w in some], producer=(*producer, sequence))
            body = txn.produce_body(9, topic, records, partition=partition, transactional_id=None)
            connection.send(txn.PRODUCE, 9, body, flexible=True)
            sent.append((partition, sequence, some))
    for partition, sequence, some in sent:
        _, reader = connection.receive(flexible=True)
        error, base = read_produce(reader)
        if error in (0, 46):
            # The answer to a repetition of an older batch than the last five has no offset.
            for i, write in enumerate(some):
                world.history.finish(write, OK, base + i if not error and base >= 0 else -1)
            waiting[partition] = [one for one in waiting[partition] if one[0] != sequence]
        elif error not in RETRIABLE:
            world.history.complain(f"error {error} of sequence {sequence} of {producer}: {some}")


def read_produce(reader):
    """(error, base offset) of the one partition, whatever else is told."""
    assert reader.count() == 1
    reader.string()
    assert reader.count() == 1
    reader.int32()
    return reader.int16(), reader.int64()
