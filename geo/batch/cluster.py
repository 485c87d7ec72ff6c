"""The workers: processes of this machine, or those of a scheduler that the planner names."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from geo.batch.memory import machine_mb
from geo.batch.warm import compile_before, say_program
from geo.errors import InputError, StudyError
from geo.messages import Message, name_some

__all__ = ["LEAST_MB", "Workers", "default_workers", "require_dask", "starting_workers"]

LOOPBACK: Final = "127.0.0.1"
LEAST_MB: Final = 600.0
"""A worker needs so much for the libraries and a small county."""
_SHARE: Final = 0.8
"""Of the machine's memory, for all workers."""
_LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
_SETTINGS: Final[Mapping[str, Any]] = {
    # One county a worker, and none waiting at it: who is lost takes no other with it.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.work-stealing": False,
    # No pages over HTTP beside the scheduler and the workers.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.dashboard.status.task-stream-length": 0,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.comm.timeouts.connect": "30s",
    # A proxy or another program of the planner's settings is none of a cluster of one machine.
    "distributed.diagnostics.nvml": False,
}


@dataclass(frozen=True)
class Workers:
    """Who computes, and within which bounds.

    Parameters
    ----------
    n : int
        Worker processes on this machine.
    memory_mb : float
        Bound of each; a worker that goes beyond it is ended and its county tried once more.
    scheduler : str
        Address of a scheduler in place of own workers; empty for own ones.
    tls : tuple of str
        Files of the authority, the certificate and the key for a ``tls://`` scheduler.
    """

    n: int
    memory_mb: float
    scheduler: str = ""
    tls: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether what is sent can be read and sent by others in the network: no TLS, another machine."""
        host = self.scheduler.partition("://")[2].rpartition(":")[0]
        return bool(self.scheduler) and not self.scheduler.startswith("tls://") and host not in _LOCAL


def require_dask() -> None:
    """Check that dask.distributed is there.

    Raises
    ------
    InputError
        It is not; the message says how to install it.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise InputError(Message("batch.no_dask", {"why": str(error)})) from None


def default_workers(n: int | None, memory_mb: float | None, n_counties: int) -> Workers:
    """Choose how many workers run, and the memory of each, where the planner does not say it.

    Parameters
    ----------
    n : int or None
        Workers that are asked for; else one a core, as far as there are counties and memory.
    memory_mb : float or None
        Bound of each; else an equal part of four fifths of the machine's memory.
    n_counties : int
        Counties that are to be run.

    Raises
    ------
    InputError
        The memory asked for is less than a worker needs.
    """
    whole = _SHARE * machine_mb()
    if memory_mb is not None and memory_mb < LEAST_MB:
        raise InputError(Message("batch.memory_small", {"mb": memory_mb, "least": LEAST_MB}))
    if n is None:
        fit = int(whole // (memory_mb or LEAST_MB))
        n = max(1, min(_cores(), n_counties, fit))
    return Workers(n, memory_mb or whole / n)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        return os.cpu_count() or 1


@contextmanager
def starting_workers(workers: Workers, seen: str = "") -> Iterator[Any]:
    """Give a client whose workers are ready: same program, libraries loaded, kernels compiled.

    Own workers are processes on the loopback of this machine; no page is served and nothing is asked of any
    network. They end with the block, and with this process however it ends.

    Parameters
    ----------
    workers : Workers
        Who computes.
    seen : str
        A file that every worker must see under this path.

    Raises
    ------
    StudyError
        The scheduler does not answer, has no workers, or its workers run another program or do not see the
        file.
    """
    import dask
    from distributed import Client

    with ExitStack() as stack:
        stack.enter_context(_quiet_logs())
        stack.enter_context(dask.config.set(dict(_SETTINGS)))
        if workers.scheduler:
            client = stack.enter_context(_reached(workers))
        else:
            compile_before()
            cluster = stack.enter_context(_own_cluster(workers))
            client = stack.enter_context(Client(cluster, set_as_default=False, name="geo-batch"))
        _require_alike(client)
        if seen:
            _require_seen(client, seen)
        yield client


def _own_cluster(workers: Workers) -> Any:
    """Start own workers, which only this machine reaches."""
    from distributed import LocalCluster

    security = _own_security()
    return LocalCluster(
        n_workers=workers.n,
        threads_per_worker=1,
        processes=True,
        host=LOOPBACK,
        protocol="tcp" if security is None else "tls",
        security=security,
        dashboard_address=None,
        # The page over HTTP is off, and what is left of it stays on this machine, on any free port.
        scheduler_kwargs={"dashboard_address": f"{LOOPBACK}:0"},
        worker_dashboard_address=None,
        memory_limit=int(workers.memory_mb * 1e6),
        silence_logs=logging.CRITICAL,
        local_directory=tempfile.gettempdir(),
    )


def _own_security() -> Any:
    """Encrypt also between own processes where that is possible: other users of the machine reach them."""
    from distributed.security import Security

    try:
        return Security.temporary()
    except ImportError:  # the library that makes certificates is not installed
        return None


def _reached(workers: Workers) -> Any:
    from distributed import Client
    from distributed.security import Security

    security = None
    if workers.tls:
        ca, certificate, key = workers.tls
        security = Security(
            tls_ca_file=ca, tls_client_cert=certificate, tls_client_key=key, require_encryption=True
        )
    try:
        return Client(
            workers.scheduler, security=security, timeout="15s", set_as_default=False, name="geo-batch"
        )
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        values = {"address": workers.scheduler, "why": str(error) or type(error).__name__}
        raise StudyError(Message("batch.no_scheduler", values)) from error


def _require_alike(client: Any) -> None:
    """Check that there are workers, and that all run this very program."""
    answers = client.run(say_program)
    if not answers:
        raise StudyError(Message("batch.no_workers"))
    own = say_program()
    others = sorted(str(worker) for worker, answer in answers.items() if answer != own)
    if others:
        raise StudyError(Message("batch.other_program", {"n": len(others), "workers": name_some(others)}))


def _require_seen(client: Any, file: str) -> None:
    """Check that every worker sees a file: paths mean the same on all machines."""
    blind = sorted(str(worker) for worker, is_seen in client.run(os.path.isfile, file).items() if not is_seen)
    if blind:
        values = {"n": len(blind), "workers": name_some(blind), "folder": os.path.dirname(file)}
        raise StudyError(Message("batch.not_shared", values))


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Keep the library's own log from the planner's screen: what matters of it is told in words."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
