#!/bin/sh
# XML in EUC-KR: Python's expat, and so defusedxml 0.7.1, refuses it; lxml 6.1.3 reads a syllable that KS X 1001 spells out
# as four letters, and refuses it where it stands as in Windows (CP949).
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check defusedxml==0.7.1 lxml==6.1.3
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version
from xml.etree.ElementTree import fromstring as standard

import lxml.etree
from defusedxml.ElementTree import fromstring as defused

# 똠 is none of the 2,350 syllables of KS X 1001, whose annex 3 writes it in eight bytes, CP949 in two.
OFFICE = '<?xml version="1.0" encoding="EUC-KR"?><name>보건소</name>'
NAME = '<?xml version="1.0" encoding="EUC-KR"?><name>홍똠</name>'
LETTERS = "홍\u3164ㄸㅗㅁ"
REFUSED = "ValueError: multi-byte encodings are not supported"


def read(parse, document):
    try:
        return parse(document).text
    except (ValueError, lxml.etree.XMLSyntaxError) as error:
        return f"{type(error).__name__}: {error}".split(",")[0]


print("defusedxml", version("defusedxml"), "lxml", version("lxml"), "libxml2", lxml.etree.LIBXML_VERSION)
SEEN = {
    ("a common word", OFFICE, "euc-kr"): (REFUSED, REFUSED, "보건소"),
    ("똠 spelt out", NAME, "euc-kr"): (REFUSED, REFUSED, LETTERS),
    ("똠 as in Windows", NAME, "cp949"): (REFUSED, REFUSED, "XMLSyntaxError: Invalid bytes in character encoding"),
}
for (what, document, codec), seen in SEEN.items():
    answers = tuple(read(parse, document.encode(codec)) for parse in (standard, defused, lxml.etree.fromstring))
    print(what, dict(zip(("xml.etree", "defusedxml", "lxml"), map(ascii, answers), strict=True)))
    assert answers == seen, "it changed"
PYTHON
