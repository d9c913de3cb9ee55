"""What was done to a picture, truthfully, where other programs look for it."""

from typing import Final
from xml.sax.saxutils import quoteattr

# https://cv.iptc.org/newscodes/digitalsourcetype/
VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CAPTURE: Final = "digitalCapture"  # as photographed
COMPOSITE_CAPTURE: Final = (
    "compositeCapture"  # a photographed face on a photographed or plain ground
)
COMPOSITE_SYNTHETIC: Final = "compositeSynthetic"  # a photographed face in a rendered room
COMPOSITE_TRAINED: Final = (
    "compositeWithTrainedAlgorithmicMedia"  # a photographed face, painted surroundings or clothes
)
TRAINED: Final = "trainedAlgorithmicMedia"  # a painted face


def source_type(backdrop_kind: str, *, painted: frozenset[str] = frozenset()) -> str:
    """The IPTC digital source type; '' where nothing was put behind, `painted` by step."""
    if "restyle" in painted:
        return TRAINED
    if painted:
        return COMPOSITE_TRAINED
    if not backdrop_kind:
        return CAPTURE
    return COMPOSITE_SYNTHETIC if backdrop_kind == "scene" else COMPOSITE_CAPTURE


def xmp(kind: str) -> bytes:
    """An XMP packet with Iptc4xmpExt:DigitalSourceType (IPTC Photo Metadata Standard 2023.1)."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f"Iptc4xmpExt:DigitalSourceType={quoteattr(VOCABULARY + kind)}/>"
        "</rdf:RDF></x:xmpmeta>"
    ).encode()
