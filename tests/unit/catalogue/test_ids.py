"""An id can be read back from what it was made of."""

import pytest

from evalkit.catalogue.new_evaluation_files import slug


@pytest.mark.parametrize(
    ("title", "id"),
    [
        ("Weekend ward rounds at Élan", "weekend-ward-rounds-at-elan"),
        ("Hôpital Élan (example)", "hopital-elan-example"),
        ("  A&E, 24/7!  ", "a-e-24-7"),
    ],
)
def test_an_id_keeps_its_letters_without_accents(title, id):
    assert slug(title) == id
