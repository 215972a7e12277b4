"""What a description is to the rest of the book: points, and no estimate."""

from evalkit.design_register import Design

DESCRIPTION = Design(
    name="description",
    title="description of single points, which estimates nothing",
    starts_at=None,
    starts_because="nothing is estimated, so there is nothing to be certain of",
    compares=False,
    figure="points",
    describes=True,
    no_decomposition="Nothing is estimated here, so there is no regression to take apart.",
    false_alarms="",
    methods_page="few-points",
    templates={"describe": "a few or irregular points: survey waves, three years"},
)
DESIGNS = (DESCRIPTION,)
