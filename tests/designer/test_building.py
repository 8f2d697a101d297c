"""Schedules are built by mouse and by keyboard, in a real browser."""

import pytest

import glissando as gl
from designer.hand import PLAN, TIP


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


def test_escape_puts_back_what_is_dragged(designer):
    hand = designer({"plan": PLAN})
    corner = hand.handle("Corner of segments 1 and 2")
    grip = hand.segment(1).get_by_role("button", name="drag to reorder")
    for target, x in [(corner, 60), (grip, 0)]:
        hand.drag(target, x, 130, drop=False)
        hand.press("Escape")
        hand.page.mouse.up()
    assert hand.button("Undo").get_attribute("aria-disabled") == "true"
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
