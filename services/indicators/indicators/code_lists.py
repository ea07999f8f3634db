"""The meanings of the codes, in the words of the action plan. The codes themselves are the event contract's."""

from pydantic import BaseModel


class CodeList(BaseModel):
    name: str
    codes: dict[str, str]
    """each code with its meaning"""


class CodeLists(BaseModel):
    items: list[CodeList]


CODE_LISTS = {
    "status": {
        "on_track": "mid-cycle: the latest result reaches the target",
        "not_on_track": "mid-cycle: the latest result does not reach the target",
        "met": "end of cycle: the result reaches the target",
        "not_met": "end of cycle: the result does not reach the target",
        "data_unavailable": "there is no result, or one without data for a stated reason",
    },
    "kind": {
        "percentage": "a share in per cent, kept as numerator and denominator where they are known",
        "count": "a whole number of things done or held",
        "quantity": "any number with its unit: days, money, an index",
        "milestone": "reached or not",
        "categorical": "one of several named states",
        "ordinal": "one of several states in order, the lowest first",
        "compound": "several conditions that must all hold",
    },
    "operator": {
        "at_least": "the result is the target's value or more",
        "at_most": "the result is the target's value or less",
        "exactly": "the result is the target's value or category",
        "reached": "the milestone is reached",
        "all_of": "every part of the target holds",
        "increases": "the result is above the baseline; no number is named",
        "decreases": "the result is below the baseline; no number is named",
    },
    "no_data": {
        "audit_not_done": "the audit that would tell was not done",
        "event_not_held": "the event did not take place",
        "report_under_preparation": "the report that would tell is not finished",
        "not_reported": "the custodian has not reported",
        "not_measurable": "there is nothing to measure it by",
        "not_applicable": "what is asked does not apply here; the comment says why",
        "small_numbers": "the groups are too small to publish without pointing at persons",
    },
    "review": {
        "submitted": "recorded, not reviewed yet; counts",
        "accepted": "a reviewer accepted it, or a measure gave it; counts",
        "sent_back": "a reviewer sent it back with a reason; does not count",
    },
    "claim_concept": {
        "indicators-above-target": "numerator (or value) of denominator indicators have more than their target asks for",
        "indicators-on-or-above-target": "numerator (or value) of denominator indicators reach their target or more",
        "indicators-below-target": "numerator (or value) of denominator indicators do not reach their target",
        "areas-on-or-above-target": "numerator (or value) of denominator areas right below one reach their target, by their sums",
        "results-total": "value: the results of an area, or of a region, added up; results-total:RULE adds up those of a rule",
        "targets-total": "value: the targets of an area added up; targets-total:RULE adds up those of a rule",
        "deviation-from-target": "value: per cent that the results (numerator) are above, or with a minus below, the targets (denominator)",
        "shortfall-from-target": "value: how far the result stays below the target, in the unit of both",
        "budget-total": "value: what an area's budget lines add up to",
        "expenditure-total": "value: what an area's expenditure lines add up to",
        "deviation-from-budget": "value: per cent that an area's expenditure is above, or with a minus below, its budget",
        "budget:SOURCE": "value: the budget from a source of funds, of an area or of all of them",
        "expenditure:SOURCE": "value: the expenditure from a source of funds, of an area or of all of them",
        "share-of-expenditure:SOURCE": "value: per cent of an area's expenditure from a source of funds, e.g. regular-budget",
        "share-of-source:SOURCE": "value: per cent of a source of funds that was spent on the area",
        "marker-share:LEVEL": "value: per cent of the results (or proposals) at a level of the gender-equality marker",
    },
    "action_kind": {
        "accelerating": "speeds up what is behind or keeps it going",
        "remedial": "opened because a target that was met, or on track, is so no longer",
    },
    "action_state": {
        "planned": "agreed, not begun",
        "ongoing": "under way",
        "completed": "done",
        "dropped": "given up; the note says why",
    },
}
