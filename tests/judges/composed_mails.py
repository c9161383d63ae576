"""Reads composed mails with Python's email package, and prints where it finds something else than was written. The mails are the
standard input: a list of {name, raw, expected}. Prints nothing where all is found."""

import base64
import email
import email.policy
import json
import sys


def addresses(mail, header):
    return [one.addr_spec for one in mail[header].addresses] if mail[header] else []


def is_file(part):
    return part.get_content_disposition() is not None


def text_of(mail, kind):
    part = mail.get_body(preferencelist=(kind,))
    return part.get_content().replace("\r\n", "\n").rstrip("\n") if part else None


def read(mail):
    """The facts of a mail, by the names that `expected` has."""
    parts = [part for part in mail.walk() if part.get_content_maintype() != "multipart"]
    found = {name: addresses(mail, name) for name in ("from", "to", "cc", "bcc")}
    found["fromName"] = mail["from"].addresses[0].display_name if mail["from"] else None
    found["subject"] = str(mail["subject"])
    found["body"] = text_of(mail, "plain")
    found["html"] = text_of(mail, "html")
    found["files"] = {
        part.get_filename(): f"{part.get_content_disposition()} {part.get_content_type()}" for part in parts if is_file(part)
    }
    found["kinds"] = [part.get_content_type() for part in parts]
    return found


def faults(raw, expected):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    found = read(mail)
    for name, value in expected.items():
        if found[name] != value:
            yield f"{name} is {found[name]!r}, not {value!r}"
    for part in mail.walk():
        for defect in part.defects:
            yield f"{part.get_content_type()}: {defect!r}"
        for name, value in part.items():
            yield from (f"{name}: {defect!r}" for defect in getattr(value, "defects", []))
    # A picture is beside the HTML that shows it.
    html = found["html"] or ""
    for part in mail.walk():
        content_id = str(part["content-id"] or "").strip("<> ")
        if content_id and f"cid:{content_id}\"" not in html:
            yield f"the HTML does not show {content_id}"
    for line in raw.split(b"\r\n"):
        if len(line) > 998:
            yield f"a line has {len(line)} bytes"


for case in json.load(sys.stdin):
    for fault in faults(base64.urlsafe_b64decode(case["raw"]), case["expected"]):
        print(f"{case['name']}: {fault}")
