"""What the indicators service states of documents, published claims and rules between values, on the topic `apge.indicators`."""

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Aggregate, Event, State
from shared.events.indicators import Provenance, Status
from shared.figures import Figure


class DocumentState(State):
    """A document, attached once and cited from many places. `digest` is the SHA-256 of its content where that is kept here."""

    code: str
    title: str
    url: str | None = None
    media_type: str | None = None
    bytes: int | None = None
    digest: str | None = None
    withdrawn: bool = False
    reason: str | None = None


class DocumentAttached(DocumentState, Event, type="indicators.document-attached.v1"):
    """A document can be cited as evidence, or has another title, address or content than before."""

    aggregate: ClassVar[Aggregate] = "document"


class DocumentWithdrawn(DocumentState, Event, type="indicators.document-withdrawn.v1"):
    """A document no longer proves anything; whoever cites it is flagged."""

    aggregate: ClassVar[Aggregate] = "document"


class ClaimState(State):
    """What a source says, as it says it: a status, a value, or a share beside its counts. It never replaces what is computed.

    `concept` is the same word for the same thing in all sources. With `indicator` (and phase and place) it is about a target; with
    `area` about an area.
    """

    plan: str
    code: str
    text: str
    concept: str | None = None
    phase: str | None = None
    indicator: str | None = None
    place: str | None = None
    area: str | None = None
    as_of: date | None = None
    status: Status | None = None
    value: Figure | None = None
    numerator: int | None = None
    denominator: int | None = None
    unit: str | None = None
    provenance: Provenance | None = None


class ClaimPublished(ClaimState, Event, type="indicators.claim-published.v1"):
    """A statement of a source was recorded as its claim, or is recorded otherwise than before."""

    aggregate: ClassVar[Aggregate] = "claim"


class Term(State):
    """A figure in a rule: the standing result of an indicator at a place; `region:*` and `portfolio:*` are the sum over all of them."""

    indicator: str
    place: str = "global"
    phase: str | None = None
    factor: Figure | None = None


class RuleState(State):
    """`left operator right`, each side a sum of terms; `right` may be a constant. `error` refuses a result, `warning` reports it."""

    plan: str
    code: str
    title: str
    left: list[Term]
    operator: Literal["equals", "at_least", "at_most"]
    right: list[Term] = []
    constant: Figure | None = None
    severity: Literal["error", "warning"] = "error"


class RuleDefined(RuleState, Event, type="indicators.rule-defined.v1"):
    """A rule between values exists, or is another than before."""

    aggregate: ClassVar[Aggregate] = "rule"
