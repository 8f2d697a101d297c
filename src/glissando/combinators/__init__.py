"""Families made of families. A new one is a file and a line here."""

from typing import TYPE_CHECKING

from glissando.combinators.chain import Chain as Chain
from glissando.combinators.clip import Clip as Clip
from glissando.combinators.drop import Drop as Drop
from glissando.combinators.flip import Flip as Flip
from glissando.combinators.noise import Noise as Noise
from glissando.combinators.open_ended import OpenEnded as OpenEnded
from glissando.combinators.pointwise import Difference as Difference
from glissando.combinators.pointwise import Maximum as Maximum
from glissando.combinators.pointwise import Minimum as Minimum
from glissando.combinators.pointwise import Product as Product
from glissando.combinators.pointwise import Sum as Sum
from glissando.combinators.pointwise import maximum as maximum
from glissando.combinators.pointwise import minimum as minimum
from glissando.combinators.repeat import Repeat as Repeat
from glissando.combinators.reverse import Reverse as Reverse
from glissando.combinators.scale import Scale as Scale
from glissando.combinators.stretch import HoldEach as HoldEach
from glissando.combinators.stretch import Slow as Slow
from glissando.combinators.stretch import Stretch as Stretch
from glissando.combinators.strict import Strict as Strict
from glissando.combinators.take import Take as Take

if not TYPE_CHECKING:  # what `import *` takes: what is listed above, and not the modules it is in
    __all__ = [n for n, v in globals().items() if n[0] != "_" and callable(v)]
