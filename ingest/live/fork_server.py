"""The process that workers are forked from: `python -m ingest.live.fork_server MODULE ...`, started by the supervisor.

It has loaded the modules of a worker, and what is forked from it shares their memory with it. It has one thread and,
beside the standard streams, no open file: its standard input is a socket to the supervisor. There each message asks for
the worker of one camera, and brings its standard input and output. When the supervisor is gone, it ends.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

READY = "ready"
MOST_BYTES = 4096
EXIT_BROKEN = 1
WORKER = "ingest.live.child"
TASKS = Path("/proc/self/task")
# They go to every process of a terminal or a group. The supervisor decides who ends; a worker unblocks them.
FOR_THE_SUPERVISOR = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Load the modules that are named, then fork a worker for each message until the supervisor is gone."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_SUPERVISOR)
    with socket.socket(fileno=0) as supervisor, suppress(ConnectionError):
        gc.disable()  # what it frees would be holes in pages that are shared
        refusal = _load([WORKER, *sys.argv[1:]])
        gc.freeze()  # nor shall the collectors of workers write into them
        supervisor.send((refusal or READY).encode())
        while not refusal:
            camera_id, descriptors, _, _ = socket.recv_fds(supervisor, MOST_BYTES, 2)
            if not camera_id:
                break
            supervisor.send(_answer(camera_id.decode(), descriptors).encode())
            for descriptor in descriptors:  # or the next worker held them, and nobody would see that this one ended
                os.close(descriptor)


def _load(modules: Sequence[str]) -> str:
    """Load `modules`; return why nothing should be forked afterwards, empty when all is well."""
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # a worker on its own says it better
            return f"{name} cannot be loaded ({type(error).__name__})"
    threads = len(list(TASKS.iterdir()))
    # A forked process has one thread, and whatever lock another one held stays locked in it for ever.
    return "" if threads == 1 else f"a library started {threads - 1} threads when it was loaded"


def _answer(camera_id: str, descriptors: Sequence[int]) -> str:
    """Fork a worker; return its process number, or why there is none."""
    try:
        task, news = descriptors
        return str(_fork(camera_id, task, news))
    except (OSError, ValueError) as error:  # no memory or no processes left
        return str(error) or type(error).__name__


def _fork(camera_id: str, task: int, news: int) -> int:
    """Fork a worker that is nobody's child when this returns, so that the supervisor gets it, its exit code and its
    end, and needs this process for none of them.
    """
    reading, writing = os.pipe()
    try:
        between = os.fork()
        if not between:
            os.close(reading)
            _leave_worker(camera_id, task, news, writing)
        with suppress(ChildProcessError):  # whoever started the program ignores ends of children; so does the kernel
            os.waitpid(between, 0)
        os.set_blocking(reading, False)
        with suppress(BlockingIOError):
            return int(os.read(reading, 20))
    finally:
        os.close(reading)
        os.close(writing)
    raise OSError("the worker could not be forked")


def _leave_worker(camera_id: str, task: int, news: int, writing: int) -> NoReturn:
    """Fork the worker, tell its number, and end, which makes it an orphan."""
    try:
        worker = os.fork()
        if not worker:
            os.close(writing)
            _become_worker(camera_id, task, news)
        os.write(writing, str(worker).encode())
    finally:
        os._exit(0)


def _become_worker(camera_id: str, task: int, news: int) -> NoReturn:
    try:
        for given, standard in ((task, 0), (news, 1)):  # in place of the socket, which is the other one's alone
            os.dup2(given, standard)
            os.close(given)
        gc.enable()
        sys.argv[1:] = [camera_id]
        _call_process(["-m", WORKER, camera_id])
        importlib.import_module(WORKER).main()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(EXIT_BROKEN)


def _call_process(arguments: Sequence[str]) -> None:
    """Let `ps` show `arguments` behind the interpreter's name, as far as there is room: where its own ones stand."""
    with suppress(OSError, ValueError):
        own = Path("/proc/self/cmdline").read_bytes()
        begin, end = (int(part) for part in Path("/proc/self/stat").read_text().rpartition(")")[2].split()[45:47])
        skipped = own.index(b"\0") + 1
        room = end - begin - skipped
        if 0 < room == len(own) - skipped:
            text = b"\0".join(argument.encode() for argument in arguments)[: room - 1]
            ctypes.memmove(begin + skipped, text.ljust(room, b"\0"), room)


if __name__ == "__main__":
    main()
