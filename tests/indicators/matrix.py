"""The authorisation matrix: one row for each route, from which `test_matrix.py` makes every call.

To add a route, add a row: what each role gets for its own (HRD's), another unit's (PARDEV's) and an absent object, and how a right
request for the three is written. A role that is not named gets 403. Whatever the rows need besides is put there by `start`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.indicators.plan import (
    ACTION,
    CLAIM,
    HRD,
    INDICATORS,
    MARKERS,
    NOW,
    PARDEV,
    PLAN,
    PLAN_BODY,
    RESOURCES,
    REVIEWER,
    RULE,
    SHARE,
    UNIT,
    V1,
    at,
    begin,
    define,
    results_of,
    version,
)

from shared.auth import ROLES

OWN, FOREIGN, ABSENT = "share", "foreign", "absent"
OBJECTS = (OWN, FOREIGN, ABSENT)
NEW = "{new}"
"""A name that nothing has yet, another for each role."""

Expected = dict[str, tuple[int, int, int]]
ALL: Expected = dict.fromkeys(ROLES, (200, 200, 200))
"""Lists: what a caller may see is in them, and there is no object to be absent."""
ANY_ONE: Expected = dict.fromkeys(ROLES, (200, 200, 404))
OWN_ONE: Expected = {**ANY_ONE, "custodian": (200, 404, 404)}
DEFINE: Expected = {"operator": (200, 200, 201)}
KEEP: Expected = {"operator": (200, 200, 201), "custodian": (200, 409, 201)}
REVIEW: Expected = {"reviewer": (200, 200, 404)}
KEEP_ONE: Expected = {"operator": (200, 200, 404), "custodian": (200, 404, 404)}
DOCUMENT = {"title": "The annual report", "url": "https://example.org/report"}
TEXT = b"as reported"
OF_PLAN = f"plan={PLAN}"
UNITS = ("HRD", "PARDEV", "NONE")
PLANS = (PLAN, PLAN, ABSENT)


@dataclass(frozen=True)
class Row:
    """`objects` stand for the names in the path but for phase, place and number; `body` may follow from the object's name, and a NEW
    in either is a name that nothing has yet.
    """

    expected: Expected
    objects: tuple[str, str, str] = OBJECTS
    query: str | tuple[str, str, str] = OF_PLAN
    body: Any = None
    number: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    as_role: dict[str, str] = field(default_factory=dict)
    """what stands further in the query of a role"""

    def request(self, name: str, whose: int, role: str) -> tuple[str, str, dict[str, Any]]:
        """(method, path, the rest) of a right request for the object `whose` (0 own, 1 foreign, 2 absent)."""
        method, template = name.split()
        new = f"new-{role or 'nobody'}-{whose}"
        code = self.objects[whose].format(new=new.upper() if template.startswith("/units") else new)
        names = defaultdict(lambda: code, phase=NOW, place="global", number=str(self.number))
        query = (self.query if isinstance(self.query, str) else self.query[whose]) + self.as_role.get(role, "")
        rest: dict[str, Any] = {"headers": dict(self.headers)}
        if self.body is not None:
            rest["json"] = self.body(code) if callable(self.body) else self.body
        if isinstance(rest.get("json"), dict):
            rest["json"] = {name: new if value == NEW else value for name, value in rest["json"].items()}
        if self.content is not None:
            rest["content"] = self.content
        return method, V1 + template.format_map(names) + (f"?{query}" if query else ""), rest


def action_of(code: str) -> dict[str, Any]:
    unit = "PARDEV" if code.startswith(FOREIGN) else "HRD"
    return {**ACTION, "indicators": [code if code in OBJECTS else OWN], "custodians": [unit]}


def new_action_of(code: str) -> dict[str, Any]:
    return {**ACTION, "indicators": [code], "code": NEW}


def rows_of_upload(code: str) -> list[dict[str, Any]]:
    return [{"indicator": code, "phase": NOW, "value": 46, "as_of": "2020-06-30"}]


def rule_of(code: str) -> dict[str, Any]:
    return {**RULE, "left": [{"indicator": FOREIGN if code == FOREIGN else OWN}], "right": [], "constant": 50}


def indicator_of(code: str) -> dict[str, Any]:
    return INDICATORS.get(code, SHARE)


REVIEWED = "/indicators/{code}/results/{phase}/{place}/{number}"
"""Result 1 of each indicator is submitted and result 2 accepted, which is version 3."""
DEFINED = (OWN, FOREIGN, NEW)

MATRIX: dict[str, Row] = {
    "GET /units": Row(ALL, query=""),
    "GET /units/{code}": Row(ANY_ONE, UNITS, ""),
    "PUT /units/{code}": Row(DEFINE, ("HRD", "PARDEV", NEW), "", lambda code: {**UNIT, "name": code}),
    "GET /units/{code}/changes": Row(ANY_ONE, UNITS, ""),
    "GET /plans": Row(ALL, query=""),
    "GET /plans/{code}": Row(ANY_ONE, PLANS, ""),
    "PUT /plans/{code}": Row(DEFINE, (PLAN, PLAN, NEW), "", PLAN_BODY),
    "GET /plans/{code}/changes": Row(ANY_ONE, PLANS, ""),
    "GET /plans/{code}/diff": Row(ANY_ONE, PLANS, "with_version=1"),
    "GET /plans/{code}/markers": Row(ANY_ONE, PLANS, ""),
    "GET /plans/{code}/totals": Row(ANY_ONE, PLANS, ""),
    "GET /plans/{code}/ratings": Row(ANY_ONE, PLANS, ""),
    "GET /indicators": Row(ALL),
    "GET /indicators/{code}": Row(OWN_ONE),
    "PUT /indicators/{code}": Row(DEFINE, DEFINED, body=indicator_of),
    "GET /indicators/{code}/changes": Row(OWN_ONE),
    "GET /indicators/{code}/results": Row(OWN_ONE),
    "GET /indicators/{code}/progress": Row(OWN_ONE),
    "GET /indicators/{code}/why": Row(OWN_ONE, query=f"{OF_PLAN}&phase={NOW}"),
    "GET /indicators/{code}/aggregate": Row(OWN_ONE),
    "POST /indicators/{code}/results": Row({"custodian": (201, 404, 404)}, body={"phase": NOW, "value": 45}),
    f"POST {REVIEWED}/accept": Row(REVIEW, headers=version(3)),
    f"POST {REVIEWED}/send-back": Row(REVIEW, body={"reason": "-"}, headers=version(3)),
    f"POST {REVIEWED}/reopen": Row(REVIEW, body={"reason": "-"}, headers=version(3), number=2),
    "GET /template": Row(ANY_ONE, query=(OF_PLAN, OF_PLAN, "plan=absent")),
    "POST /results": Row(
        {"custodian": (200, 422, 422), "operator": (200, 200, 422)},
        body=rows_of_upload,
        as_role={"operator": "&published=true"},
    ),
    "GET /due": Row(ANY_ONE, query=(OF_PLAN, OF_PLAN, "plan=absent")),
    "GET /timeliness": Row(ANY_ONE, query=(OF_PLAN, OF_PLAN, "plan=absent")),
    "GET /changes": Row({"reviewer": (200, 200, 200), "operator": (200, 200, 200)}, query=""),
    "GET /code-lists": Row(ALL, query=""),
    "GET /actions": Row(ALL),
    "GET /actions/{code}": Row(OWN_ONE),
    "GET /actions/{code}/changes": Row(OWN_ONE),
    "POST /actions": Row({"operator": (201, 201, 422), "custodian": (201, 422, 422)}, body=new_action_of),
    "PUT /actions/{code}": Row(KEEP, DEFINED, body=action_of),
    "PATCH /actions/{code}": Row(KEEP_ONE, body={"state": "planned"}, headers=version(1)),
    "POST /indicators/{code}/custodians": Row(
        {"operator": (200, 200, 404)},
        body={"change": "add", "units": ["PROGRAM"], "reason": "-"},
        headers=version(1),
    ),
    "GET /contradictions": Row(ANY_ONE, query=(OF_PLAN, OF_PLAN, "plan=absent")),
    "GET /documents": Row(ALL, query=""),
    "GET /documents/{code}": Row(ANY_ONE, query=""),
    "PUT /documents/{code}": Row(KEEP, DEFINED, "", DOCUMENT),
    "GET /documents/{code}/changes": Row(ANY_ONE, query=""),
    "GET /documents/{code}/content": Row(ANY_ONE, query=""),
    "PUT /documents/{code}/content": Row(KEEP_ONE, query="", content=TEXT, headers={"Content-Type": "text/plain"}),
    "POST /documents/{code}/withdraw": Row(
        # the custodian, who comes first, has withdrawn the first of them
        {"operator": (412, 200, 404), "custodian": (200, 404, 404)},
        query="",
        body={"reason": "-"},
        headers=version(2),
    ),
    "GET /documents/{code}/citations": Row(ANY_ONE, query=""),
    "GET /resources": Row(ALL),
    "GET /resources/{area}": Row(ANY_ONE, ("staff", "staff", "oversight"), f"{OF_PLAN}&phase={NOW}"),
    "PUT /resources/{area}": Row(DEFINE, ("staff", "staff", "oversight"), f"{OF_PLAN}&phase={NOW}", RESOURCES),
    "GET /markers": Row(ALL),
    "GET /markers/{population}": Row(ANY_ONE, query=f"{OF_PLAN}&phase={NOW}"),
    "PUT /markers/{population}": Row(DEFINE, DEFINED, f"{OF_PLAN}&phase={NOW}", MARKERS),
    "GET /claims": Row(ALL),
    "GET /claims/{code}": Row(OWN_ONE),
    "PUT /claims/{code}": Row(
        DEFINE, DEFINED, body=lambda code: {**CLAIM, "indicator": FOREIGN if code == FOREIGN else OWN}
    ),
    "GET /rules": Row(ALL),
    "GET /rules/{code}": Row(OWN_ONE),
    "PUT /rules/{code}": Row(DEFINE, DEFINED, body=rule_of),
}


async def start(client: Any) -> None:
    """One of everything is the caller's own (HRD), and one another unit's (PARDEV)."""
    await begin(client, OWN, FOREIGN)
    for code, caller in ((OWN, HRD), (FOREIGN, PARDEV)):
        await define(client, at(f"actions/{code}"), action_of(code))
        assert (await client.put(f"{V1}/documents/{code}", json=DOCUMENT, **caller)).status_code == 201
        kept = {"content": TEXT, "headers": {"Content-Type": "text/plain", **version(1)}}
        assert (await client.put(f"{V1}/documents/{code}/content", **kept, **caller)).status_code == 200
        for day in ("2020-03-31", "2020-04-30"):
            body = {"phase": NOW, "value": 1, "as_of": day}
            assert (await client.post(results_of(code), json=body, **caller)).status_code == 201
        done = await client.post(results_of(code, 2, "accept"), headers=version(2), **REVIEWER)
        assert done.status_code == 200, done.text
        await define(client, at(f"markers/{code}") + f"&phase={NOW}", MARKERS)
        await define(client, at(f"claims/{code}"), {**CLAIM, "indicator": code})
        await define(client, at(f"rules/{code}"), rule_of(code))
    await define(client, at("resources/staff") + f"&phase={NOW}", RESOURCES)
