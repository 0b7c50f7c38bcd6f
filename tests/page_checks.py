"""What must hold for every page that the project writes, whatever is in it."""

import re
from collections import Counter
from html.parser import HTMLParser

VOID = {"img", "meta", "link", "br", "hr", "input", "col"}


def problems(html: str) -> list[str]:
    """Return what is wrong with a page, a line each; nothing if it is sound."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found + [f"<{tag}> is never closed" for tag in reader.open]
    found += [f"the id {name!r} is used {n} times" for name, n in reader.ids.items() if n > 1]
    found += [f"no element for the link #{name}" for name in reader.links if name not in reader.ids]
    outside = re.findall(r"url\((?!#|data:font/)([^)]*)\)|@import[^;]*", html)
    found += [f"the style reads {url}" for url in outside]
    places = set(re.findall(r"url\(#([^)]*)\)", html))
    found += [f"no element for the place #{name}" for name in sorted(places - set(reader.ids))]
    return found


BESIDE = ("trials.html#", "figures/", "results.json")  # what stands beside the report


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        self._check(tag, values)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.found.append(f"</{tag}> closes another element")

    def handle_startendtag(self, tag, attributes):
        self._check(tag, dict(attributes))

    def _check(self, tag, values):
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "img" and not (values.get("alt") or "").strip():
            self.found.append("an image has no alternative text")
        if tag == "svg" and not (values.get("aria-label") or "").strip():
            self.found.append("a drawing has no label")
        if tag == "html" and not values.get("lang"):
            self.found.append("the page does not say its language")
        if tag == "th" and values.get("scope") not in ("row", "col"):
            self.found.append("a table heading has no scope")
        self._check_address(tag, values)

    def _check_address(self, tag, values):
        for name in ("src", "href", "srcset", "data", "poster", "action", "xlink:href"):
            address = values.get(name)
            if address and address.startswith("#"):
                self.links.append(address[1:])
            elif tag == "a" and (address or "").startswith(("https://", *BESIDE)):
                pass  # read only by who follows it
            elif address and not address.startswith("data:"):
                self.found.append(f"<{tag}> reads {address}")
