"""The lint rules: one module, one class each, found by :func:`policy.lint.rule.registry`."""
