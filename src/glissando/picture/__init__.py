"""Pictures of schedules: charts by Plotly and Matplotlib, files, the terminal, the notebook."""

from glissando.picture.figure import plot as plot
from glissando.picture.files import backend_for as backend_for
from glissando.picture.files import save as save
from glissando.picture.notebook import mimebundle as mimebundle
