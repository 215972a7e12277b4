"""Reasons for which patients stayed in hospital, each as two people read it: ``data/delay_reasons.csv``."""

from typing import Literal, get_args

from evalkit.catalogue.records.fields import ColumnName, OneLine, Record, Words

DelayClass = Literal["in_hospital", "interface", "out_of_hospital", "patient_and_family"]
DELAY_CLASSES: tuple[str, ...] = get_args(DelayClass)


class DelayReason(Record):
    """A line: a column of the table of reasons, its name in a few words and as published, and whom patients waited for in the view of each reader.

    Neither reader saw what the other wrote, and the two are never made one.
    """

    reason: ColumnName
    label: OneLine
    published: OneLine
    class_1: DelayClass
    why_1: Words
    class_2: DelayClass
    why_2: Words
