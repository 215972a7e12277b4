"""What an interrupted time series is to the rest of the book: one series alone, or against comparators."""

from evalkit.design_register import Design

NO_DECOMPOSITION = (
    "This is not a difference-in-differences, so there is no regression over several starts to take apart."
)

ALONE = Design(
    name="interrupted time series",
    title="interrupted time series of one site",
    starts_at="low",
    starts_because="one series against its own past, with nothing to say what else changed",
    compares=False,
    figure="fitted",
    no_decomposition=NO_DECOMPOSITION,
    false_alarms="series",
    methods_page="interrupted-time-series",
    templates={
        "interrupted-time-series": "one site, its own past",
        "weekend": "weekends against weekdays, from daily data",
    },
)
CONTROLLED = Design(
    name="controlled interrupted time series",
    title="interrupted time series with comparators",
    starts_at="moderate",
    starts_because="a comparison with places that did not make this change",
    compares=True,
    figure="fitted",
    no_decomposition=NO_DECOMPOSITION,
    false_alarms="series",
    methods_page="interrupted-time-series",
    templates={"controlled-interrupted-time-series": "one site against comparators, with a trend of its own"},
)
DESIGNS = (ALONE, CONTROLLED)
