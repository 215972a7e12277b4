"""The pages in headless Chromium, from the file system and without a network."""

from tests.support.browsing import NARROW, WIDE, browser_only
from tests.support.page_kinds import pages_of_form, short_and_long

pytestmark = browser_only


@short_and_long
def test_no_page_complains_asks_the_network_or_overflows(browser, html, form):
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
    )
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    problems = []
    for name, address in pages_of_form(html, form).items():
        complaints.clear()
        page.goto(address)
        page.wait_for_load_state("load")
        for width in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                complaints.append(f"{over} px too wide for {width}")
        complaints += page.evaluate(
            "[...document.images].filter(image => image.complete && !image.naturalWidth).map(image => `broken: ${image.src}`)"
        )
        problems += [f"{name}: {complaint}" for complaint in complaints]
    context.close()
    assert not problems, "\n".join(problems)


def test_the_keyboard_reaches_the_text_first(browser, html):
    page = browser.new_page()
    page.goto((html / "book" / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    page.close()


def test_search_finds_a_page_from_the_file_system(browser, html):
    page = browser.new_page()
    page.goto((html / "search.html").as_uri() + "?q=Weston")
    page.wait_for_selector("#search-results li a")
    titles = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.textContent)")
    assert any("Weston" in title for title in titles)
    page.close()


def test_it_reads_without_scripts(browser, html):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((html / "book" / "generated" / "evaluations" / "weston-overnight-closure-2017" / "index.html").as_uri())
    assert page.locator(".ek-headline").is_visible()
    assert page.locator(".ek-figure").first.is_visible()
    context.close()


def test_the_front_door_leads_home(browser, html):
    page = browser.new_page()
    page.goto((html / "index.html").as_uri())
    page.wait_for_url("**/book/index.html")
    assert page.locator("h1").count() == 1
    page.close()
