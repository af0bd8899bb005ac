"""The explorer by keyboard: nothing that moves the focus changes the choice, and no choice loses the focus."""

from __future__ import annotations

from tests.browser.conftest import Open
from tests.support.small import published

READY = "() => document.getElementById('resultat')?.dataset.choix"
FOCUSED = "() => document.activeElement.id"


def test_the_link_to_the_contents_keeps_the_choice(visit: Open) -> None:
    page = visit(published() / "reports/courant/explorateur.html", anchor="#q=C1&p=region%7Cregion&a=age&m=taux").page
    page.wait_for_function(READY)
    address = page.evaluate("() => location.hash")
    page.focus(".evitement")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "resultat"
    assert page.evaluate("() => location.hash") == address
    assert page.input_value("#question") == "C1" and page.locator("#avis").is_hidden()


def test_who_ticks_a_wave_ticks_the_next_one_from_there(visit: Open) -> None:
    page = visit(published() / "reports/courant/explorateur.html").page
    page.wait_for_function(READY)
    page.focus("#vague-0")
    for waves in ("v=V2&", "v=*&", "v=V2&"):
        page.keyboard.press("Space")
        page.wait_for_function(
            f"() => decodeURIComponent(document.getElementById('resultat').dataset.choix).includes('{waves}')"
        )
        assert page.evaluate(FOCUSED) == "vague-0"


def test_that_shares_are_rounded_is_said_beside_shares_alone(visit: Open) -> None:
    page = visit(published() / "reports/courant/explorateur.html").page
    page.wait_for_function(READY)
    said = {}
    for measure in page.eval_on_selector_all("#mesure option", "options => options.map((option) => option.value)"):
        page.select_option("#mesure", measure)
        page.wait_for_function(f"() => document.getElementById('resultat').dataset.choix.endsWith('m={measure}')")
        said[measure] = "Chaque part est arrondie" in page.inner_text("#resultat")
    assert {"note", "reponses"} < said.keys()
    assert said == {measure: measure.startswith("reponses") for measure in said}
