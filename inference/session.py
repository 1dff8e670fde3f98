"""One ONNX Runtime session, set up for boxes on which every camera worker has about one core to itself."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from footfall.errors import ModelError

# From 1.29 on the library tells its maker over the internet which networks are loaded on which computer, from a thread
# that it starts when it is imported, and keeps a number for the computer in the user's cache. This forbids all of it;
# `disable_telemetry_events` comes too late for the first message.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

Tensor = npt.NDArray[np.generic]
RUNTIME = f"ONNX Runtime {onnxruntime.__version__}"


class OnnxModel:
    """A loaded network with its metadata.

    One intra-op thread and no spinning: workers share few cores, and a spinning pool of one takes them from another.
    More `threads` are for trainings, which have the machine to themselves.
    Not `optimised`, it is the reference: slow, plain operators that give the same on every processor.
    `content` stands for what lies at `path`, for a file that was changed after it was read.

    Raises:
        ModelError: the file is missing or ONNX Runtime refuses it.
    """

    def __init__(self, path: Path, *, optimised: bool = True, threads: int = 1, content: bytes | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The kernels for unsigned times signed bytes add pairs of products in 16 bits, and saturate on processors with
        # AVX2 and without VNNI: other people from the same footage. With this the weights become unsigned and the sums
        # exact. Set for every network and everywhere: it changes nothing in fp32, and which kernel a processor gets is
        # the runtime's business. It costs an 8-bit network more than half of its speed, with VNNI, too (ADR 9).
        options.add_session_config_entry("session.x64quantprecision", "1")
        if not optimised:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        if not path.is_file():
            raise ModelError(f"{path}: no such model file; `footfall models list` shows what is there")
        try:
            content = path.read_bytes() if content is None else content
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises a dozen unrelated types for a bad file
            reason = str(error).splitlines()[0][:160]
            raise ModelError(f"{path}: not a network that ONNX Runtime can load ({reason})") from None
        give_back_memory()
        self.path = path
        self.input_name: str = self._session.get_inputs()[0].name
        self.input_type: str = self._session.get_inputs()[0].type
        self.input_shape: tuple[int | str | None, ...] = tuple(self._session.get_inputs()[0].shape)
        self.output_names: tuple[str, ...] = tuple(output.name for output in self._session.get_outputs())
        self.metadata: Mapping[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)

    @property
    def version(self) -> str:
        """Name and version from the metadata, or the file's name when it carries none."""
        name = self.metadata.get("footfall.name", self.path.stem)
        version = self.metadata.get("footfall.version", "")
        return f"{name}-{version}" if version else name

    def require_free(self, axes: Mapping[int, str]) -> None:
        """Make sure that the network takes any size of the named `axes` of its input.

        Raises:
            ModelError: its file fixes one of them.
        """
        fixed = [
            f"{name} {size}"
            for axis, size in enumerate(self.input_shape)
            if (name := axes.get(axis)) and isinstance(size, int)
        ]
        if fixed:
            raise ModelError(
                f"{self.path}: takes nothing but {' and '.join(fixed)}, and the program gives it others as well; "
                "export it with these left free (dynamic axes)"
            )

    def run(self, values: Tensor) -> dict[str, Tensor]:
        """Return every output by name for one input."""
        outputs = self._session.run(None, {self.input_name: values})
        return dict(zip(self.output_names, outputs, strict=True))


def give_back_memory() -> None:
    """Give memory that nothing uses any more back to the system, where its C library can (glibc).

    Loading a network leaves more of it than the network needs.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
