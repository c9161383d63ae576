"""The mails of mails.py: those of RFC 5322's appendix A and others by hand, and mails that Python's email package makes, of every
combination of a charset, a shape and a kind of people."""

import itertools
import random
from email.header import Header
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP

# https://datatracker.ietf.org/doc/html/rfc5322#appendix-A, and shapes that mailers write.
BY_HAND = {
    "A.1.1 simple": """From: John Doe <jdoe@machine.example>
Sender: Michael Jones <mjones@machine.example>
To: Mary Smith <mary@example.net>
Subject: Saying Hello
Date: Fri, 21 Nov 1997 09:55:06 -0600
Message-ID: <1234@local.machine.example>

This is a message just to say hello.
So, "Hello".
""",
    "A.1.2 types of mailboxes": """From: "Joe Q. Public" <john.q.public@example.com>
To: Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>
Cc: <boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>
Date: Tue, 1 Jul 2003 10:52:37 +0200
Message-ID: <5678.21-Nov-1997@example.com>

Hi everyone.
""",
    "A.1.3 group addresses": """From: Pete <pete@silly.example>
To: A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;
Cc: Undisclosed recipients:;
Date: Thu, 13 Feb 1969 23:32:54 -0330
Message-ID: <testabcd.1234@silly.example>

Testing.
""",
    "A.2 reply": """From: Mary Smith <mary@example.net>
To: John Doe <jdoe@machine.example>
Reply-To: "Mary Smith: Personal Account" <smith@home.example>
Subject: Re: Saying Hello
Date: Fri, 21 Nov 1997 10:01:10 -0600
Message-ID: <3456@example.net>
In-Reply-To: <1234@local.machine.example>
References: <1234@local.machine.example>

This is a reply to your hello.
""",
    "A.3 resent": """Resent-From: Mary Smith <mary@example.net>
Resent-To: Jane Brown <j-brown@other.example>
Resent-Date: Mon, 24 Nov 1997 14:22:01 -0800
Resent-Message-ID: <78910@example.net>
From: John Doe <jdoe@machine.example>
To: Mary Smith <mary@example.net>
Subject: Saying Hello
Date: Fri, 21 Nov 1997 09:55:06 -0600
Message-ID: <1234@local.machine.example>

This is a message just to say hello.
""",
    "A.4 trace": """Received: from x.y.test
   by example.net
   via TCP
   with ESMTP
   id ABC12345
   for <mary@example.net>;  21 Nov 1997 10:05:43 -0600
Received: from node.example by x.y.test; 21 Nov 1997 10:01:22 -0600
From: John Doe <jdoe@node.example>
To: Mary Smith <mary@example.net>
Subject: Saying Hello
Date: Fri, 21 Nov 1997 09:55:06 -0600
Message-ID: <1234@local.node.example>

This is a message just to say hello.
""",
    "A.5 white space and comments": """From: Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>
To:A Group(Some people)
     :Chris Jones <c@(Chris's host.)public.example>,
         joe@example.org,
  John <jdoe@one.test> (my dear friend); (the end of the group)
Cc:(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;
Date: Thu,
      13
        Feb
          1969
      23:32
               -0330 (Newfoundland Time)
Message-ID:              <testabcd.1234@test.test>

Testing.
""",
    "A.6.1 obsolete addressing": """From: Joe Q. Public <john.q.public@example.com>
To: Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example
Date: Tue, 1 Jul 2003 10:52:37 +0200
Message-ID: <5678.21-Nov-1997@example.com>

Hi everyone.
""",
    "A.6.2 obsolete dates": """From: John Doe <jdoe@machine.example>
To: Mary Smith <mary@example.net>
Subject: Saying Hello
Date: 21 Nov 97 09:55:06 GMT
Message-ID: <1234@local.machine.example>

This is a message just to say hello.
""",
    "folded subject": """From: a@example.com
To: b@example.com
Subject: A subject that is
 folded over
\tthree lines

Text.
""",
    "encoded words that touch": """From: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>
To: =?iso-8859-1?Q?Andr=E9?= Pirard <pirard@example.com>
Subject: =?utf-8?b?w4Q=?= =?utf-8?b?w5Y=?= and =?iso-8859-1?q?=DC?=

Text.
""",
    "a name with a comma in encoded words": """From: =?utf-8?q?M=C3=BCller=2C_Ann?= <ann@example.com>
To: "Lee, Bob" <bob@example.com>, =?utf-8?q?Doe=2C_J=C3=BCrgen?= <doe@example.com>
Subject: Names

Text.
""",
    "no subject, no date": "From: a@example.com\nTo: b@example.com\n\nText.\n",
    "an empty body": "From: a@example.com\nTo: b@example.com\nSubject: Empty\nContent-Type: text/plain\n\n",
    "HTML alone": """From: a@example.com
To: b@example.com
Subject: HTML
Content-Type: text/html; charset=utf-8

<html><head><style>p { color: red }</style></head><body><p>Only this</p></body></html>
""",
    "a calendar without a name": """From: a@example.com
To: b@example.com
Subject: Invitation: Minutes
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

You are invited.
--b
Content-Type: text/calendar; charset=utf-8; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1@example.com
SUMMARY:Minutes
DTSTART:20261201T090000Z
DTEND:20261201T100000Z
ORGANIZER;CN=Ann:mailto:ann@example.com
END:VEVENT
END:VCALENDAR
--b--
""",
    "a report of a delivery": """From: Mail Delivery Subsystem <mailer-daemon@example.com>
To: alex@example.com
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="r"

--r
Content-Type: text/plain; charset=us-ascii

It was not delivered.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; nobody@example.com
Action: failed
Status: 5.1.1
--r
Content-Type: text/rfc822-headers

From: alex@example.com
Subject: Hello
--r--
""",
    "a name in pieces": """From: a@example.com
To: b@example.com
Subject: Names of files
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

See the file.
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=UTF-8''gr%C3%B6%C3%9Fe%20;
 filename*1*=und%20mehr; filename*2=.pdf
Content-Transfer-Encoding: base64

AAEC
--b
Content-Type: application/pdf; name="=?utf-8?b?w6Q=?=.pdf"
Content-Transfer-Encoding: base64

AAEC
--b--
""",
    "parts in parts": """From: a@example.com
To: b@example.com
Subject: Nested
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="1"

A preamble.
--1
Content-Type: multipart/mixed; boundary="2"

--2
Content-Type: multipart/alternative; boundary="3"

--3
Content-Type: text/plain

Deep words.
--3
Content-Type: text/html

<p>Deep words.</p>
--3--
--2
Content-Type: image/png; name=a.png
Content-Disposition: inline; filename=a.png
Content-Transfer-Encoding: base64

AAEC
--2--
--1
Content-Type: text/plain

A footer.
--1--
An epilogue.
""",
    "a closing boundary is missing": """From: a@example.com
To: b@example.com
Subject: Cut
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

It ends here.
""",
    "two people in From": """From: Ann <ann@example.com>, Bob <bob@example.com>
Sender: ann@example.com
To: c@example.com
Subject: Two

Text.
""",
    "quoted local parts": """From: "a b"@example.com
To: "x@y"@example.com, "z\\"w" <"q r"@example.com>
Subject: Quoted

Text.
""",
    "headers in 8 bits": "From: a@example.com\nTo: b@example.com\nSubject: Caf\u00e9\n"
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nCaf\u00e9.\n",
    "a soft line break": """From: a@example.com
To: b@example.com
Subject: Quoted-printable
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

A long line that is =
one, and 3 =3D 3. Caf=C3=A9.
""",
}

CHARSETS = {
    "us-ascii": "Plain words",
    "utf-8": "Caf\u00e9 \u2615 \u65e5\u672c\u8a9e",
    "iso-8859-1": "Caf\u00e9 gr\u00f6\u00dfer",
    "windows-1252": "\u201cQuoted\u201d \u2013 caf\u00e9",
    "iso-8859-2": "Za\u017c\u00f3\u0142\u0107",
    "koi8-r": "\u041f\u0440\u0438\u0432\u0435\u0442",
    "iso-2022-jp": "\u4f1a\u8b70\u306e\u8a18\u9332",
    "gb2312": "\u4f1a\u8bae\u8bb0\u5f55",
    "big5": "\u6703\u8b70\u8a18\u9304",
    "euc-kr": "\ud68c\uc758\ub85d",
}

PEOPLE = (
    "Ann Lee <ann@example.com>, bob@example.com",
    '"Lee, Ann" <ann@example.com>, "O\'Neil \\"Bob\\"" <bob@example.com>',
    "Team: ann@example.com, Bob <bob@example.com>;, cara@example.com",
    "ann@example.com (Ann), (Bob) bob@example.com",
)


def text_part(charset, words, kind="plain"):
    text = f"{words}\r\nand more.\r\n" if kind == "plain" else f"<p>{words}</p>\r\n<p>and <b>more</b>.</p>\r\n"
    return MIMEText(text, kind, charset)


def file_part(name, disposition="attachment", content_id=None, kind="pdf"):
    part = MIMEApplication(b"\x00\x01\x02", kind)
    part.add_header("Content-Disposition", disposition, filename=("utf-8", "", name) if not name.isascii() else name)
    if content_id:
        part["Content-ID"] = f"<{content_id}>"
    return part


def multipart(kind, *parts, **parameters):
    made = MIMEMultipart(kind, **parameters)
    for part in parts:
        made.attach(part)
    return made


def attached_mail(charset, words):
    inner = text_part(charset, words)
    inner["From"], inner["To"], inner["Subject"] = "x@example.com", "y@example.com", "Inner"
    return MIMEMessage(inner)


def calendar(charset):
    lines = ("BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Minutes", "END:VEVENT", "END:VCALENDAR", "")
    part = MIMEText("\r\n".join(lines), "calendar", charset)
    part.set_param("method", "REQUEST")
    return part


def signature():
    part = MIMEApplication(b"signed", "pgp-signature")
    part.add_header("Content-Disposition", "attachment", filename="signature.asc")
    return part


SHAPES = {
    "plain": lambda c, w: text_part(c, w),
    "html": lambda c, w: text_part(c, w, "html"),
    "alternative": lambda c, w: multipart("alternative", text_part(c, w), text_part(c, w, "html")),
    "mixed": lambda c, w: multipart("mixed", text_part(c, w), file_part("minutes.pdf"), file_part("gr\u00f6\u00dfe.pdf")),
    "related": lambda c, w: multipart(
        "related",
        MIMEText(f'<p>{w}</p><img src="cid:p1@example.com">', "html", c),
        file_part("picture.png", "inline", "p1@example.com"),
    ),
    "signed": lambda c, w: multipart(
        "signed", text_part(c, w), signature(), protocol="application/pgp-signature", micalg="pgp-sha256"
    ),
    "forwarded": lambda c, w: multipart("mixed", text_part(c, w), attached_mail(c, w)),
    "invited": lambda c, w: multipart(
        "mixed", multipart("alternative", text_part(c, w), text_part(c, w, "html"), calendar("utf-8")), file_part("invite.ics")
    ),
    "of a list": lambda c, w: multipart("mixed", text_part(c, w, "html"), text_part("us-ascii", "The list")),
}


def generated(seed):
    chance = random.Random(seed)
    for turn, ((charset, words), shape) in enumerate(itertools.product(CHARSETS.items(), SHAPES)):
        made = SHAPES[shape](charset, words)
        made["From"] = "Ann Lee <ann@example.com>"
        made["To"] = PEOPLE[turn % len(PEOPLE)]
        made["Cc"] = chance.choice(PEOPLE)
        if chance.random() < 0.3:
            made["Reply-To"] = "list@example.com"
        if charset == "us-ascii":
            made["Subject"] = words
        else:
            made["Subject"] = Header(f"{words} {turn}", charset).encode().replace("eucgb2312_cn", "gb2312").replace("big5_tw", "big5")
        made["Date"] = "Wed, 25 Nov 2026 10:46:40 +0100"
        made["Message-ID"] = f"<{turn}.{seed}@example.com>"
        yield f"{shape} in {charset}", made.as_bytes()


def modern(seed):
    """Mails of the package's newer interface, with its own encodings."""
    chance = random.Random(seed + 1)
    for turn in range(90):
        mail = EmailMessage(policy=SMTP)
        words = chance.choice(list(CHARSETS.values()))
        mail["From"] = "Zo\u00eb M\u00fcller <zoe@example.com>"
        mail["To"] = ", ".join(f"Person {number} <p{number}@example.com>" for number in range(chance.randint(1, 12)))
        mail["Subject"] = " ".join(chance.choice(list(CHARSETS.values())) for _ in range(chance.randint(1, 9)))
        lines = [words * chance.randint(1, 30) for _ in range(chance.randint(1, 5))]
        mail.set_content("\n".join(lines) + "\n", cte=chance.choice(("quoted-printable", "base64", "8bit")))
        if turn % 2:
            mail.add_alternative(f"<div>{words}</div><p>a &lt; b&nbsp;&amp; c</p>\n", subtype="html")
        if turn % 3 == 0:
            name = chance.choice(("a.bin", "\u65e5\u672c.bin", "with space.bin", "a;b\"c.bin"))
            mail.add_attachment(b"\x00" * turn, maintype="application", subtype="octet-stream", filename=name)
        if turn % 5 == 0:
            inner = EmailMessage(policy=SMTP)
            inner["Subject"] = "Inner"
            inner["From"] = "x@example.com"
            inner.set_content("Not of this mail.\n")
            mail.add_attachment(inner)
        yield f"modern {turn}", mail.as_bytes()


def mails(seed):
    by_hand = ((name, raw.encode()) for name, raw in BY_HAND.items())
    return [*by_hand, *generated(seed), *modern(seed)]
