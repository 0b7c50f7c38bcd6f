"""The one place that knows about processors, GPUs, threads and `tf.distribute`."""

import contextlib
import gc
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf


# For tests without GPUs: as many parts of the processor as this says stand for GPUs.
LOGICAL_CPUS = "ASSIGNMENT2_LOGICAL_CPUS"


# What the drivers of NVIDIA's GPUs, the same under Windows' Linux, and of AMD's make on Linux.
GPU_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


# What TensorFlow's graph optimizer rewrites, by the names of its options,
# https://www.tensorflow.org/api_docs/python/tf/config/optimizer/set_experimental_options.
REWRITING = (
    "arithmetic_optimization",
    "constant_folding",
    "dependency_optimization",
    "layout_optimizer",
    "loop_optimization",
    "remapping",
    "shape_optimization",
)


def prepare_process(environment: dict[str, str] | os._Environ = os.environ) -> None:
    """Set what TensorFlow reads when it is first imported; call it before.

    One thread for each operation: the networks are too small to gain from more, several processes
    use the cores better, and results do not depend on how many cores there are. oneDNN is asked for
    by name because TensorFlow leaves it off on processors without AVX-512, where it makes LeNet-5's
    training three times as fast (docs/benchmarks.md).
    """
    environment.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    environment.setdefault("TF_NUM_INTEROP_THREADS", "1")
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    environment.setdefault("GRPC_VERBOSITY", "NONE")
    environment.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


def import_tensorflow(*unused: str) -> None:
    """Import TensorFlow without what its libraries print from C++, past Python's streams.

    Keras and keras-tuner import scikit-learn and pyplot, a fifth of all the time, if they are there;
    a process that needs them for nothing names them as `unused`. What the libraries hold stays, so
    that no collection of garbage need look at it.
    """
    prepare_process()
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    gc.disable()
    try:
        with _without(*unused):
            import keras_tuner  # noqa: F401
            import tensorflow as tf
        # It warns of graphs traced anew for another network, as every network here needs.
        tf.get_logger().setLevel("ERROR")
    finally:
        gc.enable()
        gc.freeze()
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Let imports of `modules` fail meanwhile; one that was imported before stays."""
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def leave_graphs_alone() -> None:
    """Run graphs as they are traced, unless on a GPU, for which TensorFlow changes their layout.

    On a processor its rewriting makes no step faster and delays the first (docs/benchmarks.md). The
    optimizer itself stays on: without it, every training leaves three times the memory behind.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options(dict.fromkeys(REWRITING, on_gpu()))


def gpu_count() -> int:
    """Return how many GPUs TensorFlow sees; it is not imported where there can be none."""
    if not _may_have_gpus():
        return 0
    import_tensorflow()
    import tensorflow as tf

    return len(tf.config.list_physical_devices("GPU"))


def _may_have_gpus() -> bool:
    """Return whether there is a driver's device, or a system where that cannot be told so."""
    return not sys.platform.startswith("linux") or any(map(os.path.exists, GPU_DRIVERS))


def hide_gpus() -> None:
    """Keep this process off the GPUs, whose memory belongs to the processes that train."""
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")


def logical_cpus() -> int:
    """Return into how many logical devices the processor is to be split; 0 if it is not."""
    return int(os.environ.get(LOGICAL_CPUS, "0"))


def split_cpu(parts: int) -> None:
    """Make TensorFlow see the processor as `parts` logical devices: for tests without GPUs."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * parts
    )


def strategy(replicas: int) -> "tf.distribute.Strategy":
    """Return the strategy that trains one network on `replicas` devices, GPUs if there are any.

    Raises ValueError if there are fewer devices than that.
    """
    import tensorflow as tf

    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    devices = [device.name for device in tf.config.list_logical_devices(kind)]
    if len(devices) < replicas:
        raise ValueError(
            f"{replicas} replicas were asked for, and there are {len(devices)} {kind}s"
        )
    if replicas == 1:
        return tf.distribute.OneDeviceStrategy(devices[0])
    # TensorFlow's default, a collective operation, takes the second network of a process for the
    # first and stops when its number of weights differs.
    reduction = tf.distribute.ReductionToOneDevice()
    return tf.distribute.MirroredStrategy(devices[:replicas], cross_device_ops=reduction)


def on_gpu() -> bool:
    """Return whether networks are trained on a GPU in this process."""
    import tensorflow as tf

    return bool(tf.config.list_logical_devices("GPU"))


def description() -> Mapping[str, Any]:
    """Return what a run records of the device that trained it."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name") for gpu in gpus]
    return {
        "device": ", ".join(name or "GPU" for name in names) or processor(),
        "threads": int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")),
    }


def processor() -> str:
    """Return the processor's name, as well as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
