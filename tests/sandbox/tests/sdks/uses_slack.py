"""Slack's own client against the sandbox: arguments are the provider's URL and a token."""

import json
import sys
import time
import urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

client = WebClient(token=sys.argv[2], base_url=sys.argv[1] + "/api/")
GENERAL, ALEX, SAM = "C0GENERAL01", "U0ALEX00001", "U0SAM000001"
calls = 0


def call(method, **arguments):
    global calls
    calls += 1
    try:
        return getattr(client, method)(**arguments)
    except Exception as error:
        sys.exit(f"slack: {method}: {type(error).__name__}: {error}")


def refused(code, method, **arguments):
    """Calls a method that must be refused with this code."""
    global calls
    calls += 1
    try:
        getattr(client, method)(**arguments)
    except SlackApiError as error:
        if error.response["error"] != code:
            sys.exit(f"slack: {method}: {error.response['error']} and not {code}")
        return
    sys.exit(f"slack: {method} is not refused with {code}")


def same(method, found, expected):
    if found != expected:
        sys.exit(f"slack: {method}: {found!r} and not {expected!r}")


call("auth_test")
call("conversations_list", limit=5)
call("conversations_info", channel=GENERAL)
call("users_conversations")
posted = call("chat_postMessage", channel=GENERAL, text="hi")["ts"]
call("conversations_history", channel=GENERAL, limit=2)
call("conversations_replies", channel=GENERAL, ts=posted)
call("chat_getPermalink", channel=GENERAL, message_ts=posted)
call("conversations_members", channel=GENERAL, limit=2)
call("chat_update", channel=GENERAL, ts=posted, text="there")
call("reactions_add", channel=GENERAL, name="thumbsup", timestamp=posted)
reacted = call("reactions_get", channel=GENERAL, timestamp=posted, full=True)["message"]["reactions"]
same("reactions_get", [(reaction["name"], reaction["count"]) for reaction in reacted], [("thumbsup", 1)])
call("reactions_remove", channel=GENERAL, name="thumbsup", timestamp=posted)
refused("no_reaction", "reactions_remove", channel=GENERAL, name="thumbsup", timestamp=posted)
same("reactions_get", "reactions" in call("reactions_get", channel=GENERAL, timestamp=posted)["message"], False)
refused("no_item_specified", "reactions_get", channel=GENERAL)
call("pins_add", channel=GENERAL, timestamp=posted)
refused("already_pinned", "pins_add", channel=GENERAL, timestamp=posted)
same("pins_list", [pin["message"]["ts"] for pin in call("pins_list", channel=GENERAL)["items"]], [posted])
call("pins_remove", channel=GENERAL, timestamp=posted)
refused("no_pin", "pins_remove", channel=GENERAL, timestamp=posted)
call("chat_postEphemeral", channel=GENERAL, user=SAM, text="only you", thread_ts=posted)
refused("user_not_in_channel", "chat_postEphemeral", channel=GENERAL, user="U0NOBODY001", text="only you")
refused("no_text", "chat_postEphemeral", channel=GENERAL, user=SAM)
refused("message_not_found", "chat_getPermalink", channel=GENERAL, message_ts="1.000001")
refused("not_allowed_token_type", "search_messages", query="hi")
later = call("chat_scheduleMessage", channel=GENERAL, text="later", post_at=int(time.time()) + 3600)
call("chat_scheduledMessages_list", channel=GENERAL)
call("chat_deleteScheduledMessage", channel=GENERAL, scheduled_message_id=later["scheduled_message_id"])
call("chat_delete", channel=GENERAL, ts=posted)
call("users_list")
call("users_info", user=ALEX)
call("users_lookupByEmail", email="alex@example.com")
call("conversations_open", users=ALEX)
room = call("conversations_create", name="made-by-sdk")["channel"]["id"]
call("conversations_invite", channel=room, users=ALEX)
refused("already_in_channel", "conversations_invite", channel=room, users=ALEX)
call("conversations_invite", channel=room, users=[ALEX, SAM], force=True)
same("setTopic", call("conversations_setTopic", channel=room, topic="Tips & tricks")["channel"]["topic"]["value"], "Tips &amp; tricks")
refused("too_long", "conversations_setTopic", channel=room, topic="x" * 251)
call("conversations_setPurpose", channel=room, purpose="Tips")
same("rename", call("conversations_rename", channel=room, name="renamed-by-sdk")["channel"]["name"], "renamed-by-sdk")
refused("name_taken", "conversations_rename", channel=room, name="general")
refused("not_authorized", "conversations_rename", channel=GENERAL, name="all")
call("conversations_leave", channel=room)
refused("cant_leave_general", "conversations_leave", channel=GENERAL)
call("conversations_join", channel=room)
call("conversations_archive", channel=room)
refused("already_archived", "conversations_archive", channel=room)
refused("is_archived", "chat_postMessage", channel=room, text="hi")
refused("cant_archive_general", "conversations_archive", channel=GENERAL)
call("files_upload_v2", channel=GENERAL, filename="a.txt", content="text", initial_comment="a file")
listed = call("files_list", channel=GENERAL, count=1, page=1)
same("files_list", (listed["files"][0]["name"], listed["paging"]["pages"]), ("a.txt", 1))
call("files_info", file=listed["files"][0]["id"])
refused("user_not_found", "files_list", user="U0NOBODY001")
# A person's own token, which alone can search.
grant = {"provider": "slack", "account": "alex@example.com", "userScopes": ["search:read"]}
control = sys.argv[1].removesuffix("/slack") + "/_control/grant"
with urllib.request.urlopen(control, json.dumps(grant).encode()) as answer:
    token = json.load(answer)["access_token"]
client = WebClient(token=token, base_url=sys.argv[1] + "/api/")
found = call("search_messages", query="cake", sort="timestamp", count=1)["messages"]
same("search_messages", (found["total"], found["matches"][0]["channel"]["name"]), (1, "random"))
refused("no_query", "search_messages", query="")
refused("missing_scope", "users_list")
print(f"slack: {calls} calls of its own client")
