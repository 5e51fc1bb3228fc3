"""mace-torch in benchmarks/load.mjs: a model file to first energy + forces. One JSON request on standard input, one JSON answer."""
import sys
import time

began = time.perf_counter()
from turns import answers, atoms_of  # (first: what is printed from here on is no answer)
from importlib.metadata import version
import json
import warnings

warnings.filterwarnings("ignore")
import mace  # noqa: F401  (before e3nn: it sets what e3nn's constants file needs)
import torch
from mace import data, tools
from mace.tools import torch_geometric

request = json.load(sys.stdin)
torch.set_num_threads(1)
dtype = {"f32": torch.float32, "f64": torch.float64}[request["precision"]]
torch.set_default_dtype(dtype)
atoms = atoms_of(request["structure"])
imported = time.perf_counter()
model = torch.load(request["model"], weights_only=False).to(dtype)
for parameter in model.parameters():
    parameter.requires_grad_(False)
table = tools.AtomicNumberTable([int(z) for z in model.atomic_numbers])
graph = data.AtomicData.from_config(data.config_from_atoms(atoms), z_table=table, cutoff=request["cutoff"])
inputs = next(iter(torch_geometric.dataloader.DataLoader([graph], batch_size=1))).to_dict()
result = model(inputs, compute_force=True, compute_stress=False)
forces = result["forces"].detach().numpy()
done = time.perf_counter()
answers.write(json.dumps({
    "total": done - imported,
    "imports": imported - began,
    "energy": float(result["energy"][0]),
    "device": f"mace-torch {version('mace-torch')}, torch {torch.__version__}, 1 thread",
}) + "\n")
answers.flush()
