"""From a rendered SVG to a part of the page: colours become css classes, fonts are inherited, words added.

The renderer wants colours; the page wants classes. Each class has a stand-in colour that nothing else uses.
A mark described as `cell:…` says which published figure it shows; the page says it as `data-cell`.
"""

import re
import xml.etree.ElementTree as ET

INK, MUTED, ACCENT, SOFT, RULE, PAPER, WARM = (f"#00000{n}" for n in range(1, 8))
CLASSES = {INK: "ink", MUTED: "muted", ACCENT: "accent", SOFT: "soft", RULE: "rule", PAPER: "paper", WARM: "warm"}
CELL = "cell:"  # how a drawing's description of a mark names the published cell it shows
PLACES = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2"}
SVG = "http://www.w3.org/2000/svg"
# the backgrounds of groups that have none
INVISIBLE = {"", "M0,0h0v0h0Z"}


def for_the_page(svg: str, identity: str, title: str, description: str, name: str) -> str:
    """A rendered drawing as an element of the page: classes for colours, no font, a title, a description."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(svg)
    _drop_invisible(root)
    for element in root.iter():
        if element.attrib.get("opacity") == "1":
            del element.attrib["opacity"]
        described = element.attrib.get("aria-label", "")
        if described.startswith(CELL):
            element.set("data-cell", described.removeprefix(CELL))
        for attribute in list(element.attrib):
            if attribute in ("class", "role", "font-family") or attribute.startswith("aria"):
                del element.attrib[attribute]
        classes = []
        for paint in ("fill", "stroke"):
            colour = CLASSES.get(element.attrib.get(paint, "").lower())
            if colour:
                del element.attrib[paint]
                classes.append(f"{paint[0]}-{colour}")
        if classes:
            element.set("class", " ".join(classes))
        for place in PLACES & element.attrib.keys():
            element.set(place, re.sub(r"\d+\.\d{2,}", lambda m: f"{float(m[0]):.1f}", element.attrib[place]))
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("class", f"dessin dessin-{name}")
    root.set("role", "img")
    root.set("aria-labelledby", f"{identity}-titre")
    root.set("aria-describedby", f"{identity}-desc")
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{identity}-{'titre' if tag == 'title' else 'desc'}"})
        element.text = text
        root.insert(position, element)
    return ET.tostring(root, encoding="unicode")


def _drop_invisible(parent: ET.Element) -> None:
    """Takes out what the renderer writes and nobody sees: the page holds some thirty drawings, twice each."""
    for child in list(parent):
        _drop_invisible(child)
        if child.attrib.get("d") in INVISIBLE or (child.tag == f"{{{SVG}}}g" and not len(child)):
            parent.remove(child)
