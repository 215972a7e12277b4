"""Where a source was read: a link where that is an address of the web, and never anything else."""

import pytest

from evalkit.book.content.addresses import linked


def test_an_address_is_a_link():
    assert linked("nhs.uk/a?b=1&c=2") == '<a href="https://nhs.uk/a?b=1&amp;c=2">nhs.uk/a?b=1&amp;c=2</a>'
    assert linked("http://salus.global") == '<a href="http://salus.global">http://salus.global</a>'


def test_an_address_among_words_is_a_link_and_the_words_stay():
    assert linked("gazette.co.uk 15 Jun 2017") == '<a href="https://gazette.co.uk">gazette.co.uk</a> 15 Jun 2017'
    said = linked("not known, the report is at\nhealth.org.uk/some-assembly, we think.")
    assert said == (
        'not known, the report is at\n<a href="https://health.org.uk/some-assembly">health.org.uk/some-assembly</a>,'
        " we think."
    )


@pytest.mark.parametrize("words", ["the trust's library", "see report.pdf there", "Smith et al.", "p. 4 of a.b.c"])
def test_other_words_stay_words(words):
    assert "<a" not in linked(words)


@pytest.mark.parametrize(
    "hostile",
    [
        "javascript:hurt=1",
        "javascript:hurt.org.uk/1",
        "see javascript://nhs.uk/%0ahurt",
        "JavaScript://nhs.uk",
        "data:text/html,nhs.uk",
        "vbscript:nhs.uk",
        "file:///nhs.uk/x",
        "https:javascript:hurt.com",
        "java\tscript:hurt.com/x",
        "nhs.uk:hurt@evil.com",
        "//evil.com",
        "https://user@evil.com",
    ],
)
def test_only_the_web_is_linked(hostile):
    assert "<a" not in linked(hostile)


def test_what_would_be_markup_is_words():
    said = linked('nhs.uk/"onmouseover="hurt=1 <script>hurt=1</script> nhs.uk/<b>')
    assert "<script" not in said
    assert "<b" not in said
    assert '"onmouseover' not in said
