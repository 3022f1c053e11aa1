"""Questions that people have about a policy, answered: explain, matrix, diff and their kin."""
