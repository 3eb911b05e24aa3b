"""Brokers that are killed, for tests: a process that has loaded everything and forks one for each
start, so that a start takes milliseconds."""

import os
import signal
import subprocess
import sys


class Brokers:
    """Starts brokers on a log's directory, one at a time; `with` ends them all."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)  # fmt: skip

    def start(self, path, *, kill_at=0, fsync="none", config=()):
        """(host, port), or None when it was killed before it listened. It is killed (-9) before its
        `kill_at`-th change of a file, counted from its start; 0 is never."""
        settings = ",".join(f"{name}={value}" for name, value in dict(config).items())
        answer = self._ask(f"start {path} {kill_at} {fsync} {settings}")
        return None if answer == "dead" else ("127.0.0.1", int(answer))

    def kill(self):
        """Kills it now, if it is still there; how many changes of files it had made is not told."""
        return self._ask("kill")

    def _ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def serve(path, kill_at, fsync, settings, out):
    import cnengine.kafka
    import cnengine.log
    from cnengine._core import log as native

    if int(kill_at):
        native.testing.set_fault_plan("kill", int(kill_at))
    config = dict(one.split("=") for one in settings.split(",") if one)
    log = cnengine.log.open(path, fsync=fsync)
    broker = cnengine.kafka.Broker(log, listen="127.0.0.1:0", config=config)
    os.write(out, b"%d" % broker.address[1])
    os.close(out)
    while True:
        signal.pause()


def main():
    import cnengine.kafka  # noqa: F401

    child = None
    for line in sys.stdin:
        command, *words = line[:-1].split(" ")
        if child is not None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            child = None
        if command == "kill":
            print("killed", flush=True)
            continue
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            try:
                serve(*words, write)
            finally:
                os._exit(1)
        os.close(write)
        answer = os.read(read, 20).decode()
        os.close(read)
        print(answer or "dead", flush=True)


if __name__ == "__main__":
    main()
