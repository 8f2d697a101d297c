"""Pictures of schedules: a Plotly figure, files, the terminal, the notebook."""

from glissando.picture.figure import plot as plot
from glissando.picture.files import save as save
from glissando.picture.notebook import mimebundle as mimebundle
