"""The shipped agencies and data types, read once for all test files of a process: checking their templates takes half a
second."""

from subscriptions.data_types.load import read_catalogue

AGENCIES, SPECS = read_catalogue()
