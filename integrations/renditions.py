"""Encode a variant for a place, a platform's slot or a web page, with its provenance metadata."""

from dataclasses import dataclass
from typing import Final

from headshots.engine.io import provenance
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode, resize_square
from headshots.engine.io.visible_mark import draw_visible_mark
from headshots.engine.types import Pixels
from headshots.errors import FacetError, NotReady
from headshots.models import Variant
from headshots.services.cut_outs import request_cut_out
from headshots.storage import pictures
from integrations import perceptual_hash
from integrations.content_credentials.signing import SignedFile, sign_variant_file
from integrations.errors import BadDownload, UnknownPlace
from integrations.places import Place, all_places
from integrations.platforms.base import PictureSlot, Rendition

FORMATS: Final = {"jpeg": "jpg", "png": "png", "webp": "webp"}  # names of files by format
TRANSPARENT: Final = "transparent"  # a PNG of the person alone
SMALLEST: Final = 16  # pixels per side
PREVIEW_PIXELS: Final = 400  # pixels per side of the stored copies of earlier pictures


def encode_for_place(variant: Variant, place: Place) -> bytes:
    """Return the file to upload at a place, in its size and format; never enlarged.

    Raises QualityTooLow if the file cannot be made small enough.
    """
    return _encode_signed(
        variant, place.pixels, file_format=place.form, max_bytes=place.max_bytes
    ).file.data


def encode_with_side(variant: Variant, side: int, *, file_format: str) -> bytes:
    """Return the signed file of a headshot with at most `side` pixels per side."""
    return _encode_signed(variant, side, file_format=file_format).file.data


@dataclass(frozen=True, eq=False)
class _EncodedFile:
    """A file of a headshot, and the pixels in it."""

    file: SignedFile
    pixels: Pixels


def _encode_signed(
    variant: Variant, side: int, *, file_format: str, max_bytes: int | None = None
) -> _EncodedFile:
    """Encode a headshot, never enlarged, and sign it; without room it is left unsigned."""
    stored_file = pictures.read_file(variant.picture)
    stored = decode(stored_file)
    pixels = _mark_if_wanted(variant, resize_square(stored, min(side, len(stored))))
    data = encode(
        pixels,
        file_format=file_format,
        max_bytes=max_bytes,
        xmp_packet=provenance.build_xmp_packet(variant.source_type),
    )
    signed_file = sign_variant_file(
        variant, data, image_format=file_format, stored_file=stored_file, max_bytes=max_bytes
    )
    return _EncodedFile(signed_file, pixels)


def _mark_if_wanted(variant: Variant, pixels: Pixels) -> Pixels:
    """Return the pixels as they leave Facet: a painted face is marked, unless its owner objects."""
    return draw_visible_mark(pixels) if variant.is_marked else pixels


def encode_at_size(variant: Variant, side: int) -> bytes:
    """Return a JPEG with at most `side` pixels per side, for an address that serves it.

    It is not signed: a manifest is larger than a small picture.
    """
    sufficient_sizes = (
        size for size, longest in pictures.SIZES.items() if longest is None or longest >= side
    )
    stored = decode(pictures.read_file(variant.picture, next(sufficient_sizes)))
    xmp = provenance.build_xmp_packet(variant.source_type)
    pixels = _mark_if_wanted(variant, resize_square(stored, min(side, len(stored))))
    return encode(pixels, xmp_packet=xmp)


def encode_jpeg(pixels: Pixels) -> bytes:
    """Encode pixels as a JPEG."""
    return encode(pixels)


def encode_for_slot(variant: Variant, slot: PictureSlot) -> Rendition:
    """Return the picture as a platform's slot takes it, with alt text and fingerprint.

    Raises QualityTooLow if the file cannot be made small enough.
    """
    encoded = _encode_signed(
        variant, slot.pixels, file_format=slot.formats[0], max_bytes=slot.max_bytes
    )
    return Rendition(
        encoded.file.data,
        image_format=slot.formats[0],
        alt_text=variant.alt_text[: slot.max_alt_text],
        fingerprint=perceptual_hash.fingerprint_text(encoded.pixels),
        is_signed=encoded.file.is_signed,
    )


def crop_center_square(pixels: Pixels) -> Pixels:
    """Return the largest square in the middle of a picture."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def make_preview(data: bytes) -> bytes:
    """Return the middle square of an encoded picture as a small JPEG without metadata."""
    center = crop_center_square(decode(data))
    return encode(resize_square(center, min(len(center), PREVIEW_PIXELS)))


def make_portrait(data: bytes) -> bytes:
    """Return the preview of a picture; nothing for a file that cannot be decoded, like an SVG."""
    try:
        return make_preview(data) if data else b""
    except FacetError:
        return b""


@dataclass(frozen=True)
class Download:
    """A file to download, with its name and format."""

    data: bytes
    name: str
    form: str = "jpeg"


def build_download(variant: Variant, place: str = "") -> Download:
    """Return a headshot in full size, or as the place with this slug takes it.

    Raises NotReady or UnknownPlace.
    """
    if not variant.is_ready:
        raise NotReady("This headshot is not ready.")
    if not place and variant.is_marked:
        data = encode_with_side(variant, variant.render.size, file_format="jpeg")
        return Download(data, f"{variant.label}-{variant.look}.jpg")
    if not place:
        stored_file = pictures.read_file(variant.picture)
        signed_file = sign_variant_file(
            variant, stored_file, image_format="jpeg", stored_file=stored_file
        )
        return Download(signed_file.data, f"{variant.label}-{variant.look}.jpg")
    place_details = all_places().get(place)
    if place_details is None:
        raise UnknownPlace(f"There is no place '{place}'.")
    return Download(
        encode_for_place(variant, place_details),
        f"{variant.label}-{place_details.file_name}",
        place_details.form,
    )


def build_wished_download(variant: Variant, form: str, size: str) -> Download:
    """Return a headshot in one of FORMATS or TRANSPARENT, `size` pixels a side, never enlarged.

    `size` comes from a form; "" is the full size. Raises BadDownload, NotReady, and for TRANSPARENT
    what `request_cut_out` raises.
    """
    is_number = size.isascii() and size.isdigit() and int(size) >= SMALLEST
    if form not in {*FORMATS, TRANSPARENT} or (size and not is_number):
        raise BadDownload("There is no such size or format.")
    if not variant.is_ready:
        raise NotReady("This headshot is not ready.")
    side = min(int(size or variant.render.size), variant.render.size)
    name = f"{variant.label}-{variant.look}-{side}"
    if form == TRANSPARENT:
        return Download(request_cut_out(variant, side), f"{name}-cut-out.png", "png")
    data = encode_with_side(variant, side, file_format=form)
    return Download(data, f"{name}.{FORMATS[form]}", form)
