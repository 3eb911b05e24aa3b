"""What the clients of one run share; how a client becomes a thread."""

import asyncio
import functools
import random
import sys
import threading
import traceback

from checker.final_log import Refused
from wire_client import Client

DEADLINE = 100  # seconds for what has to end once the broker is left in peace, on any disk


class World:
    def __init__(self, history, port, seed, partitions):
        self.history, self.seed, self.partitions = history, seed, partitions
        self.address = ("127.0.0.1", port)
        self.bootstrap = f"127.0.0.1:{port}"
        self.stop = threading.Event()
        self.threads = []
        self.librdkafka = {
            "bootstrap.servers": self.bootstrap, "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 20, "retry.backoff.max.ms": 200,
            "log_level": 0, "socket.timeout.ms": 10_000, "topic.metadata.refresh.interval.ms": 5000,
            # By default librdkafka (2.16) forgets its brokers when all are down, but keeps a group's
            # coordinator: send_offsets_to_transaction then waits for one that is no more.
            "metadata.recovery.strategy": "none",
        }  # fmt: skip
        self._randoms = {}

    def random(self, client):
        """Each client's own, so that another thread's pace changes nothing of its choices."""
        if client not in self._randoms:
            self._randoms[client] = random.Random(f"{self.seed} {client}")
        return self._randoms[client]

    def pause(self):
        """Between attempts, so that one that fails at once does not spin."""
        self.stop.wait(0.02)

    async def persist(self, start):
        """An asyncio client's start, until it succeeds."""
        deadline = self.history.now() + DEADLINE
        while True:
            try:
                return await start()
            except Exception:
                if self.history.now() > deadline:
                    raise
                await asyncio.sleep(0.02)

    def join(self):
        for thread in self.threads:
            thread.join(2 * DEADLINE)
            if thread.is_alive():
                stack = traceback.format_stack(sys._current_frames()[thread.ident])
                self.history.complain(f"{thread.name} has not ended: {''.join(stack[-3:])}")


def worker(function):
    """Makes `function(world, client, ...)` start a thread; what it throws is a complaint."""

    @functools.wraps(function)
    def start(world, client, *args):
        def run():
            try:
                function(world, client, *args)
            except BaseException:  # confluent-kafka's KafkaError is no Exception
                world.history.complain(f"{client}: {traceback.format_exc()}")

        thread = threading.Thread(target=run, name=client, daemon=True)
        world.threads.append(thread)
        thread.start()

    return start


LOST = (OSError, Refused)


class Wire:
    """A connection that is made anew after each failure."""

    def __init__(self, world):
        self.world, self.client = world, None

    def attempt(self, function, *args, **kwargs):
        """What `function(connection, ...)` returns, or None when the connection was lost, could
        not be made, or the broker refused."""
        try:
            if self.client is None:
                self.client = Client(self.world.address, timeout=10)
            return function(self.client, *args, **kwargs)
        except AssertionError as failure:
            if "closed the connection" not in str(failure):
                raise
        except LOST:
            pass
        self.close()
        self.world.pause()
        return None

    def close(self):
        if self.client is not None:
            self.client.close()
            self.client = None
