"""State in the metadata of a picture how it was made, in the terms of the IPTC."""

from typing import Final
from xml.sax.saxutils import quoteattr

# https://cv.iptc.org/newscodes/digitalsourcetype/
VOCABULARY_URL: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CAPTURE: Final = "digitalCapture"  # as photographed
# A photographed face on a photographed or plain ground.
COMPOSITE_CAPTURE: Final = "compositeCapture"
# A photographed face in a rendered scene or rendered clothes.
COMPOSITE_SYNTHETIC: Final = "compositeSynthetic"
# A photographed face with generated surroundings or clothes.
COMPOSITE_TRAINED: Final = "compositeWithTrainedAlgorithmicMedia"
TRAINED: Final = "trainedAlgorithmicMedia"  # a generated face


def choose_source_type(
    backdrop_kind: str,
    *,
    diffusion_steps: frozenset[str] = frozenset(),
    has_rendered_clothes: bool = False,
) -> str:
    """Choose the IPTC digital source type.

    `backdrop_kind` is the kind of the backdrop, "" where the background is the photographed one;
    `diffusion_steps` are the names of the steps that a diffusion pipeline carried out,
    `has_rendered_clothes` is whether the clothes come from the wardrobe.
    """
    if "restyle" in diffusion_steps:
        return TRAINED
    if diffusion_steps:
        return COMPOSITE_TRAINED
    if has_rendered_clothes:
        return COMPOSITE_SYNTHETIC
    if not backdrop_kind:
        return CAPTURE
    return COMPOSITE_SYNTHETIC if backdrop_kind == "scene" else COMPOSITE_CAPTURE


def build_xmp_packet(source_type_name: str) -> bytes:
    """Build an XMP packet with Iptc4xmpExt:DigitalSourceType.

    See the IPTC Photo Metadata Standard 2023.1; `source_type_name` is a term of VOCABULARY.
    """
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f"Iptc4xmpExt:DigitalSourceType={quoteattr(VOCABULARY_URL + source_type_name)}/>"
        "</rdf:RDF></x:xmpmeta>"
    ).encode()
