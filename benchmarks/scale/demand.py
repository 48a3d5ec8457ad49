"""What one action of an agent asks of everything, on average of the mix: from what the jobs were measured to do."""

from collections import Counter
from typing import NamedTuple

from .designs import Design
from .measured import Step
from .stores import ACTIONS_AN_HOUR, LOOKUPS, MIX

#: Actions of an agent at work in a second.
_A_SECOND = ACTIONS_AN_HOUR / 3600


class Demand(NamedTuple):
    """An action with its lookups and its form: `requests` to the API; `parameters`: calls to SSM, if no process has
    kept any; `points` that Shopify takes; `writes` and `reads`: DynamoDB's units by place; `submit`: the same units of
    the submit alone."""

    requests: float
    parameters: float
    points: float
    writes: Counter[str]
    reads: Counter[str]
    submit: Counter[str]

    @classmethod
    def of(cls, design: Design) -> "Demand":
        """What a design asks for."""
        found = cls(len(LOOKUPS) + 2, 0.0, 0.0, Counter(), Counter(), Counter())
        for job in LOOKUPS:
            found = found.with_steps(design.jobs[job], 1.0)
        for action, share in MIX.items():
            found = found.with_steps(design.jobs[f"{action}: form"], share / 100)
            found = found.with_steps(design.jobs[f"{action}: submit"], share / 100)
            for step in design.jobs[f"{action}: submit"]:
                found.submit.update({place: units * share / 100 for place, units in step.get("writes", {}).items()})
        return found

    def with_steps(self, steps: list[Step], share: float) -> "Demand":
        """This, and a share of a job's steps."""
        parameters, points = self.parameters, self.points
        for step in steps:
            parameters += share * ("ssm" in step)
            points += share * step.get("shopify", [0, 0])[1]
            self.writes.update({place: units * share for place, units in step.get("writes", {}).items()})
            self.reads.update({place: units * share for place, units in step.get("reads", {}).items()})
        return self._replace(parameters=parameters, points=points)


def agents(limit: float, per_action: float) -> int:
    """How many agents at work reach a limit per second, if each of their actions takes so much of it."""
    return int(limit / (per_action * _A_SECOND) + 1e-6)
