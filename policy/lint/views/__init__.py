"""Views of a deployment that several rules share: small, typed, each on one topic."""
