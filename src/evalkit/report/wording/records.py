"""What records say by a key, in the words that pages have for it."""

from typing import NamedTuple


class Expected(NamedTuple):
    """A change that was expected: in a list, in a sentence, and at its beginning."""

    listed: str
    told: str
    first: str


EXPECTED = {
    "increase": Expected("a rise", "a rise", "A rise"),
    "decrease": Expected("a fall", "a fall", "A fall"),
    "no_change": Expected("no change", "no change", "No change"),
    "unclear": Expected("unclear", "no particular direction", "Either way"),
}
BETTER = {"increase": "higher", "decrease": "lower", "neutral": "neither"}
ROLES = {
    "primary": "answers the question",
    "secondary": "also looked at",
    "negative_control": "should not have moved",
    "spill_over": "a neighbour",
    "recording_check": "a check of recording",
}
ADDED = "added later"
# Whether what an evaluation fixed is as it was when the fingerprint was written down.
KEPT = {
    "not_written_down": "",
    "unchanged": "Written down with the protocol; what was fixed has not been changed since.",
    "change_told": "What was fixed has been changed since its fingerprint was written down; a departure says what.",
    "change_untold": "What was fixed has been changed since its fingerprint was written down, and no departure says what.",
}
INDEPENDENCE = {
    "own": "Evaluated by those who run the service",
    "book": "Evaluated by those who wrote this book, who do not run the service",
    "peer_reviewed": "Peer reviewed",
    "independent": "Independent",
}
ABOUT = {
    "same_change": "On the same change",
    "same_programme": "On the same programme",
    "same_kind": "On a change of the same kind",
}
KNOWN = {
    "before_data": "fixed before the data existed",
    "not_looked_at": "when the data existed and nobody here had looked at the outcome",
    "already_seen": "when the outcome had already been seen",
}
OUTCOME_KNOWN = {
    "not_looked_at": "when nobody here had looked at the outcome",
    "read_of": "when a source had told something of the outcome",
    "seen": "when the outcome had already been seen",
}
COUNTED_ON = {
    "calendar_days": "all days: figures per day are per calendar day",
    "weekend_days": "Saturdays and Sundays: figures per day are per weekend day",
    "working_days": "Monday to Friday, without bank holidays in England: figures per day are per working day",
    "person_time": "the person-time of its denominator, by which it is divided",
    "none": "no days: it is never divided by the length of a month",
}
EXPLAINS = {
    "all": "could explain all of it", "part": "could explain a part", "little": "could explain little",
    "none": "does not touch the answer",
}  # fmt: skip
