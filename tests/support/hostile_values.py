"""What a hostile client sends: values of fields, bodies, headers and methods."""

from urllib.parse import quote_plus

DEEP = "[" * 50_000 + "]" * 50_000
VALUES = {
    "empty": "",
    "nul": "\0",
    "nul inside": "홍\0길동",
    "bidi": "\u202e\u2066홍길동\u2069",
    "zero width": "\u200b\u200d\ufeff",
    "lone surrogate": "\ud800",
    "huge": "가" * 100_000,
    "number too large": "9" * 400,
    "minus": "-1",
    "not a number": "NaN",
    "full width": "０１０－００００－０００１",
    "no such day": "99999999",
    "markup": "<script>alert(1)</script>{{7*7}}{% debug %}",
    "sql": "' OR 1=1; --",
    "path": "../../../../etc/passwd",
    "url": "//evil.example/%0d%0aSet-Cookie:a=b",
    "emoji": "👩‍👩‍👧‍👦" * 50,
    "line breaks": "a\r\nb\rc\u2028d",
}
TYPED = {name: quote_plus(value.encode(errors="surrogatepass")) for name, value in VALUES.items()}
# In a body as it is: to read 300,000 signs of percent in each field takes longer than all else here together.
POSTED = {**TYPED, "huge": VALUES["huge"]}
# What every page is asked with; the other values are in addresses and in forms.
ASKED = ("nul", "lone surrogate", "huge", "number too large", "minus", "url")
QUERIES = [
    "&".join(f"{name}={TYPED[value][:9000]}" for name in ("q", "page", "next", "back", "ref")) for value in ASKED
]
BODIES = {
    "broken UTF-8": (b"name=\xff\xfe\xed\xa0\x80&phone=%ff%fe%00", "application/x-www-form-urlencoded"),
    "too many fields": (b"&".join(b"f%d=1" % number for number in range(2000)), "application/x-www-form-urlencoded"),
    "percent": (b"%", "application/x-www-form-urlencoded; charset=utf-7"),
    "no such charset": (b"name=a", "application/x-www-form-urlencoded; charset=no-such"),
    "deep JSON": (DEEP.encode(), "application/json"),
    "NUL in JSON": (b'{"name": "\\u0000\\ud800"}', "application/json"),
    "half a multipart": (
        b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nabc",
        "multipart/form-data; boundary=x",
    ),
    "multipart without boundary": (b"--x--", "multipart/form-data"),
    "endless boundary": (b"--x--", "multipart/form-data; boundary=" + "x" * 5000),
    "XML bomb": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "text/xml"),
    "no type": (b"\0\1\2", ""),
}  # fmt: skip
HEADERS = {
    "accept-language": "xx-" + "y" * 600 + ";q=abc, *;q=9",
    "cookie": "session=\x7f\xff; language=../../etc; csrf=" + "z" * 4000,
    "x-forwarded-for": "256.1.1.1, ::::, <b>",
    "referer": "javascript:alert(1)",
    "range": "bytes=9-1",
    "if-modified-since": "Yesterday",
    "content-encoding": "gzip",
    "hx-request": "true",
    "hx-current-url": "http://[",
    "user-agent": "\x00",
}
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
