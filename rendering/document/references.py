"""The literature: what the report may cite, and what of it a page has cited, numbered as it comes up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Reference:
    """A published work. `place` is where it appeared, `link` an address that lasts, or empty."""

    authors: str
    year: int
    title: str
    place: str
    link: str = ""


REFERENCES: Mapping[str, Reference] = {
    "adebayo-2018": Reference(
        "J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt and B. Kim", 2018,
        "Sanity checks for saliency maps",
        "Advances in Neural Information Processing Systems 31", "https://arxiv.org/abs/1810.03292",
    ),
    "bai-2018": Reference(
        "S. Bai, J. Z. Kolter and V. Koltun", 2018,
        "An empirical evaluation of generic convolutional and recurrent networks for sequence modeling",
        "arXiv 1803.01271", "https://arxiv.org/abs/1803.01271",
    ),
    "bengio-1994": Reference(
        "Y. Bengio, P. Simard and P. Frasconi", 1994,
        "Learning long-term dependencies with gradient descent is difficult",
        "IEEE Transactions on Neural Networks 5 (2), 157–166", "https://doi.org/10.1109/72.279181",
    ),
    "bouthillier-2021": Reference(
        "X. Bouthillier and others", 2021,
        "Accounting for variance in machine learning benchmarks",
        "Proceedings of Machine Learning and Systems 3", "https://arxiv.org/abs/2103.03098",
    ),
    "cho-2014": Reference(
        "K. Cho, B. van Merriënboer, Ç. Gülçehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio",
        2014,
        "Learning phrase representations using RNN encoder–decoder for statistical machine translation",
        "Conference on Empirical Methods in Natural Language Processing",
        "https://arxiv.org/abs/1406.1078",
    ),
    "donahue-2015": Reference(
        "J. Donahue and others", 2015,
        "Long-term recurrent convolutional networks for visual recognition and description",
        "IEEE Conference on Computer Vision and Pattern Recognition",
        "https://arxiv.org/abs/1411.4389",
    ),
    "glorot-2010": Reference(
        "X. Glorot and Y. Bengio", 2010,
        "Understanding the difficulty of training deep feedforward neural networks",
        "International Conference on Artificial Intelligence and Statistics",
        "https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    "graves-2013": Reference(
        "A. Graves, A. Mohamed and G. Hinton", 2013,
        "Speech recognition with deep recurrent neural networks",
        "IEEE International Conference on Acoustics, Speech and Signal Processing",
        "https://arxiv.org/abs/1303.5778",
    ),
    "guo-2017": Reference(
        "C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger", 2017,
        "On calibration of modern neural networks",
        "International Conference on Machine Learning", "https://arxiv.org/abs/1706.04599",
    ),
    "hochreiter-1997": Reference(
        "S. Hochreiter and J. Schmidhuber", 1997, "Long short-term memory",
        "Neural Computation 9 (8), 1735–1780", "https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    "holm-1979": Reference(
        "S. Holm", 1979, "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics 6 (2), 65–70",
    ),
    "kingma-2015": Reference(
        "D. P. Kingma and J. Ba", 2015, "Adam: A method for stochastic optimization",
        "International Conference on Learning Representations", "https://arxiv.org/abs/1412.6980",
    ),
    "krizhevsky-2009": Reference(
        "A. Krizhevsky", 2009, "Learning multiple layers of features from tiny images",
        "Technical report, University of Toronto",
        "https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf",
    ),
    "krizhevsky-2012": Reference(
        "A. Krizhevsky, I. Sutskever and G. E. Hinton", 2012,
        "ImageNet classification with deep convolutional neural networks",
        "Advances in Neural Information Processing Systems 25",
    ),
    "lecun-1998": Reference(
        "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner", 1998,
        "Gradient-based learning applied to document recognition",
        "Proceedings of the IEEE 86 (11), 2278–2324", "https://doi.org/10.1109/5.726791",
    ),
    "mcnemar-1947": Reference(
        "Q. McNemar", 1947,
        "Note on the sampling error of the difference between correlated proportions or percentages",
        "Psychometrika 12, 153–157", "https://doi.org/10.1007/BF02295996",
    ),
    "nie-2018": Reference(
        "W. Nie, Y. Zhang and A. Patel", 2018,
        "A theoretical explanation for perplexing behaviors of backpropagation-based visualizations",
        "International Conference on Machine Learning", "https://arxiv.org/abs/1805.07039",
    ),
    "pascanu-2013": Reference(
        "R. Pascanu, T. Mikolov and Y. Bengio", 2013,
        "On the difficulty of training recurrent neural networks",
        "International Conference on Machine Learning", "https://arxiv.org/abs/1211.5063",
    ),
    "simonyan-2013": Reference(
        "K. Simonyan, A. Vedaldi and A. Zisserman", 2013,
        "Deep inside convolutional networks: Visualising image classification models and saliency maps",
        "arXiv 1312.6034", "https://arxiv.org/abs/1312.6034",
    ),
    "springenberg-2014": Reference(
        "J. T. Springenberg, A. Dosovitskiy, T. Brox and M. Riedmiller", 2014,
        "Striving for simplicity: The all convolutional net", "arXiv 1412.6806",
        "https://arxiv.org/abs/1412.6806",
    ),
    "vaswani-2017": Reference(
        "A. Vaswani and others", 2017, "Attention is all you need",
        "Advances in Neural Information Processing Systems 30", "https://arxiv.org/abs/1706.03762",
    ),
    "westfall-1993": Reference(
        "P. H. Westfall and S. S. Young", 1993,
        "Resampling-based multiple testing: Examples and methods for p-value adjustment", "Wiley",
    ),
    "zeiler-2013": Reference(
        "M. D. Zeiler and R. Fergus", 2013, "Visualizing and understanding convolutional networks",
        "arXiv 1311.2901", "https://arxiv.org/abs/1311.2901",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Cited:
    """A work with its number in the page; `places` has its first citation in each place that cites it."""

    key: str
    number: int
    work: Reference
    places: Mapping[str, str]


@dataclass
class Citations:
    """The works that a page has cited, in the order in which it came to them."""

    _places: dict[str, dict[str, str]] = field(default_factory=dict)

    def cite(self, key: str, section: str, where: str = "") -> Markup:
        """Return the link to a work in the list, "[4]"; with `where` in it, "[4, table 1]".

        `section` is what the place that cites it is called. Raises KeyError for a work that is not in
        REFERENCES.
        """
        if key not in REFERENCES:
            raise KeyError(f"there is no reference named {key!r}")
        places = self._places.setdefault(key, {})
        place = f"cite-{key}-{len(places) + 1}"
        places[place] = section
        number = list(self._places).index(key) + 1
        inside = escape(f"{number}, {where}" if where else number)
        link = f'<a class="cite" id="{place}" href="#reference-{key}">[{inside}]</a>'
        return Markup(link)  # noqa: S704

    def listed(self) -> list[Cited]:
        """Return all that was cited, by number."""
        return [
            Cited(key, number, REFERENCES[key], _first_in_each(places))
            for number, (key, places) in enumerate(self._places.items(), 1)
        ]


def _first_in_each(places: Mapping[str, str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for place, section in places.items():
        first.setdefault(section, place)
    return first
