"""The kinds of data that are shipped as drafts, read once for all test files of a process: it takes a second."""

from subscriptions.data_types.load import read_drafts

DRAFT_AGENCIES, DRAFTS = read_drafts()
