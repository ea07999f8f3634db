"""Which files are taken as documents: by media type, and by how such a file begins, so that one is not passed off as another."""

PDF, ZIP = b"%PDF-", b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument"
BEGINS: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (PDF,),
    f"{_OFFICE}.wordprocessingml.document": (ZIP,),
    f"{_OFFICE}.spreadsheetml.sheet": (ZIP,),
    f"{_OFFICE}.presentationml.presentation": (ZIP,),
    "application/vnd.oasis.opendocument.text": (ZIP,),
    "application/vnd.oasis.opendocument.spreadsheet": (ZIP,),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "text/plain": (),
    "text/csv": (),
}
"""The media types that are taken, and the first bytes of such a file; a text has none and is UTF-8 without NUL."""

LARGEST = 10 * 1024 * 1024


def media_type_of(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def is_what_it_says(media_type: str, content: bytes) -> bool:
    begins = BEGINS[media_type]
    if begins:
        return content.startswith(begins)
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False
