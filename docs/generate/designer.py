"""The designer's bundle as the pages load it."""

import re

from glissando.designer.page import bundle


def script() -> str:
    """Return the bundle as a plain script: a page that was opened as a file loads no modules.

    What the module exports is in `glissandoDesigner`.
    """
    code, names = re.fullmatch(r"(.*)export\s*\{([^{}]*)\};?\s*", bundle(), re.S).groups()
    pairs = [re.split(r"\s+as\s+", name.strip()) for name in names.split(",") if name.strip()]
    exported = ",".join(f"{pair[-1]}:{pair[0]}" for pair in pairs)
    return f'"use strict";globalThis.glissandoDesigner=(()=>{{{code}\nreturn{{{exported}}}}})();\n'
