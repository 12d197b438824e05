"""Pictures that come in: read warily, and kept small and bare."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from errors import Refusal

MAX_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
WIDTH, HEIGHT = 240, 320
FACE = (0.5, 0.35)  # where the middle of the cut lies: faces are in the upper half


class PictureRefused(Refusal):
    code = "picture_refused"
    status = 422
    message = "This is no picture that can be read."
    help = "Send a photo as JPEG, PNG or WebP, of at most 8 MiB."


def portrait(content: bytes) -> bytes:
    """A photo as an upright JPEG of 240 by 320 pixels, without what the camera wrote into it (place, time, device).

    Raises: PictureRefused.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefused()
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as sent:
            if sent.width * sent.height > MOST_PIXELS:
                raise PictureRefused()
            sent.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
            upright = ImageOps.exif_transpose(sent).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as unreadable:
        raise PictureRefused() from unreadable
    written = BytesIO()
    ImageOps.fit(upright, (WIDTH, HEIGHT), centering=FACE).save(written, "JPEG", quality=82)
    return written.getvalue()
