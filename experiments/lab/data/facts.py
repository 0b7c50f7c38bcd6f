"""What the data sets are by publication, whoever holds their arrays: sizes, shapes, classes, names.

MNIST is from LeCun et al., "Gradient-based learning applied to document recognition" (1998), CIFAR-10
from Krizhevsky, "Learning multiple layers of features from tiny images" (2009). What a file at hand
holds may differ in size; `files` and `splits` say how.
"""

from dataclasses import dataclass

CLASSES = 10  # of either data set
VALIDATION = 5_000  # images that are held out of a published training set


# What trainings depend on, apart from how prose names the sets.
SHAPES = {"cifar10": (32, 32, 3), "mnist": (28, 28, 1)}  # height, width, channels
PUBLISHED_TRAINING = {"cifar10": 50_000, "mnist": 60_000}  # images


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


_OBJECTS = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
_NAMES = {"cifar10": ("CIFAR-10", _OBJECTS), "mnist": ("MNIST", tuple("0123456789"))}

DATA_SETS = {
    name: DataSet(title, SHAPES[name], PUBLISHED_TRAINING[name], 10_000, classes)
    for name, (title, classes) in _NAMES.items()
}
