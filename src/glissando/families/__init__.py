"""One closed formula a file, and functions of your own. A new family is a file and a line here."""

from typing import TYPE_CHECKING

from glissando.families.chebyshev import Chebyshev as Chebyshev
from glissando.families.constant import Constant as Constant
from glissando.families.cosine import Cosine as Cosine
from glissando.families.cosine_power import CosinePower as CosinePower
from glissando.families.cosine_table import CosineTable as CosineTable
from glissando.families.cosine_wave import CosineWave as CosineWave
from glissando.families.cubic_table import CubicTable as CubicTable
from glissando.families.cyclic_polynomial import CyclicPolynomial as CyclicPolynomial
from glissando.families.exponential import Exponential as Exponential
from glissando.families.exponential_cooldown import ExponentialCooldown as ExponentialCooldown
from glissando.families.function import Function as Function
from glissando.families.function import schedule as schedule
from glissando.families.geometric import Geometric as Geometric
from glissando.families.hyperbolic import ExpHyperbolic as ExpHyperbolic
from glissando.families.hyperbolic import Hyperbolic as Hyperbolic
from glissando.families.imported import Imported as Imported
from glissando.families.inverse_sqrt import InverseSqrt as InverseSqrt
from glissando.families.inverse_time import InverseTime as InverseTime
from glissando.families.k_decay import KDecay as KDecay
from glissando.families.linear import Linear as Linear
from glissando.families.log_linear import LogLinear as LogLinear
from glissando.families.mirror_cosine import MirrorCosine as MirrorCosine
from glissando.families.piecewise import Piecewise as Piecewise
from glissando.families.polynomial import Polynomial as Polynomial
from glissando.families.power_law import PowerLaw as PowerLaw
from glissando.families.rex import Rex as Rex
from glissando.families.sqrt import Sqrt as Sqrt
from glissando.families.staircase import Staircase as Staircase
from glissando.families.table import Table as Table
from glissando.families.tanh import Tanh as Tanh

if not TYPE_CHECKING:  # what `import *` takes: what is listed above, and not the modules it is in
    __all__ = [n for n, v in globals().items() if n[0] != "_" and callable(v)]
