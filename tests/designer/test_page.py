"""The designer's page in a real browser, from a file, without a network."""

import json
import re

import pytest

import glissando as gl
from designer.generate import ROOT
from glissando.designer.page import page
from glissando.forecasting.distance import Shown

AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"
TIP = gl.recipes.keras_tip.one_cycle()
PLAN = gl.Linear(0.0, 1e-3, 100) >> gl.Constant(1e-3, 700) >> gl.Cosine(1e-3, 0.0, 200)

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


@pytest.fixture
def designer(browser, tmp_path):
    """Return a function that opens the page of some schedules, and gives a hand on it."""
    opened = []

    def open_page(schedules=None, forecast=None, **options):
        file = tmp_path / f"design{len(opened)}.html"
        file.write_text(page(schedules or {}, forecast), encoding="utf-8")
        context = browser.new_context(
            offline=True, permissions=["clipboard-read", "clipboard-write"], **options
        )
        opened.append(Hand(context, file.as_uri()))
        return opened[-1]

    yield open_page
    for hand in opened:
        assert hand.errors == []
        assert all(re.match("file:|blob:|data:", address) for address in hand.asked)
        hand.context.close()


class Hand:
    """A person at the page."""

    def __init__(self, context, address):
        self.context, self.errors, self.asked = context, [], []
        self.page = context.new_page()
        self.page.set_default_timeout(5_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console", lambda line: self.errors.extend([line.text] * (line.type == "error"))
        )
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)
        self.page.wait_for_selector(".app")

    @property
    def state(self):
        """Return the state that the address holds, once it holds the newest."""
        self.page.wait_for_timeout(200)
        code = """() => new TextDecoder().decode(Uint8Array.from(
            atob(location.hash.slice(1).replaceAll("-", "+").replaceAll("_", "/")),
            (c) => c.charCodeAt(0)))"""
        return json.loads(self.page.evaluate(code))

    @property
    def schedule(self):
        """Return the selected schedule."""
        state = self.state
        entry = state["schedules"][state["view"].get("selected", 0)]
        return gl.from_data(entry["schedule"])

    def button(self, name):
        return self.page.get_by_role("button", name=name)

    def segment(self, number):
        return self.page.get_by_role("listitem", name=f"Segment {number}")

    def field(self, number, name, nth=0):
        return self.segment(number).get_by_label(name, exact=True).nth(nth)

    def write(self, number, **fields):
        for name, text in fields.items():
            self.field(number, name).fill(text)
            self.page.keyboard.press("Enter")

    def add(self, family):
        self.button("Add a segment").click()
        self.page.get_by_role("menuitem", name=f"{family} ").first.click()

    def handle(self, name):
        return self.page.get_by_role("slider", name=name)

    def drag(self, target, x, y):
        """Drag an element by some pixels, in two moves."""
        box = target.bounding_box()
        at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(*at)
        mouse.down()
        mouse.move(at[0] + x / 2, at[1] + y / 2)
        mouse.move(at[0] + x, at[1] + y)
        mouse.up()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name):
        """Go on with Tab until the element of this name has the focus."""
        label = "document.activeElement.ariaLabel || document.activeElement.innerText"
        for _ in range(60):
            self.press("Tab")
            if self.page.evaluate(f"({label}).trim()") == name:
                return
        raise AssertionError(f"no {name} is reached by Tab")


def test_the_tips_one_cycle_is_built_by_mouse(designer):
    hand = designer()
    hand.add("Linear")
    hand.write(1, start="1e-4", end="0.001", steps="10")
    hand.add("Geometric")
    hand.write(2, start="0.00099", ratio="0.8", every="1")
    hand.button("Segment 2: more").click()
    hand.page.get_by_role("menuitem", name="Sum").click()
    hand.write(2, value="1e-5")
    assert hand.schedule == TIP


def test_the_tips_one_cycle_is_built_by_keyboard(designer):
    hand = designer()
    hand.tab_to("Add a segment")
    hand.press("Enter", "Enter")
    for text in ("1e-4", "1e-3", "10"):
        hand.page.keyboard.type(text)
        hand.press("Tab")
    hand.tab_to("Add a segment")
    hand.press("Enter", "g", "Enter")
    for text in ("0.00099", ".8", "1"):
        hand.page.keyboard.type(text)
        hand.press("Tab")
    while hand.page.evaluate("document.activeElement.ariaLabel") != "Segment 2: more":
        hand.press("Shift+Tab")
    hand.press("Enter", "s", "s", "Enter")
    hand.tab_to("Segment 2, part 2: more")
    hand.press("Tab")
    hand.page.keyboard.type("1e-5")
    hand.press("Enter")
    assert hand.schedule == TIP


def test_a_shared_corner_moves_together_and_the_rest_stays(designer):
    hand = designer({"plan": PLAN})
    before = hand.page.locator(".plot canvas").screenshot()
    hand.drag(hand.handle("Corner of segments 1 and 2"), 60, 90)
    warmup, plateau, cooldown = hand.schedule.parts
    assert warmup.end == plateau.value == cooldown.start < 1e-3
    assert 100 < warmup.steps < 300
    assert warmup.steps + plateau.steps == 800
    assert cooldown == gl.Cosine(cooldown.start, 0.0, 200)
    assert hand.page.locator(".plot canvas").screenshot() != before
    hand.drag(hand.handle("End of segment 3"), -100, -50)
    assert hand.schedule.parts[:2] == (warmup, plateau)
    assert hand.schedule.parts[2].steps < 200
    assert hand.schedule.parts[2].end > 0
    hand.drag(hand.handle("Start of segment 1"), 50, -50)
    assert hand.schedule.parts[0].start > 0
    assert hand.schedule.parts[0].steps == warmup.steps
    hand.drag(hand.handle("End of segment 3"), 250, 0)  # past the end of the axis
    assert hand.schedule.parts[2].steps > 250
    hand.press("Control+z", "Control+z", "Control+z", "Control+z")
    assert hand.schedule == PLAN


def test_arrow_keys_move_a_handle_and_shift_moves_it_less(designer):
    hand = designer({"plan": PLAN})
    corner = hand.handle("Corner of segments 1 and 2")
    corner.focus()
    hand.press("ArrowRight")
    coarse = hand.schedule.parts[0].steps - 100
    hand.press("Shift+ArrowRight")
    fine = hand.schedule.parts[0].steps - 100 - coarse
    assert coarse == 20
    assert fine == 2
    hand.press("ArrowDown", "Shift+ArrowUp")
    assert 0.97e-3 < hand.schedule.parts[1].value < 1e-3
    assert "rate 0.0009" in corner.get_attribute("aria-valuetext")
    assert "Corner of segments 1 and 2: 122 steps, rate 0.0009" in hand.page.inner_text(".said")


def test_segments_are_reordered_duplicated_and_deleted_and_all_is_undone(designer):
    hand = designer({"plan": PLAN})
    one, two, three = PLAN.parts
    grip = hand.segment(1).get_by_role("button", name="drag to reorder")
    hand.drag(grip, 0, 130)
    assert hand.schedule.parts == (two, one, three)
    hand.button("Segment 3: move up").click()
    assert hand.schedule.parts == (two, three, one)
    hand.segment(3).get_by_role("button", name="drag to reorder").press("ArrowUp")
    assert hand.schedule.parts == (two, one, three)
    assert hand.page.evaluate("document.activeElement.ariaLabel").startswith("Segment 2: drag")
    hand.button("Segment 2: duplicate").click()
    assert hand.schedule.parts == (two, one, one, three)
    hand.button("Segment 1: delete").click()
    assert hand.schedule.parts == (one, one, three)
    for parts in [(two, one, one, three), (two, one, three), (two, three, one), (two, one, three)]:
        hand.press("Control+z")
        assert hand.schedule.parts == parts
    hand.button("Undo").click()
    assert hand.schedule == PLAN
    hand.press("Control+y", "Control+Shift+z")
    assert hand.schedule.parts == (two, three, one)
    assert hand.page.inner_text(".said") == "Redone: Segment 3 moved to place 2"


def test_an_endless_segment_that_another_follows_is_given_an_end(designer):
    hand = designer({"decay": gl.Exponential(0.1, rate=0.01)})
    hand.add("Linear")
    decay, linear = hand.schedule.parts
    assert isinstance(decay, gl.Take)
    assert linear.start == pytest.approx(decay(decay.steps))


def test_bad_input_is_refused_in_the_rules_words_and_the_curve_stays(designer):
    hand = designer({"plan": PLAN})
    for number, name, text, words in [
        (1, "start", "-1", "Linear: `start` must be 0 or more, got -1"),
        (1, "steps", "2.5", "Linear: `steps` must be a whole number, got 2.5"),
        (2, "value", "high", "Constant: `value` must be a number, got 'high'"),
        (3, "end", "1e40", "Cosine: `end` must be at most 1e+30, got 1e+40"),
        (
            2,
            "steps",
            "inf",
            "Chain: a part that another follows must end; give it an end with .take(n)",
        ),
    ]:
        field = hand.field(number, name)
        field.fill(text)
        hand.press("Tab")
        assert field.get_attribute("aria-invalid") == "true"
        message = hand.page.locator(f"[id='{field.get_attribute('aria-describedby')}']")
        assert message.inner_text() == words
        assert field.input_value() == text
        field.press("Escape")
        assert message.count() == 0
    hand.write(1, end="0.00100")
    assert hand.button("Undo").get_attribute("aria-disabled") == "true"
    hand.page.get_by_label("whole length").fill("long")
    hand.press("Enter")
    assert "must be a number above 0, got 'long'" in hand.page.inner_text(".wholes")


def test_the_whole_length_stretches_and_the_highest_rate_scales(designer):
    hand = designer({"plan": PLAN})
    hand.page.get_by_label("whole length").fill("20k")
    hand.press("Enter")
    hand.page.get_by_label("highest rate").fill("3e-4")
    hand.press("Enter")
    assert hand.schedule == gl.Linear(0.0, 3e-4, 2_000) >> gl.Constant(3e-4, 14_000) >> gl.Cosine(
        3e-4, 0.0, 4_000
    )


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


def test_the_shape_of_a_segment_changes_and_its_ends_stay(designer):
    hand = designer({"plan": PLAN})
    hand.page.get_by_label("Segment 3: shape").select_option("Rex")
    assert hand.schedule.parts[2] == gl.Rex(1e-3, 0.0, 200)
    hand.button("Segment 3: more").click()
    hand.page.get_by_role("menuitem", name="Repeat").click()
    assert hand.schedule.parts[2] == gl.Rex(1e-3, 0.0, 200).repeat(2)
    hand.button("Segment 3: more").click()
    hand.page.get_by_role("menuitem", name="Take out").click()
    hand.write(2, value="0.002")
    assert "Jumps from 0.001 to 0.002" in hand.segment(1).inner_text()
    hand.segment(2).get_by_role("button", name="Join").click()
    assert hand.schedule.parts[1:] == (gl.Constant(2e-3, 700), gl.Rex(2e-3, 0.0, 200))


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


def test_a_newcomer_copies_a_warm_up_a_plateau_and_a_cooldown_at_once(designer):
    hand = designer()
    hand.button("Warm-up, plateau, cooldown").click()
    hand.page.wait_for_function("document.activeElement.name === 'start'")
    hand.button("Copy PyTorch").click()
    assert "def scheduler_for(optimizer)" in hand.page.evaluate("navigator.clipboard.readText()")
    assert hand.schedule == PLAN
    for number in (3, 2, 1):
        hand.button(f"Segment {number}: delete").click()
    assert hand.page.evaluate("document.activeElement.innerText") == "Add a segment"
    assert hand.state["schedules"][0]["schedule"] == {"type": "chain", "parts": []}
