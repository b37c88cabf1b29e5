"""One day compared three ways: providers, ledger, agencies."""
