"""Every view keeps what every projection must."""

from tests.contracts.projection_suite import ProjectionSuite
from tests.reporting.facts import WORLD, in_time

from reporting.main import service
from reporting.projections import actions, parity, recommendations, registers, resources, status
from shared.cloudevents import Envelope


class OfTheWorld(ProjectionSuite):
    service = service

    def facts(self) -> list[Envelope]:
        return [one for one in in_time(WORLD) if one.type in self.projection.subscribers]


class TestStatus(OfTheWorld):
    projection = status.status


class TestRecommendations(OfTheWorld):
    projection = recommendations.recommendations


class TestParity(OfTheWorld):
    projection = parity.parity


class TestRegisters(OfTheWorld):
    projection = registers.registers


class TestResources(OfTheWorld):
    projection = resources.resources


class TestActions(OfTheWorld):
    projection = actions.actions
