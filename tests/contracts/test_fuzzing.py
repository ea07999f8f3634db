"""Every operation of every service, called with what its own description allows and with what it does not: no server error, and
every answer as described.
"""

import time
from typing import Any, get_args

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.embedded import Embedded, embedded

__all__ = ["embedded"]

from shared.auth import Role
from shared.issuer import AUDIENCE, ISSUER, LocalIssuer

pytestmark = [pytest.mark.timeout(600)]

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
ENDLESS = ["/reporting/v1/live"]  # a stream: its tests are in tests/reporting
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def everybody(platform: Embedded) -> dict[str, str]:
    """The header of a caller with every role, so that what is tried gets past the door."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "everybody", "iat": now, "exp": now + 3600, "roles": list(get_args(Role)), "units": ["HRD", "TURIN"]}  # fmt: skip
    return {"Authorization": f"Bearer {LocalIssuer(platform.folder / 'issuer').sign(claims)}"}


@pytest.mark.parametrize("service", ["indicators", "hr-diversity", "recommendations", "reporting"])
def test_every_operation_answers_as_described_and_never_with_a_server_error(service: str, embedded: Embedded) -> None:
    schema = schemathesis.openapi.from_url(f"{embedded.url}/{service}/openapi.json").exclude(path=ENDLESS)
    headers, tried = everybody(embedded), 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @FEW
        @given(case=operation.as_strategy())
        def answers_as_described(case: Any) -> None:
            case.validate_response(case.call(headers=headers, timeout=60), checks=CHECKS)

        answers_as_described()
        tried += 1
    assert tried >= 8
