"""`apge watch`: every change of the views, one line each, for as long as you like.

A stream that breaks is taken up where it was: the last id goes back as Last-Event-ID, after a pause that grows with each failure.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apge.options import ADDRESS, Data, Raw, Token, Url
from apge.receipts import WITHHELD

if TYPE_CHECKING:
    from apge.client import Api
    from apge.sse import Sent

LONGEST_PAUSE = 30.0
SILENCE = 45.0  # three heartbeats


def watch(
    view: Annotated[
        list[str] | None, typer.Option(help="status, indicators, resources, recommendations, parity; repeatable")
    ] = None,
    since: Annotated[str | None, typer.Option(help="a position: what came after it is shown first")] = None,
    raw: Raw = False,
    url: Url = ADDRESS,
    token: Token = None,
    folder: Data = None,
) -> None:
    """Follow the live feed, one line per change, until Ctrl-C."""
    from apge.client import Api

    try:
        for sent in follow(Api(url, token, folder), view or [], since):
            if sent.data:
                sys.stdout.write((sent.data if raw else line_of(sent)) + "\n")
                sys.stdout.flush()
    except KeyboardInterrupt:
        return


def follow(api: "Api", views: list[str], since: str | None = None) -> Iterator["Sent"]:
    """Every event of the feed, over all breaks. Raises Trouble where the first connection fails, or the platform refuses."""
    import httpx

    from apge.client import Refused
    from apge.sse import events_of
    from apge.trouble import Trouble

    last, pause, failures, opened = since, 2.0, 0, False
    while True:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        params = [("view", view) for view in views]
        limits = httpx.Timeout(10.0, read=SILENCE)
        try:
            with api.stream(
                "GET", "/reporting/v1/live", role="reader", params=params, headers=headers, timeout=limits
            ) as response:
                opened, failures = True, 0
                for sent in events_of(response.iter_raw()):
                    last = sent.id or last
                    pause = pause if sent.retry is None else sent.retry / 1000
                    yield sent
            reason = "the stream was closed"
        except Trouble as trouble:
            if not opened or (isinstance(trouble, Refused) and trouble.status < 500):  # noqa: PLR2004 (the caller's mistake)
                raise
            reason, failures = str(trouble), failures + 1
        wait = min(pause * 2**failures, LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311 (spreads the reconnecting)
        sys.stderr.write(f"apge: {reason.rstrip('.')}; trying again in {wait:.1f} s\n")
        time.sleep(wait)


def line_of(sent: "Sent") -> str:
    """What an event says, in one line."""
    body: dict[str, Any] = json.loads(sent.data)
    if sent.event == "reset":
        return f"reset: {body.get('view', 'every view')} must be loaded anew ({body.get('reason', 'no reason given')})"
    when = str(body.get("at", ""))[11:19] or time.strftime("%H:%M:%S")
    view = body.pop("view", sent.event)
    return f"{when}  {view:<15} {_DESCRIBED.get(view, _fields)(body)}"


def _status(body: dict[str, Any]) -> str:
    if "status" not in body:
        return _fields(body)
    place = f"{body['plan']}/{body['indicator']} {body['phase']} {body['place']}"
    before, after = (str(body[name]).replace("_", " ") for name in ("before", "status"))
    moved = after if before == after else f"{before} -> {after}"
    if body.get("regressed"):
        return f"{place}: regressed, {before} in {body['before_phase']} -> {after}; remedial action {body['action']}"
    return f"{place}: {moved}{_result(body.get('result') or {})}"


def _result(result: dict[str, Any]) -> str:
    if "numerator" in result:
        return f" ({result['value']} %, {result['numerator']} of {result['denominator']})"
    text = result.get("text") or result.get("value")
    return f" ({text})" if text is not None else ""


def _parity(body: dict[str, Any]) -> str:
    if "snapshot" in body:
        rows = "" if body.get("rows") is None else f", {body['rows']:,} rows"
        return (
            f"snapshot of {body['source']} on {body['as_of']}, revision {body['revision']}{rows} ({body['snapshot']})"
        )
    if "measure" not in body:
        return _fields(body)
    name = " ".join(body[one] for one in ("measure", "place", "as_of") if one in body)
    name += f" of {body['source']}" if body.get("source") else ""
    note = f" ({body['source_note']})" if body.get("source_note") else ""
    return f"{name}: {_figure(body)}{note}"


def _figure(body: dict[str, Any]) -> str:
    """`suppressed` alone does not say that nothing is shown: others may be withheld, and women and men are there."""
    numerator, denominator = body.get("numerator"), body.get("denominator")
    if numerator is not None and denominator is not None:
        share = "" if body["share"] is None else f", {body['share']} per cent"
        return f"{numerator:,} of {denominator:,}{share}"
    if numerator is not None:
        return f"{numerator:,}"
    women, men, total = body["women"], body["men"], body["total"]
    if women is None or men is None:
        return WITHHELD
    among = women + men
    if total == 0:
        return "nobody"
    others = "" if total == among else ", others not shown" if total is None else f", {total - among:,} others"
    share = f"; {body['share']} % women of {among:,}" if among else ""
    return f"{women:,} women and {men:,} men{others}{share}"


def _fields(body: dict[str, Any]) -> str:
    shown = {name: value for name, value in body.items() if name not in {"key", "at", "event", "correlation"}}
    return ", ".join(f"{name} {value}" for name, value in shown.items())


_DESCRIBED = {"status": _status, "parity": _parity}
