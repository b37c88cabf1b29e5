"""Compare one day three ways: providers, ledger, agencies."""
