"""Refuse a file as a whole. What each code says to an official: subscriptions/web/officials/list_words.py."""


class FileRefused(ValueError):
    """`code`: why. `detail`: a line, a limit or a heading of ours; never a value of a row."""

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, str(detail)
