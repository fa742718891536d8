"""The page and the paragraph that one would hand to a minister."""
