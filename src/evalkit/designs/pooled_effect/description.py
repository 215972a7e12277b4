"""What the effects of several sites, pooled, are to the rest of the book."""

from evalkit.design_register import Design

POOLED = Design(
    name="pooled effect",
    title="several sites pooled",
    starts_at=None,
    starts_because="where the weakest of its sites' own studies starts",
    compares=True,
    figure="forest",
    no_decomposition=(
        "Each site was analysed by itself and the effects were then pooled: no regression over all sites is taken apart."
    ),
    false_alarms="",
    methods_page="index",
)
DESIGNS = (POOLED,)
