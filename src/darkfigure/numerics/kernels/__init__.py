"""Compiled loops: plain arrays in and out. Import these modules inside functions only."""
