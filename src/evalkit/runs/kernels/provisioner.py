"""Kernels that are ready at once, as Jupyter asks for them: a manager, a client and a provisioner that forks."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Int, Type
from traitlets.config import Config

from evalkit.runs.kernels.fork_client import REQUEST, SERVER, ForkedProcess

PROVISIONER = "evalkit-forked"
LONGEST_FOLDER = 96  # bytes; the name of a socket has 104 on macOS, 108 on Linux


class PromptClient(AsyncKernelClient):
    """A client that begins once the kernel answers, where Jupyter's own first listens for another fifth of a second."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels.

        Raises
        ------
        RuntimeError
            Where it ends, or does not answer within ``timeout`` seconds.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < deadline:
            self.kernel_info()
            try:
                reply = await self.get_shell_msg(timeout=0.2)
                await self.get_iopub_msg(timeout=0.2)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("the kernel ended before it answered") from None
            else:
                self._handle_kernel_info_reply(reply)
                return
        raise RuntimeError(f"the kernel did not answer in {timeout} seconds")


class WarmKernelManager(AsyncKernelManager):
    """Starts the kernel of any Python notebook by forking; the notebook itself keeps the name ``python3``."""

    memory = Int(0, help="Bytes of memory a kernel may take for itself; 0 for no limit.").tag(config=True)
    client_factory = Type(PromptClient, klass=AsyncKernelClient, config=True)

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None:
            config = {"memory": self.memory}
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": config}
        return spec


class ForkedKernel(LocalProvisioner):
    """A jupyter_client kernel provisioner that forks (entry point ``evalkit-forked``)."""

    memory = Int(0).tag(config=True)
    process: ForkedProcess | None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork; ``cmd`` would start the same kernel from nothing."""
        assert self.parent is not None  # the manager of the kernel
        connection_file = Path(self.parent.connection_file)
        self.cwd = kwargs.get("cwd") or str(Path.cwd())
        request = {
            "connection_file": str(connection_file),
            "environment": kwargs["env"],
            "folder": self.cwd,
            "memory": self.memory,
        }
        (connection_file.parent / REQUEST).write_text(json.dumps(request), encoding="utf-8")
        self.process = SERVER.fork(connection_file.parent)
        await self.process.ready()
        self.pid = self.process.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and see it end, so that nobody has to look again later."""
        if self.process is not None:
            self.process.kill()
            await self.process.ended()

    async def wait(self) -> int | None:
        """Wait for the end of the process, and notice it at once."""
        if self.process is None:
            return 0
        await self.process.ended()
        return self.process.wait()

    async def cleanup(self, restart: bool = False) -> None:
        """End what the notebook started and left: it is in the kernel's own process group."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await super().cleanup(restart)


def kernel_config(folder: Path, memory: int) -> Config:
    """Sockets and connection file in a folder of the kernel's own.

    Windows has no such sockets, and keeps TCP; so does a folder too deep for the name of a socket.
    """
    config = {"connection_file": str(folder / "kernel.json")}
    if os.name != "nt" and len(os.fsencode(folder)) < LONGEST_FOLDER:
        config |= {"transport": "ipc", "ip": str(folder / "k")}
    return Config({"KernelManager": config, "WarmKernelManager": {"memory": memory}})
