"""A TCP proxy between clients and the broker, which stays where it is while brokers come and go,
and cuts connections in the middle of what goes through."""

import asyncio
import random
import socket
import struct
import threading


class Proxy:
    """Listens on `port`; `target` is where the broker is now, None while there is none."""

    def __init__(self, seed):
        self.target = None
        self.cuts = 0  # connections that were cut
        self._random = random.Random(seed)
        self._pending = 0
        self._writers = set()
        self._tasks = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(20)

    def cut(self, count):
        """The next `count` times that bytes come, a part of them goes on and the connection ends."""
        self._loop.call_soon_threadsafe(self._add, count)

    def close(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _add(self, count):
        self._pending += count

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main(ready))
        self._loop.close()

    async def _main(self, ready):
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        pair = [writer]
        try:
            if self.target is None:
                return
            there_reader, there_writer = await asyncio.open_connection(*self.target)
            pair.append(there_writer)
            ends = [asyncio.ensure_future(self._pump(reader, there_writer)),
                    asyncio.ensure_future(self._pump(there_reader, writer))]  # fmt: skip
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
                await asyncio.gather(*ends, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(asyncio.current_task())
            for one in pair:
                one.close()

    async def _pump(self, reader, writer):
        while data := await reader.read(65536):
            if self._pending and len(data) > 1 and self._random.random() < 0.3:
                self._pending -= 1
                self.cuts += 1
                writer.write(data[: self._random.randrange(1, len(data))])
                await writer.drain()
                if self._random.random() < 0.5:  # by a reset, else by an orderly end
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # fmt: skip
                return
            writer.write(data)
            await writer.drain()
