"""Files to the effective configuration: recognised, merged as the real programs merge, each value with its origin."""
