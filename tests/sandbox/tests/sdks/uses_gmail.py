"""Google's own client against the sandbox: arguments are the provider's URL and a token."""

import base64
import sys

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

options = {"api_endpoint": sys.argv[1]}
service = build("gmail", "v1", credentials=Credentials(sys.argv[2]), static_discovery=True, client_options=options)
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
call(me.labels(), "list")
call(me.labels(), "create", body={"name": "By the client", **SHOWN})
call(me.threads(), "list", maxResults=1)
call(me.threads(), "get", id="18f0000000000001")
call(me.messages(), "trash", id=unread)
call(me.messages(), "untrash", id=unread)
print(f"gmail: {calls} calls of its own client")
