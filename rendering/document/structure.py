"""What is put right in a PDF's objects once WeasyPrint has made them: attachments and links.

The objects are those of pydyf, https://doc.courtbouillon.org/pydyf/stable/.
"""

from typing import Any


def finish(_: object, pdf: Any) -> None:  # noqa: ANN401
    """Finish a PDF; WeasyPrint's `finisher`."""
    objects = [it for it in pdf.objects if isinstance(it, dict)]
    _associate(pdf, objects)
    _drop_links_within_links(objects)


def _associate(pdf: Any, objects: list[Any]) -> None:  # noqa: ANN401
    """Say of all attachments that they are the data of the document (ISO 32000-2, 14.13)."""
    found = [it for it in objects if it.get("Type") == "/Filespec"]
    for one in found:
        one["AFRelationship"] = "/Data"
    if found:
        pdf.catalog["AF"] = b"[" + b" ".join(one.reference for one in found) + b"]"


def _drop_links_within_links(objects: list[Any]) -> None:
    """Leave one area for each link: elements within it get areas too, which PDF/UA forbids."""
    areas = {it.reference: it["Obj"] for it in objects if it.get("Type") == "/OBJR"}
    links = {it.reference for it in objects if it.get("Subtype") == "/Link"}
    dropped = set()
    for element in objects:
        if element.get("Type") == "/StructElem" and element["S"] != "/Link":
            within = [kid for kid in element["K"] if areas.get(kid) in links]
            dropped |= {areas[kid] for kid in within}
            element["K"][:] = [kid for kid in element["K"] if kid not in within]
    for page in objects:
        if page.get("Type") == "/Page" and "Annots" in page:
            page["Annots"][:] = [it for it in page["Annots"] if it not in dropped]
