"""The measures of geographic representation, which are drawn from its table."""

from hr_diversity.measures.measure import WHOLE, Measure

COUNTED_POSTS = "Staff in grades P1 to DG on regular-budget posts subject to geographical distribution"
FOOTNOTE = "Human Resources Strategy 2022-25, progress 2022, footnote 3"

COUNTED = Measure(
    code="staff-subject-to-geographical-distribution",
    title="Women and men on posts subject to geographical distribution",
    definition=f"{COUNTED_POSTS}: women, men, other, total, and the share of women among the women and men in per cent.",
    formula=FOOTNOTE,
    population=COUNTED_POSTS,
)
OF_STAFF = Measure(
    code="workforce-subject-to-geographical-distribution",
    title="Staff on posts subject to geographical distribution, of all staff",
    definition=(
        f"Women and men among {COUNTED_POSTS[0].lower()}{COUNTED_POSTS[1:]}, of the women and men of all staff, in per cent: numerator of "
        "denominator."
    ),
    formula=FOOTNOTE,
    population=WHOLE,
)
ADEQUATE = Measure(
    code="countries-adequately-represented",
    title="Member States within their desirable range",
    definition="Member States whose nationals on counted posts are within the desirable range of the first policy in force, of all members.",
    formula="Human Resources Strategy 2022-25, progress 2022, paragraph 11",
    population="Member States of the policy's inputs",
    unit="countries",
)
GEOGRAPHY = (COUNTED, OF_STAFF, ADEQUATE)
