"""Groups without a launcher: how ranks meet, strangers at the door, ranks that go away."""

import multiprocessing
import os
import signal
import socket
import threading

import numpy as np
import parallel_programs as programs
import pytest
from cnengine._core import tensor as _tensor
from cnengine.errors import IoError
from cnengine.tensor import parallel

TRANSPORTS = ["shared", "tcp"]
TOKEN = "a secret"


def take_part(pipe, rank, size, transport, timeout, f, args):
    """A rank that says what f gives."""

    def listen(rank, size, port):
        return parallel.group.listen(rank, size, "127.0.0.1", port, TOKEN, meet=60.0, timeout=timeout,
                                     transport=transport)  # fmt: skip

    if rank == 0:
        native = listen(0, size, 0)
        pipe.send(native.port)
    else:
        native = listen(rank, size, pipe.recv())
    parallel.group.join(native)
    pipe.send(f(*args))


def together(size, f, args, transport="auto", timeout=60.0):
    """Processes and pipes of a group that has been told where to meet."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for rank in range(size):
        ours, theirs = context.Pipe()
        process = context.Process(target=take_part, args=(theirs, rank, size, transport, timeout, f, args),
                                  daemon=True)  # fmt: skip
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    port = pipes[0].recv()
    for pipe in pipes[1:]:
        pipe.send(port)
    return processes, pipes


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("how", ["kill", "leave", "stop"])
def test_all_others_name_who_is_gone(how, transport):
    size, at = 4, 2
    processes, pipes = together(size, programs.what_others_see, (how, at), transport,
                                timeout=3.0 if how == "stop" else 60.0)  # fmt: skip
    try:
        told = [pipes[rank].recv() for rank in range(size) if rank != at]
    finally:
        for process in processes:
            process.kill()
    for kind, text, again in told:
        assert kind == "IoError"
        assert f"rank {at} " in text
        assert ("did not answer" if how == "stop" else "is gone") in text
        assert again == text


def in_thread(native):
    """Meets the others in a thread: what came of it."""
    outcome = []

    def connect():
        try:
            native.connect()
            outcome.append(None)
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=connect)
    thread.start()
    return thread, outcome


def group(rank, size, port=0, token=TOKEN, meet_ms=30000):
    return _tensor.process_group(rank, size, "127.0.0.1", port, token, meet_ms, 30000, "auto")


def test_strangers_are_turned_away():
    """Whatever they say: the ranks meet all the same."""
    root = group(0, 2)
    thread, outcome = in_thread(root)
    rng = np.random.default_rng(3)
    hello = (
        b"CNEPARL1"
        + (0).to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + (2).to_bytes(4, "little")
    )
    for said in [b"", b"GET / HTTP/1.1\r\n\r\n", rng.bytes(88), rng.bytes(100_000), b"CNEPARL1" + b"\xff" * 80,
                 hello + rng.bytes(68), hello[:20]]:  # fmt: skip
        with socket.create_connection(("127.0.0.1", root.port)) as guest:
            assert len(guest.recv(32, socket.MSG_WAITALL)) == 32
            try:
                guest.sendall(said)
                guest.shutdown(socket.SHUT_WR)
                assert guest.recv(1) == b""
            except OSError:  # it has been turned away already
                pass
    silent = socket.create_connection(("127.0.0.1", root.port))
    other = group(1, 2, root.port)
    other.connect()
    thread.join()
    silent.close()
    assert outcome == [None]
    waiting, outcome = in_thread(root)
    waiting.join()
    assert outcome == [None]


def test_a_hello_cannot_be_used_again():
    """What somebody heard is no answer to what is asked next."""
    root = group(0, 2)
    thread, outcome = in_thread(root)
    with socket.create_server(("127.0.0.1", 0)) as between:
        asking, refused = in_thread(group(1, 2, between.getsockname()[1]))
        guest, _ = between.accept()
        with guest, socket.create_connection(("127.0.0.1", root.port)) as first:
            guest.sendall(first.recv(32, socket.MSG_WAITALL))
            hello = guest.recv(88, socket.MSG_WAITALL)
        asking.join()
    assert "does not take" in str(refused[0])
    with socket.create_connection(("127.0.0.1", root.port)) as again:
        again.recv(32, socket.MSG_WAITALL)
        again.sendall(hello)
        assert again.recv(1) == b""
    root.close()
    thread.join()
    assert "closed" in str(outcome[0])


@pytest.mark.parametrize(("token", "size"), [("another", 2), (TOKEN, 3)])
def test_another_token_or_size_is_turned_away(token, size):
    root = group(0, 2, meet_ms=1000)
    thread, outcome = in_thread(root)
    with pytest.raises(IoError, match="does not take rank 1 of"):
        group(1, size, root.port, token).connect()
    thread.join()
    assert isinstance(outcome[0], IoError)


def test_who_does_not_know_the_token_is_no_rank_0():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            guest, _ = server.accept()
            guest.sendall(bytes(32))
            guest.recv(88, socket.MSG_WAITALL)
            guest.sendall(bytes(32))
            guest.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(IoError, match="does not know the token"):
            group(1, 2, server.getsockname()[1]).connect()
        thread.join()


def test_who_does_not_come_is_named():
    root = group(0, 3, meet_ms=300)
    with pytest.raises(IoError, match=r"rank 1 of 3 did not come within 300 ms"):
        root.connect()
    with pytest.raises(IoError, match="cannot reach rank 0"):
        group(1, 2, root.port, meet_ms=200).connect()


def by_environment(pipe, rank, port):
    os.environ.update(RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port),
                      CNENGINE_PARALLEL_TOKEN=TOKEN)  # fmt: skip
    parallel.init()
    pipe.send((parallel.rank(), parallel.size(), float(parallel.allreduce(rank + 1.0))))


def test_init_by_the_variables_of_torchrun():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    pipes = []
    for rank in range(2):
        ours, theirs = context.Pipe()
        context.Process(target=by_environment, args=(theirs, rank, port), daemon=True).start()
        theirs.close()
        pipes.append(ours)
    assert [pipe.recv() for pipe in pipes] == [(0, 2, 3.0), (1, 2, 3.0)]


def test_closing_ends_a_wait():
    root = group(0, 2)
    thread, outcome = in_thread(root)
    root.close()
    thread.join()
    assert "closed" in str(outcome[0])


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="POSIX")
def test_no_shared_memory_is_left():
    before = {name for name in os.listdir("/dev/shm") if name.startswith("cnengine-")}
    with pytest.raises(parallel.WorkerError):
        parallel.run(programs.kill_in_a_sum, (1,), workers=2, transport="shared")
    after = {name for name in os.listdir("/dev/shm") if name.startswith("cnengine-")}
    assert after <= before
