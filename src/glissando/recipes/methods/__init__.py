"""Methods: schedules that a paper proposes for any model. A new one is a file and a line here."""

from typing import TYPE_CHECKING

from glissando.recipes.methods.budgeted import budgeted_linear as budgeted_linear
from glissando.recipes.methods.budgeted import budgeted_rex as budgeted_rex
from glissando.recipes.methods.cyclical import exp_range as exp_range
from glissando.recipes.methods.cyclical import triangular as triangular
from glissando.recipes.methods.cyclical import triangular2 as triangular2
from glissando.recipes.methods.flat_cosine import flat_cosine as flat_cosine
from glissando.recipes.methods.noam import noam as noam
from glissando.recipes.methods.one_cycle import one_cycle as one_cycle
from glissando.recipes.methods.one_cycle import one_cycle_fastai as one_cycle_fastai
from glissando.recipes.methods.one_cycle import one_cycle_torch as one_cycle_torch
from glissando.recipes.methods.sgdr import sgdr as sgdr
from glissando.recipes.methods.slanted_triangular import slanted_triangular as slanted_triangular
from glissando.recipes.methods.swa import swa as swa
from glissando.recipes.methods.swa import swa_cyclical as swa_cyclical
from glissando.recipes.methods.warmup import warmup as warmup
from glissando.recipes.methods.warmup_decay import warmup_cosine as warmup_cosine
from glissando.recipes.methods.warmup_decay import warmup_linear as warmup_linear
from glissando.recipes.methods.wsd import wsd as wsd

if not TYPE_CHECKING:  # what `import *` takes: what is listed above, and not the modules it is in
    __all__ = [n for n, v in globals().items() if n[0] != "_" and callable(v)]
