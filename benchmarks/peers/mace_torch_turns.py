"""mace-torch in benchmarks/suite.mjs (protocol: turns.py): energy + forces of a model file on one structure.

The neighbor list and the batch are made before the clock starts. With `compiled`, as the calculator compiles with
`compile_mode="default"` (mace/calculators/mace.py).
"""
import warnings

from turns import atoms_of, processor_facts, serve  # (first: what is printed from here on is no answer)
from importlib.metadata import version

warnings.filterwarnings("ignore")
import mace  # noqa: F401  (before e3nn: it sets what e3nn's constants file needs)
import torch
from mace import data, tools
from mace.tools import torch_geometric
from mace.tools.compile import prepare
from mace.tools.scripts_utils import extract_model


def set_up(request):
    torch.set_num_threads(request["threads"])
    dtype = {"f32": torch.float32, "f64": torch.float64}[request["precision"]]
    torch.set_default_dtype(dtype)
    model = torch.load(request["model"], weights_only=False, map_location="cpu").to(dtype)
    compiled = request.get("compiled", False)
    if compiled:
        model = torch.compile(prepare(extract_model)(model=model, map_location="cpu"), mode="default", fullgraph=True)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    table = tools.AtomicNumberTable([int(z) for z in model.atomic_numbers])
    config = data.config_from_atoms(atoms_of(request["structure"]))
    graph = data.AtomicData.from_config(config, z_table=table, cutoff=request["cutoff"])
    inputs = next(iter(torch_geometric.dataloader.DataLoader([graph], batch_size=1))).to_dict()

    if compiled:
        for name in ("positions", "node_attrs"):
            inputs[name].requires_grad_(True)

    def run():
        return model(inputs, compute_force=True, compute_stress=False, training=compiled)

    facts = {
        "edges": int(inputs["edge_index"].shape[1]),
        "device": f"torch {torch.__version__} on the CPU{', torch.compile' if compiled else ''}",
        "versions": {name: version(name) for name in ("mace-torch", "torch", "e3nn")},
        "threads": torch.get_num_threads(),
        "build": f"{flags_of(torch)}, {torch.backends.cpu.get_cpu_capability()} kernels, MKL",
        **processor_facts(request["precision"]),
    }
    return facts, run, lambda: run()["forces"].detach().numpy()


def flags_of(torch):
    """The optimisation level that torch was compiled with."""
    return next((flag for flag in torch.__config__.show().split() if flag in ("-O1", "-O2", "-O3")), "")


serve(set_up)
