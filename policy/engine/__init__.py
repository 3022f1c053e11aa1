"""The engine: a compiled policy and its decisions."""

from __future__ import annotations

from policy.engine.decision import Answer, Check, Condition, Decision, Effect, Reason, Step
from policy.engine.default import decide, use
from policy.engine.level import Level
from policy.engine.policy import Policy
from policy.engine.proxy import Answered, Forwarded, Proxy
from policy.engine.request import Request
from policy.engine.rules import Rule
from policy.engine.sender import Service, ServiceError, UserProfile
from policy.engine.settings import Credential, Origin, Unchecked
from policy.engine.subject import ApiKey

__all__ = [
    "Answer",
    "Answered",
    "ApiKey",
    "Check",
    "Condition",
    "Credential",
    "Decision",
    "Effect",
    "Forwarded",
    "Level",
    "Origin",
    "Policy",
    "Proxy",
    "Reason",
    "Request",
    "Rule",
    "Service",
    "ServiceError",
    "Step",
    "Unchecked",
    "UserProfile",
    "decide",
    "use",
]
