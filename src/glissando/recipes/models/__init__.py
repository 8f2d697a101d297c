"""Models: what a known model was trained with. A new one is a file and a line here."""

from typing import TYPE_CHECKING

from glissando.recipes.models.bert import bert as bert
from glissando.recipes.models.chinchilla import chinchilla as chinchilla
from glissando.recipes.models.convnext import convnext as convnext
from glissando.recipes.models.deit import deit as deit
from glissando.recipes.models.gpt3 import gpt3 as gpt3
from glissando.recipes.models.large_batch import lamb as lamb
from glissando.recipes.models.large_batch import lars as lars
from glissando.recipes.models.large_batch import resnet50_large_batch as resnet50_large_batch
from glissando.recipes.models.llama import llama as llama
from glissando.recipes.models.llama import llama3 as llama3
from glissando.recipes.models.minicpm import minicpm as minicpm
from glissando.recipes.models.nanogpt import nanogpt as nanogpt
from glissando.recipes.models.olmo import olmo as olmo
from glissando.recipes.models.olmo import olmo2 as olmo2
from glissando.recipes.models.resnet import resnet_cifar as resnet_cifar
from glissando.recipes.models.resnet import resnet_imagenet as resnet_imagenet
from glissando.recipes.models.resnet import wide_resnet_cifar as wide_resnet_cifar
from glissando.recipes.models.t5 import t5 as t5
from glissando.recipes.models.vit import vit as vit

if not TYPE_CHECKING:  # what `import *` takes: what is listed above, and not the modules it is in
    __all__ = [n for n, v in globals().items() if n[0] != "_" and callable(v)]
