"""Which plan the first page shows where none is named."""

from tests.reporting.facts import action, envelope, indicator, plan, recorded, result, tell

from shared.cloudevents import Envelope
from shared.testing import Client


async def test_of_several_plans_the_first_page_shows_one_that_has_results_and_is_acted_on(client: Client) -> None:
    def planned(code: str, title: str) -> list[Envelope]:
        return [
            envelope(plan(code, title), code, 1, 1),
            envelope(indicator("share", in_plan=code), f"{code}/share", 1, 2),
        ]

    older = [*planned("older", "An older plan"), envelope(indicator("more", in_plan="older"), "older/more", 1, 2)]
    older += [envelope(action("planned", ["share"], in_plan="older"), f"older/{n}", 1, 3) for n in range(3)]
    idle, acted_on = planned("idle", "An idle plan"), planned("now", "A plan of now")
    idle += [envelope(recorded("share", "met", result(50), in_plan="idle"), "idle/share/2020-21/global", 1, 4)]
    acted_on += [envelope(recorded("share", "met", result(50), in_plan="now"), "now/share/2020-21/global", 1, 4)]
    acted_on += [envelope(action("planned", ["share"], in_plan="now"), "now/outreach", 1, 5)]
    await tell(client, *older, *idle, *acted_on)
    page = await client.get("/", role="reader")
    assert (page.status_code, "<title>A plan of now · APGE Monitor</title>" in page.text) == (200, True)
