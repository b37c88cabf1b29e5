#!/bin/sh
# hanja 0.15.1 reads hanja in Korean character by character: the surname 金 as 금, June and October as 육월 and 십월.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check hanja==0.15.1
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import hanja

SEEN = {
    "金": ("금", "김, as a surname"),
    "六月": ("육월", "유월 (한글 맞춤법 §52)"),
    "十月": ("십월", "시월 (the same)"),
    "不動産": ("불동산", "부동산: 불 loses its ㄹ before ㄷ and ㅈ"),
    "音樂": ("음락", "음악"),
    "羅州": ("나주", "나주"),  # what begins a word is known (두음법칙)
    "新羅": ("신라", "신라"),
}
print("hanja", version("hanja"))
for word, (seen, right) in SEEN.items():
    answer = hanja.translate(word, "substitution")
    print(f"{word} → {answer}; Korean has {right}")
    assert answer == seen, "it changed"
PYTHON
