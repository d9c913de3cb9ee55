"""Colours are what the file says they are: by code points, chromaticities, gamma or ICC profile."""

import numpy as np
import pytest
from PIL import Image

from headshots.engine.io import color_encoding, tone_mapping
from headshots.engine.io.color_encoding import CICP_PRIMARIES, HLG_TRANSFER, PQ_TRANSFER
from headshots.engine.io.decode import decode
from tests.support import image_files, portraits

SKIN = np.array([170, 131, 110])  # of sRGB
DISPLAY_P3, BT2020, SRGB_TRANSFER = 12, 9, 13
CASES = portraits.PHOTOS.parent / "cases" / "pictures"


def to_linear(srgb):
    share = np.asarray(srgb, float) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def in_primaries(srgb, code):
    """Linear values in other primaries of a colour of sRGB."""
    matrix = color_encoding.rgb_to_linear_srgb(CICP_PRIMARIES[code])
    return np.linalg.inv(matrix) @ to_linear(srgb)


def encode_srgb_curve(linear):
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def flat(values, *, depth=8):
    kind = np.uint8 if depth == 8 else np.uint16
    return np.full((80, 96, 3), np.round(np.asarray(values) * (2**depth - 1)), kind)


def skin_in_p3():
    return flat(encode_srgb_curve(in_primaries(SKIN, DISPLAY_P3)))


def skin_in_pq(brightness=1.0):
    light = in_primaries(SKIN, BT2020) * tone_mapping.REFERENCE_WHITE * brightness
    return tone_mapping.encode_pq(light)


def distance(pixels, wanted=SKIN):
    return np.abs(pixels[20:60, 20:70].reshape(-1, 3).mean(axis=0) - wanted).max()


def encode_png(pixels, *chunks):
    return image_files.insert_png_chunks(image_files.encode_picture(pixels, "PNG"), *chunks)


def test_display_p3_in_heif():
    stored = skin_in_p3()
    assert distance(stored) > 5
    data = image_files.encode_heif(stored, primaries=DISPLAY_P3, transfer=SRGB_TRANSFER)
    assert distance(decode(data)) < 2.5


def test_display_p3_in_avif():
    data = image_files.encode_picture(skin_in_p3(), "AVIF", quality=95, subsampling="4:4:4")
    marked = image_files.set_avif_colors(data, primaries=DISPLAY_P3, transfer=SRGB_TRANSFER)
    assert distance(decode(marked)) < 2.5
    assert distance(decode(data)) > 5


def test_display_p3_in_png():
    data = encode_png(skin_in_p3(), (b"cICP", bytes((DISPLAY_P3, SRGB_TRANSFER, 0, 1))))
    assert distance(decode(data)) < 1.5


def test_code_points_of_a_png_precede_its_profile():
    swapped = image_files.build_profile(image_files.SRGB[:, ::-1])
    data = image_files.encode_picture(skin_in_p3(), "PNG", icc_profile=swapped)
    chunk = (b"cICP", bytes((DISPLAY_P3, SRGB_TRANSFER, 0, 1)))
    assert distance(decode(image_files.insert_png_chunks(data, chunk))) < 1.5
    assert distance(decode(data)) > 5


def test_chromaticities_of_a_png():
    chunk = image_files.build_chromaticities(CICP_PRIMARIES[DISPLAY_P3])
    assert distance(decode(encode_png(skin_in_p3(), (b"cHRM", chunk)))) < 1.5


@pytest.mark.parametrize("gamma", [1.0, 1.0 / 1.8, 1 / 2.6])
def test_gamma_of_a_png(gamma):
    data = encode_png(
        flat(to_linear(SKIN) ** gamma), (b"gAMA", round(gamma * 100_000).to_bytes(4, "big"))
    )
    assert distance(decode(data)) < 2.5


def test_srgb_chunk_precedes_chromaticities_and_gamma():
    chromaticities = image_files.build_chromaticities(CICP_PRIMARIES[BT2020])
    chunks = [(b"sRGB", b"\0"), (b"gAMA", bytes((0, 1, 134, 160))), (b"cHRM", chromaticities)]
    assert distance(decode(encode_png(flat(SKIN / 255), *chunks))) == 0


@pytest.mark.parametrize(
    "chunk",
    [
        (b"gAMA", bytes(4)),
        (b"gAMA", bytes(2)),
        (b"gAMA", b"\xff\xff\xff\xff"),
        (b"cHRM", bytes(32)),
        (b"cHRM", b"\xff" * 32),
        (b"cHRM", b"\0"),
        (b"cICP", b"\0\0"),
        (b"cICP", bytes((2, 2, 0, 1))),
        (b"cICP", bytes((255, 255, 255, 255))),
        (b"iCCP", b"no zero bytes"),
        (b"iCCP", b"name\0\7" + bytes(20)),
        (b"iCCP", b"name\0\0not compressed"),
        (b"sRGB", b""),
        (b"pHYs", b"\0"),
        (b"tEXt", b"\xff\xff"),
        (b"zTXt", b"key\0\0broken"),
        (b"eXIf", b"II*\0\xff\xff\xff\xff"),
    ],
)
def test_broken_chunk_of_a_png_changes_nothing(chunk):
    assert distance(decode(encode_png(flat(SKIN / 255), chunk))) == 0


@pytest.mark.parametrize("gray", [False, True])
def test_pq_in_heif(gray):
    wanted = np.full(3, 131) if gray else SKIN
    signal = tone_mapping.encode_pq(in_primaries(wanted, BT2020) * tone_mapping.REFERENCE_WHITE)
    data = image_files.encode_heif(flat(signal, depth=16), primaries=BT2020, transfer=PQ_TRANSFER)
    assert distance(decode(data), wanted) < 3


def test_pq_in_png_of_sixteen_bits():
    data = image_files.encode_sixteen_bit_png(flat(skin_in_pq(), depth=16))
    chunk = (b"cICP", bytes((BT2020, PQ_TRANSFER, 0, 1)))
    assert distance(decode(image_files.insert_png_chunks(data, chunk))) < 1.5


def test_pq_in_avif():
    data = image_files.encode_picture(flat(skin_in_pq()), "AVIF", quality=98, subsampling="4:4:4")
    marked = image_files.set_avif_colors(data, primaries=BT2020, transfer=PQ_TRANSFER)
    assert distance(decode(marked)) < 6  # eight bits of PQ are coarse


def test_hlg_reference_white_is_white_and_skin_is_skin():
    assert tone_mapping.decode_hlg(np.array([0.5]))[0] == pytest.approx(1 / 12)
    light = in_primaries(SKIN, BT2020) * tone_mapping.REFERENCE_WHITE / tone_mapping.HLG_PEAK
    scene = light * (light @ tone_mapping.HLG_LUMA) ** (1 / tone_mapping.HLG_GAMMA - 1)
    signal = np.where(
        scene <= 1 / 12,
        np.sqrt(3 * scene),
        tone_mapping.HLG_A * np.log(np.maximum(12 * scene - tone_mapping.HLG_B, 1e-9))
        + tone_mapping.HLG_C,
    )
    chunk = (b"cICP", bytes((BT2020, HLG_TRANSFER, 0, 1)))
    for stored, wanted in ((signal, SKIN), (np.full(3, 0.75), np.full(3, 255))):
        data = image_files.encode_sixteen_bit_png(flat(stored, depth=16))
        pixels = decode(image_files.insert_png_chunks(data, chunk))
        assert distance(pixels, wanted) < 3


def test_highlights_are_compressed_and_skin_stays():
    signal = flat(skin_in_pq(), depth=16)
    for column, brightness in ((80, 1.0), (85, 2.0), (90, 4.0)):
        white = tone_mapping.encode_pq(np.full(3, tone_mapping.REFERENCE_WHITE * brightness))
        signal[:, column : column + 5] = np.round(white * 65535)
    data = image_files.encode_sixteen_bit_png(signal)
    chunk = (b"cICP", bytes((BT2020, PQ_TRANSFER, 0, 1)))
    pixels = decode(image_files.insert_png_chunks(data, chunk))
    assert distance(pixels) < 3
    steps = pixels[40, [82, 87, 92], 0].astype(int)
    assert 200 < steps[0] < steps[1] < steps[2] <= 255


def test_linear_profile_that_is_named_srgb_is_applied():
    profile = image_files.build_profile(image_files.SRGB, gamma=1.0, name=b"sRGB IEC61966-2.1")
    data = image_files.encode_picture(flat(to_linear(SKIN)), "PNG", icc_profile=profile)
    assert distance(decode(data)) < 2


def test_srgb_profile_changes_no_pixel():
    pixels = np.random.default_rng(3).integers(0, 256, (80, 96, 3), np.uint8)
    profile = image_files.build_srgb_profile()
    data = image_files.encode_picture(pixels, "PNG", icc_profile=profile)
    assert np.array_equal(decode(data), pixels)


def test_gray_picture_with_a_colour_profile_is_converted():
    profile = image_files.build_profile(image_files.SRGB, gamma=1.0)
    gray = Image.new("L", (96, 80), 55)  # a share of 0.2157 of linear light
    pixels = decode(image_files.encode_picture(gray, "PNG", icc_profile=profile))
    assert distance(pixels, 128) < 2


@pytest.mark.parametrize("code", CICP_PRIMARIES)
def test_white_of_all_primaries_is_white(code):
    matrix = color_encoding.rgb_to_linear_srgb(CICP_PRIMARIES[code])
    assert matrix.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-6)


def test_matrix_of_srgb_is_the_published_one():
    # IEC 61966-2-1, annex F.
    assert color_encoding.rgb_to_xyz(CICP_PRIMARIES[1]) == pytest.approx(
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]),
        abs=2e-4,
    )


def test_pq_of_reference_levels():
    # ITU-R BT.2408-7, table 1: 203 cd/m² is 58 % of the signal; 100 cd/m² is 51 %.
    signals = tone_mapping.encode_pq(np.array([203.0, 100.0, 10_000.0]))
    assert signals == pytest.approx([0.58, 0.51, 1.0], abs=0.005)
    assert tone_mapping.decode_pq(signals) == pytest.approx([203, 100, 10_000])


@pytest.mark.parametrize(
    "name",
    ["displayp3_nclx_no_icc.heic", "hdr_pq_bt2020_10bit.heic", "linear_profile_named_sRGB.jpg"],
)
def test_skin_of_collected_files(name):
    if not (CASES / name).exists():
        pytest.skip("no collected files here")
    pixels = decode((CASES / name).read_bytes())
    height, width = pixels.shape[:2]
    face = pixels[height * 3 // 10 : height * 6 // 10, width * 35 // 100 : width * 65 // 100]
    assert np.abs(np.median(face.reshape(-1, 3), axis=0) - SKIN).max() <= 9
