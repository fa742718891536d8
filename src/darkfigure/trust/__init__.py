"""What must be true for a figure and what could be wrong with it: claim, identify, check."""
