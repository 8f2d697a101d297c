"""A person at the designer's page."""

import json

import glissando as gl

TIP = gl.recipes.keras_tip.one_cycle()
PLAN = gl.Linear(0.0, 1e-3, 100) >> gl.Constant(1e-3, 700) >> gl.Cosine(1e-3, 0.0, 200)


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

    def drag(self, target, x, y, drop=True):
        """Drag an element by some pixels, in two moves."""
        box = target.bounding_box()
        at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(*at)
        mouse.down()
        mouse.move(at[0] + x / 2, at[1] + y / 2)
        mouse.move(at[0] + x, at[1] + y)
        if drop:
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
