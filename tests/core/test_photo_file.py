"""What decoding a file may take, what of a file is left out, and what is said of it."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from seamline.core.errors import BadPhoto
from seamline.core.image import decode
from seamline.core.photo_file import MOST_SCANS, prepared
from seamline.core.photo_warnings import PhotoWarning, from_json, to_json
from tests.support import bad_photos

ROOT = Path(__file__).parents[2]


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(width: int = 300, height: int = 400) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))


def codes(data: bytes) -> list[str]:
    return [warning.code for warning in decode(data).warnings]


def test_an_ordinary_file_is_left_as_it_is_and_says_nothing() -> None:
    for data in (saved(noise()), saved(noise(), progressive=True), saved(noise(), "PNG"), saved(noise(), "WEBP")):
        assert prepared(data).data is data
        assert codes(data) == []


def test_scans_are_counted_and_thumbnails_are_not() -> None:
    thumbnail = bad_photos.many_scans(MOST_SCANS - 20)
    assert len(thumbnail) < 65_000
    decode(saved(noise(), exif=b"Exif\0\0" + thumbnail))
    decode(bad_photos.many_scans(MOST_SCANS - 20))
    with pytest.raises(BadPhoto, match="scans"):
        decode(bad_photos.many_scans(MOST_SCANS))


@pytest.mark.parametrize(("width", "height"), [(9248, 6936), (12_000, 9000)])
def test_photos_of_phones_are_taken(width: int, height: int) -> None:
    photo = decode(saved(noise(64, 48).resize((width, height), Image.Resampling.NEAREST), quality=50))
    assert (photo.width, photo.height) == (width, height)
    assert max(photo.rgb.shape) == 1024


def test_what_would_take_a_gigabyte_is_refused() -> None:
    with pytest.raises(BadPhoto, match=r"25,000,000 pixels .* of a WEBP; as a JPEG it may have more"):
        decode(saved(Image.new("RGB", (7000, 7000)), "WEBP", lossless=True))
    with pytest.raises(BadPhoto, match="50,000,000 pixels"):
        decode(saved(Image.new("1", (8000, 7000)), "PNG"))
    frame = struct.pack(">HBHHB", 17, 8, 9000, 12_000, 3) + b"\1\x11\0\2\x11\0\3\x11\0"
    scans = b"\xff\xda\0\x02ab" * 2
    with pytest.raises(BadPhoto, match="too large to be a progressive one"):
        decode(b"\xff\xd8\xff\xc2" + frame + scans + b"\xff\xd9")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "size", "mode"),
    [
        ("PNG", (7070, 7070), "RGBA"),
        ("PNG", (7070, 7070), "LA"),
        ("WEBP", (5000, 4999), "RGBA"),
        ("AVIF", (5000, 4999), "RGB"),
    ],
)
def test_the_largest_files_take_less_than_a_gigabyte(
    kind: str, size: tuple[int, int], mode: str, tmp_path: Path
) -> None:
    file = tmp_path / "photo"
    file.write_bytes(saved(Image.new(mode, size), kind, **({"lossless": True} if kind == "WEBP" else {})))
    program = (
        "import sys; from seamline.core.image import decode; decode(open(sys.argv[1], 'rb').read());"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    told = subprocess.run([sys.executable, "-c", program, file], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(told.stdout) < 800_000


@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_off_photo_says_so_and_one_without_its_half_is_refused(progressive: bool) -> None:
    whole = saved(noise(), progressive=progressive, quality=80)
    cut = whole[: int(0.9 * len(whole))]
    assert codes(cut) == ["truncated"]
    assert np.abs(decode(cut).rgb[:200].astype(int) - decode(whole).rgb[:200]).mean() < 25
    with pytest.raises(BadPhoto, match=r"more than half|damaged"):
        decode(whole[: int(0.01 * len(whole))])


def test_the_first_of_several_pictures_counts() -> None:
    several = saved(noise(), "WEBP", save_all=True, append_images=[Image.new("RGB", (300, 400))], lossless=True)
    assert codes(several) == ["first_frame"]
    animated = saved(noise(), "PNG", save_all=True, append_images=[Image.new("RGB", (300, 400))])
    assert np.array_equal(decode(animated).rgb, np.asarray(noise()))


def wide(kind: str = "RGB") -> bytes:
    """A profile whose red, green and blue are further apart than sRGB's: from the published primaries of Adobe RGB."""
    red, green, blue = (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)
    numbers = [_tag(b"XYZ ", b"".join(_s15(part) for part in xyz)) for xyz in (red, green, blue, (0.9642, 1.0, 0.8249))]
    curve = _tag(b"curv", struct.pack(">IH", 1, 563) + b"\0\0")
    text = _tag(b"text", b"none\0\0\0\0")
    name = b"wide\0"
    title = _tag(b"desc", struct.pack(">I", len(name)) + name + bytes(78 + 3))
    tags = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt"), numbers, strict=True))
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve, b"cprt": text, b"desc": title}
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for key, data in tags.items():
        table += key + struct.pack(">II", offset + len(body), len(data))
        body += data
    head = struct.pack(
        ">I4sI4s4s4s", offset + len(body), b"\0" * 4, 0x02400000, b"mntr", kind.encode().ljust(4), b"XYZ "
    )
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(_s15, (0.9642, 1.0, 0.8249)))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _tag(kind: bytes, data: bytes) -> bytes:
    made = kind + b"\0\0\0\0" + data
    return made + bytes(-len(made) % 4)


def _s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65_536))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_of_a_profile_become_srgb(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(wide()))
    seen = Image.fromarray(bad_photos.pattern())
    stored = ImageCms.profileToProfile(seen, ImageCms.createProfile("sRGB"), profile)
    assert stored is not None
    stored.info.clear()
    options = {"lossless": True} if kind == "WEBP" else {"quality": 97} if kind == "JPEG" else {}
    with_profile = decode(saved(stored, kind, icc_profile=wide(), **options))
    without = decode(saved(stored, kind, **options))
    errors = [np.abs(photo.rgb.astype(int) - np.asarray(seen)).mean() for photo in (with_profile, without)]
    assert errors[0] < 4 < errors[1]
    assert with_profile.warnings == ()


def test_pixels_of_srgb_stay_what_they_are() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG"):
        plain, marked = decode(saved(noise(), kind)), decode(saved(noise(), kind, icc_profile=profile))
        assert np.array_equal(plain.rgb, marked.rgb)


@pytest.mark.parametrize("profile", [b"nothing", wide()[:200], wide("CMYK"), bytes(5000)])
def test_a_broken_profile_costs_the_colours_alone(profile: bytes) -> None:
    photo = decode(saved(noise(), "JPEG", icc_profile=profile))
    assert [warning.code for warning in photo.warnings] == ["colour_profile"]
    assert np.array_equal(photo.rgb, decode(saved(noise())).rgb)


def test_png_chunks_that_tell_nothing_of_the_pixels_are_left_out() -> None:
    plain = saved(noise(), "PNG")
    text = b"tEXtComment\0" + b"x" * 2_000_000
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    assert prepared(plain[:33] + chunk + plain[33:]).data == plain


def test_warnings_survive_the_wire() -> None:
    told = (PhotoWarning("of_another_version", "a sentence"),)
    assert from_json(to_json(told)) == told
    assert from_json("[]") == ()
    for text in ("{}", "[1]", '[{"code": "a"}]'):
        if text == "{}":
            assert from_json(text) == ()
            continue
        with pytest.raises(ValueError, match="list of warnings"):
            from_json(text)
