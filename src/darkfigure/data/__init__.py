"""Captures: records, tables and frequencies, how they are read, and the published tables."""
