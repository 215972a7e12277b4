"""What a difference-in-differences is to the rest of the book, synthetic control among them."""

from evalkit.design_register import Design

DIFFERENCES = Design(
    name="difference-in-differences",
    title="difference-in-differences, synthetic control",
    starts_at="moderate",
    starts_because="a comparison with places that did not make this change",
    compares=True,
    is_relative=True,
    figure="alongside",
    in_eight_steps=True,
    false_alarms="differences",
    methods_page="difference-in-differences",
    templates={
        "difference-in-differences": "several sites with one start, against others",
        "staggered-adoption": "several sites with several starts",
        "synthetic-control": "one site against weighted comparators",
    },
)
DESIGNS = (DIFFERENCES,)
