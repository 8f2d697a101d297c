"""Move the rate by a metric: pure state machines, and schedules on them."""

from glissando.plateau.base import MetricDriven as MetricDriven
from glissando.plateau.base import OnPlateau as OnPlateau
from glissando.plateau.base import PlateauState as PlateauState
from glissando.plateau.base import number as number
from glissando.plateau.base import plateau_of as plateau_of
from glissando.plateau.greedy import Greedy as Greedy
from glissando.plateau.greedy import GreedyState as GreedyState
from glissando.plateau.plateau import Plateau as Plateau
