"""Estimates, comparisons and their pictures."""
