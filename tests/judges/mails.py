"""Mails as the world has them: 200 of them, by Python's email package and by hand, in the sandbox's mailbox. The engine reads each, and
Python's email says what it must have read: subject, people, text, and the names, sizes and places of the files. Run by .ci/judges, in
`cargo local with`; the argument is a seed."""

import base64
import email
import email.policy
import json
import os
import re
import sys
import urllib.request
from email.utils import getaddresses

import mails_made

API, TOKEN, SANDBOX = (os.environ[name] for name in ("API", "TOKEN", "SANDBOX"))
ME = "alex@example.com"
SHOWN = 40


def call(url, method="GET", body=None, follow=True):
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(*([] if follow else [Stay]))
    try:
        with opener.open(urllib.request.Request(url, data, headers, method=method)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code in (302, 303):
            return error.headers["location"]
        return json.load(error)


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_):
        return None


def connect():
    """What the person does: consents at the sandbox, and finishes with their own token."""
    url = call(f"{API}/oauth/authorize?tool=gmail")["authUrl"] + "&auto=allow"
    url = call(call(url, follow=False), follow=False)
    code = dict(part.split("=", 1) for part in url.split("#")[1].split("&"))["connectCode"]
    call(f"{API}/integrations/connect", "POST", {"connectCode": code})


def act(intent, context):
    answer = call(API, "POST", {"agentId": "agent_judge", "tool": "gmail", "intent": intent, "context": context})
    if not answer.get("success"):
        sys.exit(f"{intent}: {answer}")
    return answer["data"]


# What Python's email reads.


def words(text):
    """The text without the differences that nobody sees."""
    return " ".join(text.replace("\ufffd", "?").split())


def people(mail, name):
    """The addresses of a header, in order. Python's new parser reads groups and comments."""
    header = mail[name]
    if header is None:
        return []
    return [address.addr_spec.lower() for address in header.addresses if address.addr_spec not in ("", "<>")]


def own_parts(part):
    """The parts of the mail itself, in order: an attached mail is one."""
    if part.get_content_maintype() != "multipart":
        yield part
        return
    for inner in part.iter_parts() if part.is_multipart() else []:
        yield from own_parts(inner)


def is_file(part):
    kind = part.get_content_type()
    return bool(part.get_filename()) or kind == "text/calendar" or not kind.startswith("text/")


def expected(mail):
    files, texts = [], []
    for part in own_parts(mail):
        if is_file(part):
            files.append((part.get_filename(), part.get_content_type(), part.get_content_disposition() == "inline"))
        elif part.get_content_type() in ("text/plain", "text/html"):
            charset = part.get_content_charset() or "utf-8"
            payload = part.get_payload(decode=True)
            try:
                texts.append((part.get_content_type(), payload.decode(charset, "replace")))
            except LookupError:
                texts.append((part.get_content_type(), payload.decode("utf-8", "replace")))
    return {
        "subject": words(str(mail["subject"] or "")),
        **{name: people(mail, name) for name in ("from", "to", "cc", "reply-to")},
        "files": files,
        "texts": texts,
    }


# What the engine read.

NAMES = {"from": "from", "to": "to", "cc": "cc", "reply-to": "replyTo"}


def read(answer):
    def addresses(name):
        found = answer.get(NAMES[name]) or []
        found = found if isinstance(found, list) else [found]
        return [person["email"].lower() for person in found if person.get("email")]

    files = [(file.get("filename"), file.get("contentType"), file["inline"]) for file in answer["attachments"]]
    return {
        "subject": words(answer.get("subject") or ""),
        **{name: addresses(name) for name in NAMES},
        "files": files,
        "text": answer.get("text"),
        "html": answer.get("html"),
    }


def shown_words(html):
    """The words of HTML that the generator writes."""
    html = re.sub(r"(?is)<(style|script|head)\b.*?</\1>", " ", html)
    return words(re.sub(r"<[^>]*>", " ", html).replace("&nbsp;", " ").replace("&lt;", "<").replace("&amp;", "&"))


def disagreements(theirs, ours):
    for name in ("subject", *NAMES):
        # `from` is one person here.
        wanted = theirs[name][:1] if name == "from" else theirs[name]
        if wanted != ours[name]:
            yield f"{name}: {wanted} is read as {ours[name]}"
    if theirs["files"] != ours["files"]:
        yield f"files: {theirs['files']} are read as {ours['files']}"
    text = words(ours["text"] or "")
    if theirs["texts"] and ours["text"] is None:
        yield "text: none"
    plain = [words(text) for kind, text in theirs["texts"] if kind == "text/plain"]
    html = [shown_words(text) for kind, text in theirs["texts"] if kind == "text/html"]
    for piece in plain:
        if piece not in text:
            yield f"text: {piece[:80]!r} is missing in {text[:80]!r}"
    # The text of HTML is shown where no plain form is beside it.
    if not plain:
        for piece in html:
            missing = [word for word in piece.split() if word not in text]
            if missing:
                yield f"text of HTML: {missing[:5]} are missing in {text[:80]!r}"
    joined = "\n".join(text for kind, text in theirs["texts"] if kind == "text/html")
    if words(joined) != words(ours["html"] or ""):
        yield f"html: {joined[:60]!r} is read as {(ours['html'] or '')[:60]!r}"


def judge(mails):
    faults, planted, unseen = [], 0, 0
    for name, raw in mails:
        raw = b"\r\n".join(raw.splitlines()) + b"\r\n"
        body = {"account": ME, "raw": base64.urlsafe_b64encode(raw).decode()}
        message = call(f"{SANDBOX}/_control/mails", "POST", body)["id"]
        theirs = expected(email.message_from_bytes(raw, policy=email.policy.default))
        answer = act("get_email", {"messageId": message})
        faults += [f"{name}: {fault}" for fault in disagreements(theirs, read(answer))]
        # Each fault that is planted in a reading must be found.
        for plant in PLANTS:
            broken = read(json.loads(json.dumps(answer)))
            if plant(broken):
                planted += 1
                unseen += not any(True for _ in disagreements(theirs, broken))
    return faults, planted, unseen


def loses_a_person(reading):
    return any(reading[name] and reading[name].pop() for name in ("cc", "to"))


def loses_a_file(reading):
    return bool(reading["files"] and reading["files"].pop())


def loses_the_text(reading):
    had = bool(reading["text"] and reading["text"].strip())
    reading["text"] = None
    return had


def spoils_the_subject(reading):
    reading["subject"] += "?"
    return True


PLANTS = (loses_a_person, loses_a_file, loses_the_text, spoils_the_subject)


def main():
    connect()
    mails = mails_made.mails(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    faults, planted, unseen = judge(mails)
    for fault in faults[:SHOWN]:
        print(f"FAILED: {fault}")
    print(f"mails: {len(mails)} read, {len(faults)} disagreements; {planted} planted faults, {unseen} not found")
    sys.exit(bool(faults or unseen or len(mails) < 200))


main()
