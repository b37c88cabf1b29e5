"""Manage staff: accounts, roles, approvers, sign-in and its limits."""
