"""Tests of what only a printed page is given."""

import pytest

from rendering.document.typesetting import typeset


def body(html):
    return (
        typeset(f"<html><head><title>CNN</title></head><body>{html}</body></html>")
        .split("<body>")[1]
        .removesuffix("</body></html>")
    )


def test_abbreviations_of_running_text_get_small_capitals_and_keep_their_letters():
    assert body("<p>Two CNNs on CIFAR-10.</p>") == (
        '<p>Two<span class="capitals"> CNN</span>s on<span class="capitals"> CIFAR</span>-10.</p>'
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>LeNet, ReLU, SimpleRNN and a<b>II</b></p>",
        "<table><tr><td>GRU</td></tr></table>",
        "<h2>An RNN</h2>",
        "<figure><figcaption>LSTM</figcaption></figure>",
        "<p><code>GRU</code> and<i> SGD</i></p>",
        '<p class="author">IBM</p>',
        "<nav><ol><li>RNN</li></ol></nav>",
    ],
)
def test_all_else_stays_as_it_is(html):
    assert body(html) == html


def test_head_stays_as_it_is():
    assert typeset("<html><head><title>CNN</title></head><body></body></html>").count("span") == 0


def test_space_before_an_inline_element_moves_into_it():
    assert body('<p>see <a href="#a">Figure 1</a>, and <b>more</b></p>') == (
        '<p>see<a href="#a"> Figure 1</a>, and<b> more</b></p>'
    )


def test_space_outside_paragraphs_stays():
    assert body("<td>a <b>b</b></td>") == "<td>a <b>b</b></td>"


def test_paragraph_in_a_list_item_is_set_too():
    html = body("<ul><li>an RNN</li></ul><p>a GRU</p>")
    assert html.count("capitals") == 2
