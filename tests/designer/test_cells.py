"""The designer and the cards of the gallery, several on one page of somebody else."""

import json

import pytest
from playwright.sync_api import expect

import glissando as gl
from glissando.designer.page import bundle

WARMUP = gl.Linear(0.0, 1e-3, 100) >> gl.Cosine(1e-3, 0.0, 900)


@pytest.fixture
def book(browser, tmp_path):
    """A page with a designer and two cards, as the documentation has them."""
    options = [
        ("live", {"schedule": WARMUP.to_data(), "designer": "design.html"}),
        ("live", {"schedule": gl.Rex(0.1, 0.0, 50).to_data()}),
        ("designer", {"state": WARMUP.to_data()}),
    ]
    places = [
        f'<div data-glissando="{kind}">'
        f'<script type="application/json">{json.dumps(given)}</script></div>'
        for kind, given in options
    ]
    file = tmp_path / "book.html"
    file.write_text(
        "<!doctype html><html lang=en><title>Book</title><body data-theme=auto><main>"
        f"{''.join(places)}</main><script type=module>{bundle()}\n"
        "globalThis.mounted = true</script>",
        encoding="utf-8",
    )
    page = browser.new_context(offline=True, color_scheme="light").new_page()
    page.set_default_timeout(5_000)
    page.goto(file.as_uri())
    page.wait_for_function("globalThis.mounted")
    yield page
    page.context.close()


def test_a_card_is_edited_and_goes_on_in_the_designer(book):
    card = book.locator(".live").first
    card.get_by_role("group", name="Linear").get_by_label("steps", exact=True).fill("50")
    book.keyboard.press("Enter")
    assert "up to 0.001, to 0 in 950 steps" in card.inner_text()
    link = card.get_by_role("link", name="Open in the designer").get_attribute("href")
    assert link.startswith("design.html#")
    assert "up to 0.1, to 0 in 50 steps" in book.locator(".live").nth(1).inner_text()
    card.get_by_label("Copy as").select_option("optax")
    card.get_by_role("button", name="Copy optax").click()
    expect(card.locator(".said")).to_have_text("optax copied")
    assert book.evaluate("location.hash") == ""


def test_no_id_is_there_twice(book):
    ids = book.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids)) > 10


def test_it_is_dark_where_the_page_around_it_is(book):
    def becomes(mode):
        book.wait_for_function(
            """(mode) => [...document.querySelectorAll(".glissando")].every(
                ({dataset}) => dataset.mode === mode)""",
            arg=mode,
        )

    becomes("light")
    book.evaluate("document.body.dataset.theme = 'dark'")
    becomes("dark")
    book.evaluate("document.body.dataset.theme = 'auto'")
    becomes("light")
    book.emulate_media(color_scheme="dark")
    becomes("dark")
    book.evaluate("document.body.dataset.jpThemeLight = 'true'")
    becomes("light")


def test_a_notebooks_model_and_the_designer_follow_each_other(book):
    found = book.evaluate(
        """async ([text, first, next]) => {
            const file = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
            const {default: widget} = await import(file);
            const seen = {schedule: first, forecast: "null"};
            const heard = {};
            const model = {get: (name) => seen[name], set: (name, value) => (seen[name] = value),
                save_changes: () => (seen.saved = (seen.saved ?? 0) + 1),
                on: (name, act) => (heard[name] = act), off: (name) => delete heard[name]};
            const el = document.createElement("div");
            document.body.replaceChildren(el);
            const leave = widget.render({model, el});
            await new Promise((done) => setTimeout(done, 100));
            const field = (name) => el.querySelector(`.segment [name=${name}]`);
            const before = [field("end").value, seen.saved];
            field("end").value = "0.5";
            field("end").dispatchEvent(new Event("change", {bubbles: true}));
            const written = JSON.parse(seen.schedule);
            seen.schedule = next;
            heard["change:schedule"]();
            await new Promise((done) => setTimeout(done, 100));
            const after = field("end").value;
            leave();
            return {before, written, saved: seen.saved, after, left: el.innerHTML, heard};
        }""",
        [bundle(), gl.dumps(gl.Linear(0.1, 0.2, 10)), gl.dumps(gl.Linear(0.1, 0.7, 10))],
    )
    assert found["before"] == ["0.2", None]
    assert gl.loads(json.dumps(found["written"])) == gl.Linear(0.1, 0.5, 10)
    assert found["after"] == "0.7"
    assert (found["left"], found["heard"]) == ("", {})
