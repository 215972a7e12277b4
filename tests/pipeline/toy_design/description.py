"""A design of a folder of its own: the mean after the change, less the mean before."""

from evalkit.design_register import Design

TOY = Design(
    name="toy comparison",
    title="a toy comparison of two means",
    starts_at="very low",
    starts_because="two means, and nothing else",
    compares=False,
    figure="fitted",
    no_decomposition="A toy has nothing to take apart.",
    false_alarms="",
    methods_page="index",
    templates={"toy": "trying out how a design is added"},
)
DESIGNS = (TOY,)
