"""The PDF: the page laid out by WeasyPrint, with fonts that Python packages carry.

Nothing but the page itself and these font files is read, so a machine without fonts and without a
network prints the same pages. Options follow WeasyPrint 70,
https://doc.courtbouillon.org/weasyprint/stable/api_reference.html.
"""

import contextlib
import datetime
import gc
import hashlib
import io
import logging
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.lab.store.files import write_whole
from experiments.lab.store.runs import first_line
from rendering import fonts
from rendering.document import floats, interruption, letters, structure, typesetting

# What WeasyPrint says where it cuts fonts by other means: the pages are the same.
SLOWER = "Using fontTools instead of HarfBuzz-Subset"
VARIANT = "pdf/ua-1"
NOTE_HERE = "<!-- letters -->"  # where the cover has room for a note on missing letters


class PangoMissing(Exception):
    """Pango or another library that WeasyPrint needs of the system is not on this machine."""


class PdfError(Exception):
    """The page could not be laid out without a warning; the message is the first warning."""


def write_pdf(html: str, path: Path, attached: Sequence[Path] = ()) -> list[str]:
    """Lay out `html` and write it to `path` whole; the same page gives the same bytes.

    The files `attached` go with it, as data that belong to the document. It is PDF/UA-1 (ISO 14289-1).

    Returns the letters that no font has, for which a sign stands; the cover says so too.

    Raises PangoMissing where the system's libraries are missing, PdfError for anything that
    WeasyPrint warns of (an image it cannot read, a style it does not know), and OSError when the
    file cannot be written.
    """
    weasyprint = _weasyprint()
    buffer = io.BytesIO()
    html, missing = letters.without_missing(html, fonts.available())
    html = typesetting.typeset(html)
    html = html.replace(NOTE_HERE, _note(missing), 1)
    with interruption.kept(), _warnings_stop(), _garbage_kept(), _undated():
        known = weasyprint.text.fonts.FontConfiguration()
        fetcher = _fetcher()
        rules = fonts.style_sheet() + fonts.lending()
        faces = weasyprint.CSS(string=rules, font_config=known, url_fetcher=fetcher)
        options = {
            "stylesheets": [faces],
            "font_config": known,
            "pdf_variant": VARIANT,
            "pdf_tags": True,
        }
        document = _laid_out(
            weasyprint.HTML(string=html, url_fetcher=fetcher, base_url=None), options
        )
        document.write_pdf(
            buffer,
            finisher=structure.finish,
            pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            attachments=[_attachment(file, _moment(html)) for file in attached],
            **{name: value for name, value in options.items() if name.startswith("pdf_")},
        )
    write_whole(path, buffer.getvalue())
    return missing


def _laid_out(page: Any, options: dict[str, Any]) -> Any:  # noqa: ANN401
    """Lay out a page twice: as it is written, to measure it, and with its figures in their places."""
    cache: dict[str, Any] = {}  # of the images, for both
    unnumbered = _weasyprint().CSS(
        string=floats.UNNUMBERED, font_config=options["font_config"], url_fetcher=_fetcher()
    )
    measured = {**options, "stylesheets": [*options["stylesheets"], unnumbered]}
    floats.settle(page.etree_element, page.render(cache=cache, **measured).pages)
    return page.render(cache=cache, **options)


def _moment(html: str) -> datetime.datetime:
    """Return when the page's results were made, as its head says; the year 1970 where it does not."""
    said = re.search(r'<meta name="dcterms.created" content="([^"]+)">', html)
    return datetime.datetime.fromisoformat(said[1] if said else "1970-01-01T00:00:00+00:00")


def _attachment(file: Path, moment: datetime.datetime) -> Any:  # noqa: ANN401
    """Return a file as an attachment with a date of the report's, not of the file."""
    import weasyprint

    content = io.BytesIO(file.read_bytes())
    return weasyprint.Attachment(
        file_obj=content, name=file.name, created=moment, modified=moment, description=file.name
    )


@contextlib.contextmanager
def _undated() -> Iterator[None]:
    """Let fontTools, where it cuts the fonts, write no time of its own into them.

    See https://reproducible-builds.org/specs/source-date-epoch/.
    """
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _note(missing: list[str]) -> str:
    """Return what the cover says of letters that no font has."""
    if not missing:
        return ""
    return (
        f'<p class="letters">{letters.SIGN} stands for letters that no font of the machine has '
        f"which made this PDF: {letters.names(missing)}.</p>"
    )


def _weasyprint() -> Any:  # noqa: ANN401
    """Import WeasyPrint. It warns where the system has no fonts; this project brings its own.

    Where a library is missing it prints a page of advice besides, which a build gives in a line.
    """
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            import weasyprint
            import weasyprint.text.fonts
    except OSError as error:
        raise PangoMissing(str(error)) from error
    return weasyprint


def _fetcher() -> Any:  # noqa: ANN401
    """Return a fetcher that reads data URIs and matplotlib's fonts; all else raises ValueError."""
    from weasyprint.urls import URLFetcher

    lent = {path.as_uri() for path in fonts.lent_from().values()}

    class OwnFiles(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401
            if not url.startswith("data:") and url not in lent:
                raise ValueError(f"the report reads nothing but itself, not {url}")
            return super().fetch(url, headers)

    return OwnFiles(allowed_protocols=("data", "file"), allow_redirects=False)


@contextlib.contextmanager
def _warnings_stop() -> Iterator[None]:
    """Collect what WeasyPrint logs and raise PdfError if there was anything; nothing is printed."""
    logger = logging.getLogger("weasyprint")
    collected = _Collected(logging.WARNING)
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [collected], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate
    if collected.messages:
        more = len(collected.messages) - 1
        first = _without_content(collected.messages[0])
        raise PdfError(first + (f" (and {more} more)" if more else ""))


def _without_content(message: str) -> str:
    """Return a message without the pictures that it may quote as data URIs, in readable length."""
    return first_line(re.sub(r"data:[^\s'\"()]*", "data:…", message))


@contextlib.contextmanager
def _garbage_kept() -> Iterator[None]:
    """Collect no garbage meanwhile: of the million objects of a layout all live until the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Collected(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not str(record.msg).startswith(SLOWER):
            self.messages.append(record.getMessage())
