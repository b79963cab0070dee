"""A version that is asked in a process of its own: what two work out holds one lock in one.

The process is a fresh interpreter, not a copy of this one, so that it is of no account which
threads run here, and what the program is that calls. It lives as long as somebody asks: when
the other end of its connection is gone, for whatever reason, it ends.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from typing import Final

import pyarrow as pa

import pydmn
from medpolicy.batch.claims import Chunk
from medpolicy.impact.told import Ask, Side, Told
from medpolicy.problems import MedpolicyError
from medpolicy.versions import AnyPolicy, VersionedPolicy

_PROGRAM: Final = """
import sys
from multiprocessing.connection import Connection
asked = Connection(0)
sys.path[:] = asked.recv()
from medpolicy.impact.apart import serve
serve(asked)
"""

_MADE: Final = 200_000
"""After so many new objects one looks for garbage."""


def is_possible() -> bool:
    """Say whether there can be another process: not where Python is part of a program."""
    return os.name == "posix" and bool(sys.executable) and not hasattr(sys, "frozen")


@contextmanager
def apart(policy: AnyPolicy) -> Iterator[Ask]:
    """Give what asks a version in another process; in the end that is stopped at once.

    An answer raises `ChildProcessError` where somebody else has stopped it.
    """
    asking, asked = Pipe()
    # Not of this terminal's group: who interrupts this process interrupts it alone.
    process = subprocess.Popen(  # noqa: S603  this interpreter, and a program from here
        [sys.executable, "-I", "-c", _PROGRAM],
        stdin=asked.fileno(), stdout=subprocess.DEVNULL, process_group=0,
    )  # fmt: skip
    asked.close()
    with asking, process, ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(_begin, asking, policy)
            yield lambda chunk: pool.submit(_told, asking, chunk)
        finally:
            process.kill()


def _begin(asking: Connection, policy: AnyPolicy) -> None:
    with _connected():
        asking.send(sys.path)
        asking.send(_bare(policy))


def _told(asking: Connection, chunk: Chunk) -> Told:
    with _connected():
        _send(asking, chunk)
        found: Told | Exception = asking.recv()
    if isinstance(found, Exception):
        raise found
    return found


def _send(asking: Connection, chunk: Chunk) -> None:
    """Send a chunk, the table as Arrow writes one: a pickled slice has all that it is cut from."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, chunk.table.schema) as stream:
        stream.write_table(chunk.table)
    asking.send(replace(chunk, table=chunk.table.schema.empty_table()))
    asking.send_bytes(sink.getvalue())


def _received(asked: Connection) -> Chunk:
    chunk: Chunk = asked.recv()
    with pa.ipc.open_stream(asked.recv_bytes()) as stream:
        return replace(chunk, table=stream.read_all())


@contextmanager
def _connected() -> Iterator[None]:
    """Say of a connection without another end what that means."""
    try:
        yield
    except (EOFError, ConnectionError) as error:
        message = "a process that answers by one of the versions was stopped from outside"
        raise ChildProcessError(message) from error


def _bare(policy: AnyPolicy) -> AnyPolicy:
    """Return a policy without what has been worked out with it."""
    if isinstance(policy, VersionedPolicy):
        return replace(policy, versions=tuple(replace(each) for each in policy.versions))
    return replace(policy)


def serve(asked: Connection) -> None:
    """Answer by the policy that comes first the chunks that come then, until none come."""
    # Nearly all that is made here is kept: to go through it for garbage so often takes long.
    gc.set_threshold(_MADE, 20, 20)
    try:
        side = Side(asked.recv())
        while True:
            chunk = _received(asked)
            try:
                found: Told | Exception = side.told(chunk)
            except (MedpolicyError, pydmn.PydmnError) as error:
                found = error
            asked.send(found)
    except (EOFError, ConnectionError):
        return
