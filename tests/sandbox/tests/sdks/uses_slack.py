"""Slack's own client against the sandbox: arguments are the provider's URL and a token."""

import sys
import time

from slack_sdk import WebClient

client = WebClient(token=sys.argv[2], base_url=sys.argv[1] + "/api/")
GENERAL, ALEX = "C0GENERAL01", "U0ALEX00001"
calls = 0


def call(method, **arguments):
    global calls
    calls += 1
    try:
        return getattr(client, method)(**arguments)
    except Exception as error:
        sys.exit(f"slack: {method}: {type(error).__name__}: {error}")


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
call("reactions_remove", channel=GENERAL, name="thumbsup", timestamp=posted)
call("pins_add", channel=GENERAL, timestamp=posted)
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
call("files_upload_v2", channel=GENERAL, filename="a.txt", content="text")
print(f"slack: {calls} calls of its own client")
