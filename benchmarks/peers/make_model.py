"""Writes a model of mace-torch with seeded random weights: one JSON request on standard input.

Written for mace-torch 0.3.16 (e3nn 0.4.4). With `symmetrixPackages`, the folder of site packages that has symmetrix-xl, also
that program's JSON of the same weights.
"""
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import mace  # noqa: F401  (before e3nn: it sets what e3nn's constants file needs)
import numpy as np
import torch
from e3nn import o3
from mace import modules

request = json.load(sys.stdin)
torch.manual_seed(request["seed"])
torch.set_default_dtype(torch.float64)
elements = request["elements"]
block = modules.interaction_classes["RealAgnosticResidualInteractionBlock"]
model = modules.ScaleShiftMACE(
    r_max=request["cutoff"],
    num_bessel=8,
    num_polynomial_cutoff=5,
    max_ell=3,
    interaction_cls=block,
    interaction_cls_first=block,
    num_interactions=2,
    num_elements=len(elements),
    hidden_irreps=o3.Irreps(request["hiddenIrreps"]),
    MLP_irreps=o3.Irreps("16x0e"),
    gate=torch.nn.functional.silu,
    atomic_energies=np.zeros(len(elements)),
    avg_num_neighbors=request["edgesPerAtom"],
    atomic_numbers=elements,
    correlation=3,
    radial_type="bessel",
    radial_MLP=[64, 64, 64],
    atomic_inter_scale=1.0,
    atomic_inter_shift=0.0,
)
torch.save(model, request["model"])
if request.get("symmetrixPackages"):
    # At the end, so that this interpreter's own numpy and torch come first.
    sys.path.append(request["symmetrixPackages"])
    from symmetrix.extract_mace_data import extract_mace_data

    with open(request["symmetrixModel"], "w") as file:
        json.dump(extract_mace_data(request["model"]), file)
