"""What is tried before a release; ``.ci/release_check`` runs it."""
