"""Printed figures beside their own arithmetic: shares beside their counts, counts beside their total."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from indicators.rules.contradictions.facts import Contradiction, Facts, Input, Said, of_claim, printed_beside, slack
from shared.events.indicators import Published
from shared.figures import round_half_up

PER_CENT = (None, "per cent", "%")


def shares_beside_their_counts(facts: Facts) -> Iterator[Contradiction]:
    """A claimed percentage that its own counts do not give."""
    for claim in facts.claims:
        if claim.value is None or claim.numerator is None or not claim.denominator or claim.unit not in PER_CENT:
            continue
        if (claim.concept or "").startswith("deviation-from-"):
            continue
        exact = Fraction(claim.numerator * 100, claim.denominator)
        inputs = [Input(of="counts", words=f"{claim.numerator} of {claim.denominator}")]
        said = of_claim(facts.plan.code, claim)
        found = printed_beside(
            "share-beside-counts", facts.plan.code, said, claim.value, exact, unit="per cent", inputs=inputs
        )
        if found is not None:
            yield found.model_copy(update={"indicators": [claim.indicator] if claim.indicator else []})


def headline_counts(facts: Facts) -> Iterator[Contradiction]:
    """Published counts that do not add to their published total."""
    for published in facts.plan.published:
        total = sum(published.counts.values())
        if published.counts and total != published.total:
            yield Contradiction(
                rule="counts-add-to-total",
                severity="contradiction",
                plan=facts.plan.code,
                words=f"the published counts of {published.phase} add up to {total}, the published total is {published.total}",
                said=[_said(facts, published, str(published.total), Decimal(published.total))],
                computed=Decimal(total),
                inputs=[Input(of=name, words=str(count)) for name, count in published.counts.items()],
                difference=Decimal(published.total - total),
            )


def headline_shares(facts: Facts) -> Iterator[Contradiction]:
    """Published shares that their counts do not give, or that make no 100 together beyond the rounding of each."""
    for published in facts.plan.published:
        for name, printed in published.shares.items():
            if name not in published.counts or published.total == 0:
                continue
            count = published.counts[name]
            text = f"{name} {published.phase}: {count} of {published.total}, {printed} per cent"
            found = printed_beside(
                "headline-share",
                facts.plan.code,
                _said(facts, published, text, printed),
                printed,
                Fraction(count * 100, published.total),
                unit="per cent",
                inputs=[Input(of=name, words=f"{count} of {published.total}")],
            )
            if found is not None:
                yield found
        if published.shares and set(published.shares) == set(published.counts):
            yield from _make_no_hundred(facts, published)


def _make_no_hundred(facts: Facts, published: Published) -> Iterator[Contradiction]:
    shares = list(published.shares.values())
    total = sum((Fraction(share) for share in shares), Fraction(0))
    if abs(total - 100) > slack(shares):
        text = " + ".join(f"{share}" for share in shares)
        yield Contradiction(
            rule="headline-shares-make-100",
            severity="contradiction",
            plan=facts.plan.code,
            words=f"the published shares of {published.phase}, {text}, make {round_half_up(total)}, more off 100 than rounding explains",
            said=[_said(facts, published, text, None)],
            computed=round_half_up(total, 3),
            exact=str(total),
            inputs=[Input(of=name, words=f"{share} per cent") for name, share in published.shares.items()],
            difference=round_half_up(100 - total, 3),
        )


def headlines_beside_what_is_known(facts: Facts) -> Iterator[Contradiction]:
    """Published counts of statuses beside those of the targets that are known here; parts are not counted beside their whole."""
    for published in facts.plan.published:
        known = Counter(_statuses(facts, published.phase))
        told = {name: count for name, count in published.counts.items() if name in STATUSES}
        if not told or all(known[name] == count for name, count in told.items()):
            continue
        total = sum(known.values())
        listed = ", ".join(f"{name} {count} ({known[name]} here)" for name, count in told.items())
        less = total < published.total
        yield Contradiction(
            rule="headline-beside-targets",
            severity="coverage" if less else "contradiction",
            plan=facts.plan.code,
            words=f"published of {published.total} targets in {published.phase}: {listed}; "
            + (f"only {total} of them are known here" if less else f"{total} are known here"),
            said=[_said(facts, published, listed, Decimal(published.total))],
            computed=Decimal(total),
            inputs=[Input(of=name, words=str(count)) for name, count in sorted(known.items())],
            difference=Decimal(published.total - total),
        )


STATUSES = frozenset({"on_track", "not_on_track", "met", "not_met", "data_unavailable"})


def _statuses(facts: Facts, phase: str) -> Iterator[str]:
    lines = [line for line in facts.lines if line.target.phase == phase and line.target.part_of is None]
    yield from (line.status for line in lines)
    with_target = {line.indicator.code for line in lines}
    for indicator in {line.indicator.code: line.indicator for line in facts.lines}.values():
        if indicator.code not in with_target:
            yield from (earlier.status for earlier in indicator.earlier if earlier.phase == phase)


def _said(facts: Facts, published: Published, text: str, value: Decimal | None) -> Said:
    of = f"plan/{facts.plan.code}, published for {published.phase}"
    return Said(of=of, text=text, value=value, provenance=published.provenance)
