"""Brokers that are killed, for tests: a process that has loaded everything and forks one for each
start, so that a start takes milliseconds."""

import os
import select
import signal
import subprocess
import sys
import time


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

    def tell(self, command):
        """A command to the running one: "fault ACTION N" (the next N-th change of a file),
        "fault none", "clock MS" (how far its clock is off); or to its process: "pause", "resume",
        "alive". The answer is "ok", or "dead" when there is none."""
        return self._ask(command)

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


def serve(path, kill_at, fsync, settings, out, commands):
    import cnengine.kafka
    import cnengine.log
    from cnengine._core import log as native

    if int(kill_at):
        native.testing.set_fault_plan("kill", int(kill_at))
    config = dict(one.split("=") for one in settings.split(",") if one)
    off_ms = int(config.pop("clock", 0))
    clock = native.testing.ManualClock(int(time.time() * 1000) + off_ms)
    log = cnengine.log.open(path, fsync=fsync, clock=clock)
    broker = cnengine.kafka.Broker(log, listen="127.0.0.1:0", config=config)
    os.write(out, b"%d\n" % broker.address[1])
    while True:  # the clock ticks every few milliseconds
        if select.select([commands], [], [], 0.005)[0]:
            command, *words = os.read(commands, 200).decode().split()
            if command == "clock":
                off_ms = int(words[0])
            elif words == ["none"]:
                native.testing.set_fault_plan(None)
            else:
                native.testing.set_fault_plan(words[0], int(words[1]))
            os.write(out, b"ok\n")
        clock.set_ms(int(time.time() * 1000) + off_ms)


class Child:
    def __init__(self, words):
        self.answers, out = os.pipe()
        commands, self.commands = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.answers)
            os.close(self.commands)
            try:
                serve(*words, out, commands)
            finally:
                os._exit(1)
        os.close(out)
        os.close(commands)

    def answer(self):
        return os.read(self.answers, 20).decode().strip() or "dead"

    def tell(self, line):
        command = line.split()[0]
        if command in ("pause", "resume"):
            os.kill(self.pid, signal.SIGSTOP if command == "pause" else signal.SIGCONT)
            return "ok"
        if command == "alive":
            return "dead" if os.waitid(os.P_PID, self.pid, DEAD) else "ok"
        try:
            os.write(self.commands, line.encode())
        except BrokenPipeError:
            return "dead"
        return self.answer()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.answers)
        os.close(self.commands)


DEAD = os.WEXITED | os.WNOHANG | os.WNOWAIT


def main():
    import cnengine.kafka  # noqa: F401

    child = None
    for line in sys.stdin:
        command, *words = line[:-1].split(" ")
        if command in ("start", "kill"):
            if child is not None:
                child.kill()
            child = Child(words) if command == "start" else None
            print(child.answer() if child else "killed", flush=True)
        else:
            print(child.tell(line) if child else "dead", flush=True)


if __name__ == "__main__":
    main()
