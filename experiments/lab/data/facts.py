"""What the data sets are by publication, whoever holds their arrays: sizes, shapes, classes, names.

MNIST is from LeCun et al., "Gradient-based learning applied to document recognition" (1998), CIFAR-10
from Krizhevsky, "Learning multiple layers of features from tiny images" (2009). What a file at hand
holds may differ in size; `files` and `splits` say how.
"""

from dataclasses import dataclass

CLASSES = 10  # of either data set
VALIDATION = 5_000  # images that are held out of a published training set


@dataclass(frozen=True)
class DataSet:
    """A data set as it was published.

    Attributes:
        title: how prose names it.
        shape: height, width and channels of its images.
        published_training, test: how many images its two parts have.
        classes: ten names, in the order of the labels.
    """

    title: str
    shape: tuple[int, int, int]
    published_training: int
    test: int
    classes: tuple[str, ...]

    @property
    def training(self) -> int:
        """How many images are trained on once the validation images are held out."""
        return self.published_training - VALIDATION


DATA_SETS = {
    "cifar10": DataSet(
        title="CIFAR-10",
        shape=(32, 32, 3),
        published_training=50_000,
        test=10_000,
        classes=(
            *("airplane", "automobile", "bird", "cat", "deer"),
            *("dog", "frog", "horse", "ship", "truck"),
        ),
    ),
    "mnist": DataSet(
        title="MNIST",
        shape=(28, 28, 1),
        published_training=60_000,
        test=10_000,
        classes=tuple("0123456789"),
    ),
}
