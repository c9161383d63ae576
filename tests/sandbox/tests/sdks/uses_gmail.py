"""Google's own client against the sandbox: arguments are the provider's URL and a token."""

import base64
import json
import sys

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.http import BatchHttpRequest, MediaInMemoryUpload

# Uploads go to the document's own address, whatever endpoint the client is told.
document = json.loads(get_static_doc("gmail", "v1")) | {"rootUrl": f"{sys.argv[1]}/"}
document.pop("mtlsRootUrl", None)
service = build_from_document(document, credentials=Credentials(sys.argv[2]))
me = service.users()
raw = base64.urlsafe_b64encode(b"To: a@example.com\r\nSubject: x\r\n\r\nhi").decode()
SHOWN = {"labelListVisibility": "labelShow", "messageListVisibility": "show"}
calls = 0


def call(resource, name, **arguments):
    global calls
    calls += 1
    try:
        return getattr(resource, name)(userId="me", **arguments).execute()
    except Exception as error:
        sys.exit(f"gmail: {name}: {type(error).__name__}: {error}")


def uploaded():
    return MediaInMemoryUpload(b"To: a@example.com\r\nSubject: x\r\n\r\nhi", "message/rfc822")


def batch():
    """Two reads in one request, of which one fails."""
    global calls
    answers = {}
    # The client's own constructor takes Google's address, whatever the endpoint.
    take = lambda name, answer, error: answers.update({name: error or answer})
    together = BatchHttpRequest(callback=take, batch_uri=f"{sys.argv[1]}/batch")
    together.add(me.messages().get(userId="me", id=unread, format="minimal"), request_id="known")
    together.add(me.messages().get(userId="me", id="unknown"), request_id="unknown")
    together.execute(http=service._http)
    calls += 1
    if answers["known"]["id"] != unread or getattr(answers["unknown"], "status_code", None) != 404:
        sys.exit(f"gmail: batch: {answers}")


call(me, "getProfile")
unread = call(me.messages(), "list", maxResults=2, q="is:unread")["messages"][0]["id"]
call(me.messages(), "get", id=unread, format="metadata", metadataHeaders=["Subject"])
call(me.messages(), "get", id=unread, format="full")
call(me.messages(), "modify", id=unread, body={"removeLabelIds": ["UNREAD"]})
call(me.messages(), "send", body={"raw": raw})
draft = call(me.drafts(), "create", body={"message": {"raw": raw}})["id"]
call(me.drafts(), "update", id=draft, body={"message": {"raw": raw}})
call(me.drafts(), "get", id=draft)
call(me.drafts(), "list")
call(me.drafts(), "send", body={"id": draft})
call(me.messages(), "send", body={}, media_body=uploaded())
draft = call(me.drafts(), "create", body={"message": {}}, media_body=uploaded())["id"]
call(me.drafts(), "update", id=draft, body={"message": {}}, media_body=uploaded())
for form in ("minimal", "metadata", "raw"):
    call(me.drafts(), "get", id=draft, format=form)
call(me.drafts(), "delete", id=draft)
call(me.labels(), "list")
call(me.labels(), "create", body={"name": "By the client", **SHOWN})
COLOR = {"color": {"textColor": "#ffffff", "backgroundColor": "#000000"}}
hidden = {"labelListVisibility": "labelHide", "messageListVisibility": "hide"}
label = call(me.labels(), "create", body={"name": "With options", **hidden, **COLOR})["id"]
shown = call(me.labels(), "get", id=label)
if any(shown[name] != value for name, value in (hidden | COLOR).items()):
    sys.exit(f"gmail: labels.get: {shown}")
call(me.labels(), "patch", id=label, body={"name": "Renamed"})
call(me.labels(), "update", id=label, body={"name": "Replaced", **SHOWN})
call(me.messages(), "batchModify", body={"ids": [unread], "addLabelIds": [label]})
call(me.labels(), "delete", id=label)
call(me.threads(), "list", maxResults=1)
call(me.threads(), "get", id="18f0000000000001")
call(me.threads(), "modify", id="18f0000000000001", body={"addLabelIds": ["STARRED"]})
call(me.threads(), "trash", id="18f0000000000001")
call(me.threads(), "untrash", id="18f0000000000001")
call(me.messages(), "trash", id=unread)
call(me.messages(), "untrash", id=unread)
call(me.settings().sendAs(), "list")
found = call(me.settings().filters(), "list")["filter"][0]["id"]
call(me.settings().filters(), "get", id=found)
call(me.settings(), "getVacation")
file = call(me.messages(), "get", id="18f0000000000006")["payload"]["parts"][1]["body"]["attachmentId"]
call(me.messages().attachments(), "get", messageId="18f0000000000006", id=file)
batch()
print(f"gmail: {calls} calls of its own client")
