"""The compiled policy of one configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy.engine import rules, settings
from policy.engine.archive import Archive
from policy.engine.behaviour import behaviour
from policy.engine.core import authenticate
from policy.engine.decision import Decision, Effect, Outcome, Reason, Step, Trace
from policy.engine.filter import Filter, Question
from policy.engine.request import Headers, Stopped, Text, headers_of, see, text_of
from policy.engine.resources import Parser
from policy.engine.sender import Service, ServiceSender
from policy.knowledge import plugin as releases


class Policy:
    @classmethod
    def from_configuration(cls, configuration, *, plugin, permissions=None, anonymous=None, locate=None):
        release = releases.release(plugin)
        flags = behaviour(plugin)
        read = settings.read(configuration, release, flags, locate)
        own = rules.read(configuration, read, release, flags, locate)
        self = cls()
        self.settings = read
        self.rules = own
        self.flags = flags
        self.parser = Parser(release, flags, read.dicom_web_root)
        self.filter = Filter(read, rules.Table(own), self.parser, flags)
        return self

    def decide_request(
        self, method: Text, target: Text, headers: Headers, *, service: Service, archive: Archive, body=None
    ):
        trace = Trace()
        outcome = self._decide_request(method, target, headers_of(headers), service, archive, trace)
        return Decision(outcome, f"{text_of(method)} {text_of(target)}", trace=tuple(trace.checks))

    def _decide_request(self, method, target, headers, service, archive, trace):
        stopped = authenticate(self.settings.core, headers)
        if stopped is None:
            seen = see(method, target, headers)
            if not isinstance(seen, Stopped):
                if self.settings.off is not None:
                    return Outcome(Effect.PERMIT, Reason.FILTER_OFF)
                sender = ServiceSender(service, self.flags, works=self.settings.service_works)
                q = Question(seen, self.filter.present(seen), sender, archive)
                return self.filter.decide(q, trace)
            stopped = seen
        return Outcome(Effect.DENY, stopped.reason, status=stopped.status)
