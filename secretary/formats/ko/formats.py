"""2026. 3. 14.(토) 오후 2:00"""

DATE_FORMAT = "Y. n. j.(D)"
TIME_FORMAT = "A g:i"
DATETIME_FORMAT = "Y. n. j.(D) A g:i"
SHORT_DATE_FORMAT = "Y. n. j."
SHORT_DATETIME_FORMAT = "Y. n. j. A g:i"

# What is typed: as browsers write a day, as pages show it, and as letters do. No 12/01/26: that is a day in December to
# some and one in January to others.
DATE_INPUT_FORMATS = [
    "%Y-%m-%d",
    "%Y. %m. %d.",
    "%Y. %m. %d",
    "%Y.%m.%d.",
    "%Y.%m.%d",
    "%Y/%m/%d",
    "%Y년 %m월 %d일",
]
