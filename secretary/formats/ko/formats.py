"""2026. 3. 14.(토) 오후 2:00"""

DATE_FORMAT = "Y. n. j.(D)"
TIME_FORMAT = "A g:i"
DATETIME_FORMAT = "Y. n. j.(D) A g:i"
SHORT_DATE_FORMAT = "Y. n. j."
SHORT_DATETIME_FORMAT = "Y. n. j. A g:i"
