"""The upload of a file: its registration, then its bytes to the link of the answer."""

import httpx

from .errors import NotStored
from .types import FileRegistered, FileRequest

# The type of a file of which nothing is known.
UNKNOWN_TYPE = "application/octet-stream"


def file_request(filename: str, content: bytes, content_type: str) -> FileRequest:
    """The registration of a file."""
    return {"filename": filename, "contentType": content_type, "size": len(content)}


def stored(registered: FileRegistered, response: httpx.Response) -> str:
    """The id of a file, if its bytes were stored."""
    if not response.is_success:
        raise NotStored(registered["fileId"], response.status_code)
    return registered["fileId"]
