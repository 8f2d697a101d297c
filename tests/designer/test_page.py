"""The designer's page in a real browser, from a file, without a network."""

import json

import pytest

import glissando as gl
from designer.generate import ROOT
from designer.hand import PLAN, TIP
from glissando.forecasting.distance import Shown

AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"

FORECAST = {
    "type": "forecast",
    "doubts": [],
    "peaks": [
        {
            "peak": 1e-3,
            "steps": 6000,
            "laws": [
                {
                    "law": {"type": "annealing", "L0": 2.9, "A": 0.15, "alpha": 0.55, "C": 12.8}
                    | {"memory": 55.0, "rate": 1e-3, "steps": 6000.0},
                    "weight": 1.0,
                }
            ],
            "interval": {"error": 0.01, "noise": 0.0, "beyond": 0.5, "differ": 0.3, "wider": 1.0},
            "pilots": [Shown("", 6000, 1e-3, 100, 0.0, False, False)._asdict()],
        }
    ],
}


def test_the_state_is_in_the_address_and_as_json(designer):
    hand = designer({"plan": PLAN})
    hand.page.get_by_label("Lengths in").select_option("epochs")
    hand.page.get_by_label("steps an epoch").fill("50")
    hand.press("Enter")
    hand.page.get_by_role("group", name="Rates").get_by_role("button", name="log").click()
    hand.button("plan: more").click()
    hand.page.get_by_role("menuitem", name="Duplicate").click()
    hand.page.get_by_label("Name of the schedule").fill("other")
    hand.press("Enter")
    hand.field(1, "epochs").fill("4")
    hand.press("Enter")
    state = hand.state
    assert [entry["name"] for entry in state["schedules"]] == ["plan", "other"]
    assert state["view"] == {"log": True, "unit": "epoch", "per_epoch": 50, "selected": 1}
    assert hand.schedule.parts[0] == gl.Linear(0.0, 1e-3, 200)
    hand.page.reload()
    hand.page.wait_for_selector(".app")
    assert hand.field(1, "epochs").input_value() == "4"
    hand.write(1, end="0.002")
    hand.button("JSON…").click()
    dialog = hand.page.get_by_role("dialog")
    text = dialog.get_by_label("State as JSON")
    shown = json.loads(text.input_value())
    assert shown["schedules"][1]["schedule"]["parts"][0]["end"] == 0.002
    text.fill('{"type": "cosine", "start": 1, "end": 2')
    dialog.get_by_role("button", name="Use this").click()
    assert "this is no JSON" in dialog.get_by_role("alert").inner_text()
    text.fill(gl.dumps(TIP))
    dialog.get_by_role("button", name="Use this").click()
    assert hand.schedule == TIP
    hand.press("Control+z", "Control+z")
    undone = hand.state
    assert undone == state


def test_what_is_copied_is_the_code_of_each_target(designer, module):
    hand = designer({"plan": PLAN})
    targets = module.run("Object.entries(designer.TARGETS).map(([name, {title}]) => [name, title])")
    assert len(targets) == 8
    for target, title in targets:
        hand.page.get_by_role("tab", name=title, exact=True).click()
        hand.button(f"Copy {title}").click()
        hand.page.get_by_role("button", name="Copied").wait_for()
        assert hand.page.evaluate("navigator.clipboard.readText()") == module.copied(target, PLAN)
        assert hand.page.inner_text(".said") == f"{title} copied"


def test_it_copies_where_there_is_no_clipboard(designer):
    hand = designer({"plan": PLAN})
    hand.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    hand.button("Copy PyTorch").click()
    assert hand.page.inner_text(".said") == "PyTorch copied"


def test_starting_points_are_found_by_their_names(designer):
    hand = designer()
    hand.button("Starting points…").first.click()
    dialog = hand.page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("torch.onecycle")
    assert dialog.get_by_role("listitem").count() == 1
    dialog.get_by_role("listitem").get_by_role("button").click()
    assert hand.schedule(299) == pytest.approx(0.01)
    hand.button("Starting points…").first.click()
    dialog.get_by_role("searchbox").fill("keras_tip.one")
    dialog.get_by_role("listitem").get_by_role("button").click()
    assert hand.schedule == TIP
    assert len(hand.state["schedules"]) == 2


@pytest.mark.skipif(not AXE.is_file(), reason="Node's packages: `make test`")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(designer, scheme):
    hand = designer({"plan": PLAN, "tip": TIP}, color_scheme=scheme)
    hand.page.add_script_tag(content=AXE.read_text(encoding="utf-8"))

    def found():
        code = "axe.run().then(({violations}) => violations.map((v) => [v.id, v.nodes[0].html]))"
        return hand.page.evaluate(code)

    for width in (1440, 360):
        hand.page.set_viewport_size({"width": width, "height": 800})
        hand.page.wait_for_timeout(50)
        assert hand.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found() == []
    hand.field(1, "start").fill("-1")
    hand.button("Segment 2: more").click()
    assert found() == []
    hand.press("Escape")
    hand.button("Starting points…").first.click()
    assert found() == []
    hand.press("Escape")
    hand.button("JSON…").click()
    assert found() == []


def test_a_spoiled_address_is_named_and_the_page_works(designer):
    hand = designer({"plan": PLAN})
    hand.page.goto(f"{hand.page.url}#nothing")
    hand.page.reload()
    hand.page.wait_for_selector(".app")
    assert "is no state of the designer" in hand.page.inner_text(".trouble")
    hand.button("Close the message").click()
    hand.write(1, end="0.002")
    assert hand.schedule.parts[0].end == 0.002


def test_schedules_are_hidden_deleted_and_dropped_as_files(designer):
    hand = designer({"plan": PLAN, "tip": TIP})
    hand.button("plan: shown").click()
    assert hand.page.get_by_role("slider").count() == 0
    hand.button("plan: shown").click()
    hand.button("tip: more").click()
    hand.page.get_by_role("menuitem", name="Delete").click()
    assert [entry["name"] for entry in hand.state["schedules"]] == ["plan"]
    drop = """(text) => { const files = new DataTransfer();
        files.items.add(new File([text], "a.json"));
        document.querySelector(".segments").dispatchEvent(
            new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true})); }"""
    hand.page.evaluate(drop, gl.dumps(TIP))
    assert hand.schedule == TIP
    hand.page.evaluate(drop, '{"type": "linear", "start": -1, "end": 0, "steps": 1}')
    hand.page.wait_for_selector(".trouble p")
    assert "Linear: `start` must be 0 or more, got -1" in hand.page.inner_text(".trouble")
    assert hand.schedule == TIP


def test_a_forecast_says_the_loss_while_one_drags(designer, module):
    hand = designer({"plan": PLAN}, forecast=FORECAST)

    def loss():
        return float(hand.page.locator(".predicted tbody td").first.inner_text())

    def truth():
        return module.run(
            "designer.predict(forecast, designer.build(data)).loss",
            forecast=FORECAST,
            data=hand.schedule.to_data(),
        )

    hand.write(3, end="1e-4")
    before = loss()
    assert before == pytest.approx(truth(), rel=1e-4)
    hand.drag(hand.handle("Corner of segments 2 and 3"), -200, 0)
    assert loss() == pytest.approx(truth(), rel=1e-4)
    assert loss() != before
