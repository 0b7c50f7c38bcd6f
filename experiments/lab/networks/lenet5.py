"""LeNet-5, after the layer sizes of LeCun et al.

"Gradient-based learning applied to document recognition" (1998), section II.B: 5×5 convolution with 6
filters, pooling, 5×5 convolution with 16 filters, pooling, 120, 84 and 10 units. As is usual today, and
as the deconvnet needs, it has rectified linear units and max-pooling; the original had scaled tanh
units, trainable average pooling, sparse connections from the first to the second convolution, and
Gaussian output units. MNIST's 28×28 images are padded to 32×32, as in the paper.
"""

import keras

from experiments.lab.data.facts import CLASSES
from experiments.lab.networks import paired_convolution, small_start

PADDED = 32  # LeNet-5's input is 32×32; smaller images are padded on all sides
SMALL = "small"
STARTS = ("", SMALL)
UNTRAINED = ("image", "padding", "centring")  # what may stand below the first layer with weights


def lenet5(
    shape: tuple[int, int, int],
    *,
    first_filters: int = 6,
    first_kernel: int = 5,
    first_stride: int = 1,
    second_filters: int = 16,
    second_kernel: int = 5,
    dense_units: int = 120,
    last_units: int = 84,
    without: str = "",
    features: str = "",
    start: str = "",
    on_processor: bool = False,
    classes: int = CLASSES,
) -> keras.Model:
    """Return LeNet-5 for images of `shape` (height, width, channels).

    `without` names the layers to leave out, separated by spaces: "conv1", "conv2", "dense1", "dense2"
    (a convolution goes with its pooling). The layers' names are conv1, pool1, conv2, pool2, flatten,
    dense1, dense2 and logits. `features` ends the network after that layer, with the logits right on
    top of it; "image" leaves the logits alone. `start` "small" centres the images, in a layer "centring",
    and draws small weights (`small_start`); otherwise weights are drawn as Keras does by default.

    Raises ValueError for a layer or a start that is not there.
    """
    if start not in STARTS:
        raise ValueError(f"LeNet-5 has no start {start!r}, only {SMALL!r} or Keras's own, ''")
    left_out = without.split()
    unknown = set(left_out) - {"conv1", "conv2", "dense1", "dense2"}
    if unknown:
        raise ValueError(f"LeNet-5 has no layer {', '.join(sorted(unknown))} to leave out")
    layers: list[keras.Layer] = [keras.Input(shape, name="image")]
    if shape[0] < PADDED:
        layers.append(keras.layers.ZeroPadding2D((PADDED - shape[0]) // 2, name="padding"))
    if start == SMALL:
        layers.append(small_start.centring())
    if "conv1" not in left_out:
        first = first_filters, first_kernel, first_stride
        layers += _convolution("1", *first, on_processor and paired_convolution.fits(*first))
    if "conv2" not in left_out:
        layers += _convolution("2", second_filters, second_kernel, 1)
    layers.append(keras.layers.Flatten(name="flatten"))
    for name, units in (("dense1", dense_units), ("dense2", last_units)):
        if name not in left_out:
            layers.append(keras.layers.Dense(units, activation="relu", name=name))
    if features:
        layers = _up_to(layers, features)
    layers.append(keras.layers.Dense(classes, name="logits"))
    if start == SMALL:
        _start_small(layers)
    return keras.Sequential(layers, name="lenet5")


def _start_small(layers: list[keras.Layer]) -> None:
    """Have the weights of all layers drawn small when they are built."""
    weighted = [layer for layer in layers if hasattr(layer, "kernel_initializer")]
    for place, layer in enumerate(weighted):
        layer.kernel_initializer = small_start.weights(first=place == 0)


def _up_to(layers: list[keras.Layer], last: str) -> list[keras.Layer]:
    """Return the layers up to the one named `last`, flattened."""
    names = [layer.name for layer in layers]
    if last == "image":
        kept = [layer for layer in layers if layer.name in UNTRAINED]
    elif last in names:
        kept = layers[: names.index(last) + 1]
    else:
        raise ValueError(f"LeNet-5 has no layer {last} to take features from")
    flat = any(layer.name == "flatten" for layer in kept)
    return kept if flat else [*kept, keras.layers.Flatten(name="flatten")]


def _convolution(
    number: str, filters: int, kernel: int, stride: int, paired: bool = False
) -> list[keras.Layer]:
    if kernel == 1 and stride > 1:
        # TensorFlow 2.21's weight gradient corrupts memory there when oneDNN is on.
        raise ValueError("a 1×1 convolution with a stride above 1 cannot be trained safely")
    layer = paired_convolution.PairedConv2D if paired else keras.layers.Conv2D
    return [
        layer(filters, kernel, strides=stride, activation="relu", name=f"conv{number}"),
        keras.layers.MaxPooling2D(2, name=f"pool{number}"),
    ]
