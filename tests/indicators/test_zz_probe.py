import pytest, json
from tests.indicators.plan import HRD, NOW, results_of, at, V1, OPERATOR, UNIT, READER
from shared.paging import cursor


@pytest.mark.parametrize("n", [500, 700, 800, 900, 950, 990, 3000])
async def test_deep(ready, n):
    c = ('{"phase":"%s","value":1,"x":' % NOW) + "[" * n + "]" * n + "}"
    a = await ready.post(results_of("share"), content=c, headers={"Content-Type": "application/json"}, **HRD)
    print(n, a.status_code, a.text[:150])
    assert a.status_code in (400, 422)


async def test_surkey(ready):
    a = await ready.post(
        results_of("share"),
        content='{"phase":"2020-21","value":1,"\\ud800":1}',
        headers={"Content-Type": "application/json"},
        **HRD,
    )
    print(a.status_code, a.text[:300])
    assert a.status_code == 422


async def test_surkey2(ready):
    for c in (
        '{"phase":"2020-21","value":1,"provenance":{"document":"\\ud800"}}',
        '{"phase":"\\ud800","value":1}',
        '{"phase":"2020-21","value":"\\ud800"}',
        '{"phase":"2020-21","no_data":"\\ud800"}',
    ):
        a = await ready.post(results_of("share"), content=c, headers={"Content-Type": "application/json"}, **HRD)
        print(a.status_code, a.text[:300])
        assert a.status_code == 422


async def test_pub(ready):
    from tests.indicators.plan import PLAN_BODY

    b = {**PLAN_BODY, "published": [{"phase": NOW, "total": 1, "counts": {"x": 1}, "shares": {"y": 1}}]}
    s = json.dumps(b).replace('"x"', '"\\ud800"')
    a = await ready.put(f"{V1}/plans/zz", content=s, headers={"Content-Type": "application/json"}, **OPERATOR)
    print(a.status_code, a.text[:300])
    assert a.status_code == 422


@pytest.mark.parametrize("k", [[], ["\x00"], [None], [1], [[1]], ["\ud800"]])
async def test_cur(ready, k):
    try:
        c = cursor(k, f"{V1}/units")
    except TypeError:
        return
    a = await ready.get(f"{V1}/units?after={c}", **READER)
    print(k, a.status_code, a.text[:200])
    assert a.status_code < 500


async def test_key(ready):
    a = await ready.post(
        results_of("share"),
        json={"phase": NOW, "value": 101},
        headers={"Idempotency-Key": "é".encode("latin-1")},
        **HRD,
    )
    print(a.status_code, a.text[:200])
    assert a.status_code < 500


async def test_ctype(ready):
    for ct in ("text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data"):
        a = await ready.post(
            results_of("share"), content=b'{"phase":"2020-21","value":101}', headers={"Content-Type": ct}, **HRD
        )
        print(ct, a.status_code, a.text[:200])
        assert a.status_code < 500
