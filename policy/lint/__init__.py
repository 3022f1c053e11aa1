"""The linter: rules over a deployment, findings out of it."""
