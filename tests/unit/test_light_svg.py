"""A figure in fewer bytes is the same figure."""

from evalkit.book.content.light_svg import light


def test_positions_are_rounded_and_spaces_left_out_and_nothing_else_changes():
    svg = (
        '<svg>\n <title>A  b &gt; c</title>\n <g transform="scale(0.015625 -0.015625)">\n  <path d="M 71.852193 261.89928 \n'
        'L 457.79976 -0.00024 \nQ 1 2 3.25 4 \nz\n" style="stroke-width: 0.8123"/>\n </g>\n'
        ' <use x="150.336621" y="-0.001" xlink:href="#m1.23456"/>\n</svg>'
    )
    assert light(svg) == (
        '<svg><title>A  b &gt; c</title><g transform="scale(0.015625 -0.015625)"><path d="M71.85 261.9L457.8 0Q1 2 3.25 4z"'
        ' style="stroke-width: 0.8123"/></g><use x="150.34" y="0" xlink:href="#m1.23456"/></svg>'
    )
    assert light(light(svg)) == light(svg)
