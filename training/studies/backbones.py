"""Transfer networks from timm: VGG16, ResNet50 and InceptionV3, frozen or with their last blocks learning."""

from __future__ import annotations

import logging
import pickle
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from footfall.errors import DataError
from training.studies.config import StudyConfig

log = logging.getLogger(__name__)
# VGG16's two dense layers of 4096 are left out below, so they are made small; their weights are never looked for.
BACKBONES: dict[str, tuple[str, dict[str, Any]]] = {
    "vgg16": ("vgg16", {"mlp_ratio": 0.002}),
    "resnet50": ("resnet50", {}),
    "inception-v3": ("inception_v3", {"aux_logits": False}),
}
CONVOLUTIONS_A_BLOCK = 3


def transfer_trunk(config: StudyConfig, channels: int) -> tuple[nn.Module, int]:
    """Return a backbone that ends in global average pooling, and its width; all but its last blocks are frozen.

    `config.pretrained` is a path to a state dict, "library" for the library's own download cache, or empty: then the
    weights are random and the log says so.

    Raises:
        DataError: the pretrained weights are not there or do not fit, or a frozen network would have random weights.
    """
    if not config.pretrained:
        if config.unfrozen_blocks >= 0:
            raise DataError(f"study {config.name}: frozen random weights learn nothing; name pretrained ones")
        log.warning("%s: no pretrained weights, %s starts from random ones", config.name, config.network)
    trunk = _create(config, channels)
    if config.pretrained not in ("", "library"):
        _load(trunk, Path(config.pretrained), config)
    if config.network == "vgg16":  # its two wide dense layers belong to ImageNet's 224 px; the documents pool instead
        trunk = nn.Sequential(trunk.get_submodule("features"), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    _freeze(trunk, config.unfrozen_blocks)
    return trunk, 512 if config.network == "vgg16" else 2048


def _create(config: StudyConfig, channels: int) -> nn.Module:
    name, options = BACKBONES[config.network]
    library = _timm()
    try:
        if config.pretrained == "library":
            options = {name: value for name, value in options.items() if name != "mlp_ratio"}
        trunk: nn.Module = library.create_model(
            name, pretrained=config.pretrained == "library", num_classes=0, in_chans=channels, **options
        )
    except Exception as error:  # the library raises whatever its download raises
        raise DataError(f"study {config.name}: the library has no weights of {name} here: {error}") from None
    return trunk


def _load(trunk: nn.Module, path: Path, config: StudyConfig) -> None:
    """Load the layers that have the same name and shape; the classifier of another task is left out."""
    try:
        stored: dict[str, torch.Tensor] = torch.load(path, weights_only=True)
        own = trunk.state_dict()
        fitting = {name: value for name, value in stored.items() if name in own and own[name].shape == value.shape}
    except (OSError, RuntimeError, AttributeError, pickle.UnpicklingError) as error:
        raise DataError(f"study {config.name}: {path} holds no weights of {config.network}: {error}") from None
    if len(fitting) < len(own) * 3 // 4:
        raise DataError(f"study {config.name}: {path} has {len(fitting)} of {len(own)} layers of {config.network}")
    trunk.load_state_dict(fitting, strict=False)


def _freeze(trunk: nn.Module, unfrozen_blocks: int) -> None:
    """Freeze all convolutions and norms but those of the last `unfrozen_blocks` blocks; -1 freezes nothing."""
    if unfrozen_blocks < 0:
        return
    layers = [module for module in trunk.modules() if isinstance(module, nn.Conv2d | nn.BatchNorm2d)]
    convolutions = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)]
    kept = unfrozen_blocks * CONVOLUTIONS_A_BLOCK
    first_learning = convolutions[-kept] if kept else len(layers)
    for layer in layers[:first_learning]:
        layer.requires_grad_(False)


@cache
def _operator_names() -> torch.library.Library:
    """Declare the names of the two operators that torchvision registers at import.

    A torchvision wheel built for another build of torch (CPU, CUDA) comes without its compiled operators and then
    fails to import; timm needs its Python part only. The library must stay referenced, or the names vanish.
    """
    names = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        names.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    return names


def _timm() -> ModuleType:
    try:
        import timm
    except RuntimeError:
        _operator_names()
        import timm
    return timm
