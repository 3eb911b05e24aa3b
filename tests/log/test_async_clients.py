"""Clients within asyncio: one suite for a log of this process and for one behind a broker."""

import asyncio
import contextlib

import cnengine.errors
import pyarrow as pa
import pytest
from cnengine.log import AsyncConsumer, AsyncProducer


def run(main):
    async def limited():
        return await asyncio.wait_for(main(), 60)

    return asyncio.run(limited())


def test_send_and_read(either):
    either.create_topic("t")

    async def main():
        async with AsyncProducer(either) as producer:
            futures = [await producer.send("t", b"%d" % i, b"k", 1000 + i) for i in range(500)]
            placed = await asyncio.gather(*futures)
            assert [each.offset for each in placed] == list(range(500))
            assert (await producer.send_and_wait("t", b"500")).offset == 500
            assert await producer.flush() == 0
            ranges = await producer.send_table("t", pa.table({"value": ["501", "502"]}))
            assert ranges == {0: range(501, 503)}
        out = []
        async with AsyncConsumer(either, "t") as consumer:
            async for record in consumer:
                out.append(int(record.value))
                if len(out) == 503:
                    break
            assert await consumer.position("t", 0) == 503
            await consumer.seek("t", 0, 490)
            table = await consumer.poll_arrow(timeout=20)
            assert table["offset"].to_pylist()[0] == 490
            found = await consumer.offsets_for_timestamps({("t", 0): 1007})
            assert found == {("t", 0): 7}
        return out

    assert run(main) == list(range(503))


def test_errors_come_by_the_future(either):
    either.create_topic("t", config={"max.message.bytes": 1000})

    async def main():
        async with AsyncProducer(either) as producer:
            with pytest.raises(cnengine.errors.ArgumentError):
                await producer.send_and_wait("t", b"x" * 5000)
            assert (await producer.send_and_wait("t", b"fits")).offset == 0

    run(main)


def test_a_full_buffer_waits(either):
    either.create_topic("t")

    async def main():
        async with AsyncProducer(either, buffer_bytes=64 << 10, batch_bytes=8192) as producer:
            futures = [await producer.send("t", b"x" * 1000) for _ in range(300)]
            return (await asyncio.gather(*futures))[-1].offset

    assert run(main) == 299


def test_a_cancelled_wait_loses_nothing(either):
    either.create_topic("t")

    async def main():
        async with AsyncConsumer(either, "t") as consumer, AsyncProducer(either) as producer:
            got = []
            for i in range(20):
                waiting = asyncio.ensure_future(consumer.poll())
                await asyncio.sleep(0)
                waiting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    got += await waiting  # it had some already
                await producer.send_and_wait("t", b"%d" % i)
            while len(got) < 20:
                got += await consumer.poll(20)
            return [int(record.value) for record in got]

    assert run(main) == list(range(20))


def test_a_wait_does_not_hold_the_loop(either):
    either.create_topic("t")

    async def main():
        async with AsyncConsumer(either, "t") as consumer, AsyncProducer(either) as producer:
            waiting = asyncio.ensure_future(consumer.poll())
            for _ in range(100):
                await asyncio.sleep(0)
            assert not waiting.done()
            await producer.send_and_wait("t", b"v")
            assert [record.value for record in await waiting] == [b"v"]
            assert await consumer.poll(0) == []
            assert await consumer.poll(0.02) == []

    run(main)


def test_closing_ends_what_waits(either):
    either.create_topic("t")

    async def main():
        consumer = AsyncConsumer(either, "t")

        async def read():
            return [record async for record in consumer]

        reading = asyncio.ensure_future(read())
        for _ in range(10):
            await asyncio.sleep(0)
        await consumer.close()
        assert await reading == []
        assert consumer.closed

    run(main)
