"""Imitate the outside world on one machine: other companies' gateways, agencies, an identity provider, and phones.

A process of its own. It imports nothing of the product and the product never imports it: they meet over HTTP
and in files, as they would with the real ones.
"""
