from policy.engine.policy import Policy
