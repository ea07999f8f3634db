"""What of others a caller sees, beyond the matrix of routes: lists, references, callers of several roles."""

from tests.indicators.matrix import ABSENT, FOREIGN, OWN, start
from tests.indicators.plan import ACTION, HRD, NOW, OPERATOR, PARDEV, READER, at, get, results_of, version


async def test_an_action_for_anothers_indicator_is_refused_like_one_for_an_absent_indicator(client):
    await start(client)
    seen = []
    for code in (FOREIGN, ABSENT):
        body = {**ACTION, "code": "new", "indicators": [code]}
        answer = await client.post(at("actions"), json=body, **HRD)
        seen.append(answer.text.replace(code, "-").replace(answer.json()["instance"], ""))
    assert seen[0] == seen[1]


async def test_lists_and_what_is_due_show_a_custodian_nothing_of_others(client):
    await start(client)
    for path in ("indicators", "due", "actions"):
        assert FOREIGN not in str((await get(client, at(path), **HRD))["items"])
        assert OWN not in str((await get(client, at(path), **PARDEV))["items"])
        both = str((await get(client, at(path), **READER))["items"])
        assert OWN in both
        assert FOREIGN in both
        assert (await get(client, at(path), role="custodian", units=[]))["items"] == []


async def test_a_caller_of_several_roles_records_for_its_own_units_only(client, monkeypatch):
    await start(client)
    issuer = client.issuer
    token = issuer.token("custodian", ["HRD"])
    known = await client.app.state.verifier.verify(token)
    both = type(known)(known.subject, frozenset({"custodian", "operator"}), known.units, known.expires)

    async def verify(_):
        return both

    monkeypatch.setattr(client.app.state.verifier, "verify", verify)
    headers = {"Authorization": f"Bearer {token}"}
    body = {"phase": NOW, "value": 1}
    assert (await client.get(at("indicators/foreign"), headers=headers)).status_code == 200
    assert (await client.post(results_of(FOREIGN), json=body, headers=headers)).status_code == 404
    assert (await client.post(results_of(OWN), json=body, headers=headers)).status_code == 201


async def test_an_operator_does_not_record_and_a_custodian_does_not_review(client):
    await start(client)
    body = {"phase": NOW, "value": 1}
    assert (await client.post(results_of(OWN), json=body, **OPERATOR)).status_code == 403
    assert (await client.post(results_of(OWN, 1, "accept"), headers=version(1), **HRD)).status_code == 403
