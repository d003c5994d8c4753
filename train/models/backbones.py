"""The convolutional networks that can read the image: facts only, so that the command line needs no Keras to list them.

Sources: the pages of keras.applications (Keras 3.15), and for the sides the paper, section 2.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CAFFE_MEAN = (103.939, 116.779, 123.68)  # blue, green, red, of ImageNet; subtracted by ResNet50 and the VGGs


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of keras.applications, taken without its classifier."""

    title: str
    application: str  # its name in keras.applications
    preprocessing: str  # "caffe": BGR less the mean colour; "tf": RGB in -1…1
    side: int = 224  # pixels, of the images it was pretrained on
    smallest: int = 32  # pixels, the least side that it can work on
    options: Mapping[str, Any] = field(default_factory=dict)


BACKBONES: Mapping[str, Backbone] = {
    "resnet50": Backbone("ResNet50", "ResNet50", "caffe"),
    "vgg16": Backbone("VGG16", "VGG16", "caffe"),
    "vgg19": Backbone("VGG19", "VGG19", "caffe"),
    "inceptionv3": Backbone("InceptionV3", "InceptionV3", "tf", side=299, smallest=75),
    "mobilenetv2": Backbone("MobileNetV2", "MobileNetV2", "tf"),
    "mobilenetv2_0.35": Backbone("MobileNetV2 0.35", "MobileNetV2", "tf", options={"alpha": 0.35}),
}
