"""The laws of the loss: one file each, with its formula and its source."""

from glissando.forecasting.laws.annealing import Annealing as Annealing
from glissando.forecasting.laws.base import Law as Law
from glissando.forecasting.laws.base import Prior as Prior
from glissando.forecasting.laws.bound import Bound as Bound
from glissando.forecasting.laws.kernel import ConvexKernel as ConvexKernel
from glissando.forecasting.laws.kernel import Kernel as Kernel
from glissando.forecasting.laws.multi_power import MultiPower as MultiPower

LAWS: dict[str, type[Law]] = {
    law.tag: law for law in (ConvexKernel, MultiPower, Kernel, Annealing, Bound)
}
"""Every law by its tag."""
