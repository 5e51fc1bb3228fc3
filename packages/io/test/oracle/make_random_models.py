#!/usr/bin/env python3
"""Makes the files that pin this package's numbers to mace-torch 0.3.16 (see requirements.txt for all versions).

    OMP_NUM_THREADS=1 python make_random_models.py [NAME ...]

For every entry of cases.py: builds a model of that architecture with random weights (seeded by the name),
rescales them layer by layer so that every term of the energy matters, saves it with torch.save as upstream does
(models/NAME.model.gz, gzip without a time stamp), loads it again and evaluates it in float64 with upstream's own data
pipeline (neighbour list, heads, key specification) on four structures and some repetitions: expected/NAME.json.
Also checkpoints/ (the form of upstream's CheckpointHandler) and refused/ (classes that we do not run).

Units: A, eV, eV/A, eV/A^3. Numbers are Python's shortest exact decimal form of the doubles.
Neither continuous integration nor the tests run this script: they read what it wrote.
Files are reproducible bit by bit on one machine with one thread (every model in a process of its own,
because TorchScript numbers its types through a process); elsewhere the last digits may differ.
Half of such a file would be source line tables (.debug_pkl) inside the embedded TorchScript archives of e3nn modules.
The models of cases.FIRST and the float32 ones are exactly what torch.save writes; in the others those tables are left out.
"reduced-cg*" models need cuequivariance on PYTHONPATH, all others must be made without it.
"""

import argparse
import gzip
import hashlib
import io
import json
import multiprocessing
import os
import sys
import tempfile
import warnings
import zipfile

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import mace  # noqa: F401  (before e3nn: sets the variable that lets torch read e3nn's constants)
import numpy as np
import torch
from e3nn import o3
from e3nn.util.codegen import CodeGenMixin
from mace import data, modules
from mace.data.utils import KeySpecification, update_keyspec_from_kwargs
from mace.modules import wrapper_ops
from mace.tools import torch_geometric, utils

from cases import CASES, DEFAULTS, FIRST
from structures import make_structures

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)


ATTEMPT = 0  # part of the seed; see make()


def seed_of(name):
    name = f"{name}#{ATTEMPT}" if ATTEMPT else name
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little") % 2**31


# ---------------------------------------------------------------- building


def build(name, case):
    """The upstream object, with random weights."""
    own = {"base", "dtype", "molecule", "hessian", "edge_forces", "finite_difference", "quantise", "bessel_parameter",
           "flat_e0", "numpy_avg", "info"}
    option = {**DEFAULTS, **{k: v for k, v in case.items() if k not in own}}
    dtype = torch.float32 if case.get("dtype") == "float32" else torch.float64
    torch.set_default_dtype(dtype)
    torch.manual_seed(seed_of(name))
    rng = np.random.default_rng(seed_of(name) + 1)
    heads, numbers = option["heads"], option["atomic_numbers"]
    e0 = rng.normal(-2.0, 3.0, (len(heads), len(numbers)))
    scale, shift = rng.uniform(0.7, 1.4, len(heads)), rng.uniform(-0.6, 0.6, len(heads))
    if case.get("flat_e0"):
        e0, scale, shift = e0[0], float(scale[0]), float(shift[0])
    args = dict(option)
    args.update(
        interaction_cls=modules.interaction_classes[option["interaction_cls"]],
        interaction_cls_first=modules.interaction_classes[option["interaction_cls_first"]],
        hidden_irreps=o3.Irreps(option["hidden_irreps"]),
        MLP_irreps=o3.Irreps(option["MLP_irreps"]),
        gate=modules.gate_dict[option["gate"]],
        num_elements=len(numbers),
        atomic_energies=e0,
    )
    if "edge_irreps" in option:
        args["edge_irreps"] = o3.Irreps(option["edge_irreps"])
    if "readout_cls" in option:
        args["readout_cls"] = modules.readout_classes[option["readout_cls"]]
    if case.get("numpy_avg"):
        args["avg_num_neighbors"] = np.float64(option["avg_num_neighbors"])
    if case.get("base"):
        model = modules.MACE(**args)
    else:
        model = modules.ScaleShiftMACE(**args, atomic_inter_scale=scale, atomic_inter_shift=shift)
    randomise(model, case)
    if case.get("bessel_parameter"):  # as mace.tools.finetuning_utils leaves it
        fn = model.radial_embedding.bessel_fn
        fn.bessel_weights = torch.nn.Parameter(fn.bessel_weights.clone() * (1 + 0.05 * torch.randn(len(fn.bessel_weights))))
    return model, option


def randomise(model, case):
    """Upstream's initial values are N(0,1) mostly; this changes those that would hide a term."""
    with torch.no_grad():
        for module in model.modules():
            kind = type(module).__name__
            if kind == "Contraction":
                for p in [module.weights_max, *module.weights]:
                    if p.requires_grad:  # not the weights that upstream froze at zero
                        p.mul_(p.shape[1] ** 0.5)
            elif kind == "LayerNorm":
                module.weight.copy_(1 + 0.3 * torch.randn_like(module.weight))
                module.bias.copy_(0.3 * torch.randn_like(module.bias))
            elif kind == "RealAgnosticResidualNonLinearInteractionBlock":
                module.alpha.fill_(20 + 3 * torch.randn(()).item())
                module.beta.fill_(0.5 + 0.2 * torch.randn(()).item())
                module.source_embedding.weight.normal_()
                module.target_embedding.weight.normal_()
                module.linear_1.weight.mul_(10)
            elif kind == "Linear" and hasattr(module, "irreps_out") and module.bias.numel():
                module.bias.normal_(0, 0.4)
        if case.get("quantise"):
            for p in model.parameters():
                if p.numel() > 2000:
                    p.copy_(torch.round(p * 1.3) / 1.3 * (torch.rand_like(p) < 0.15) * 2)


def calibrate(model, batches):
    """Returns the largest force of every structure, after what follows.

    Scales linear weights so that A features, node features, readout energies and forces are of order one.

    "Of order one": the geometric mean over the structures of the root mean square, for every irrep of a feature alone.
    """

    def outputs(module):
        found = []
        hook = module.register_forward_hook(lambda m, a, out: found.append(out.detach()))
        for batch in batches:
            model(batch.to_dict(), compute_force=False)
        hook.remove()
        return found

    def typical(tensors):
        return float(np.exp(np.mean([np.log(max(float(t.pow(2).mean().sqrt()), 1e-30)) for t in tensors])))

    def rescale(linear, module, target):
        """linear feeds module linearly (the two have the same output irreps)."""
        found = outputs(module)
        factors = []
        for block in linear.irreps_out.slices():
            size = typical([t[..., block] for t in found])
            factors.append(target / size if size > 1e-12 else 1.0)
        for _, instruction, weight in linear.weight_views(yield_instruction=True):
            weight.mul_(factors[instruction.i_out])

    def rescale_readouts(factor_of):
        for readout in model.readouts:
            last = readout.linear_2 if hasattr(readout, "linear_2") else readout.linear
            factor = factor_of(readout)
            last.weight.mul_(factor)
            if last.bias.numel():
                last.bias.mul_(factor)

    with torch.no_grad():
        if hasattr(model, "embedding_readout"):
            model.embedding_readout.linear.weight.mul_(0.7 / typical(outputs(model.embedding_readout)))
        for interaction, product in zip(model.interactions, model.products):
            last = interaction.linear_2 if hasattr(interaction, "linear_2") else interaction.linear
            after = interaction.skip_tp if type(interaction).__name__ in (
                "RealAgnosticInteractionBlock", "RealAgnosticDensityInteractionBlock") else last
            if after is last and last is not getattr(interaction, "linear_2", None):
                # the division by avg_num_neighbors or the density comes after the linear map
                divisor = interaction.avg_num_neighbors if not hasattr(interaction, "density_fn") else 3.0
                rescale(last, last, 0.7 * float(divisor))
            else:
                rescale(last, after, 0.7)
            rescale(product.linear, product.linear, 0.8)
        rescale_readouts(lambda readout: 0.6 / typical(outputs(readout)))
        zbl = hasattr(model, "pair_repulsion")
        if zbl:
            del model.pair_repulsion  # upstream asks only whether the attribute exists
        with torch.enable_grad():
            worst = [float(model(batch.to_dict())["forces"].abs().max()) for batch in batches]
        if zbl:
            model.pair_repulsion = True
        factor = min(1.5 / float(np.exp(np.mean(np.log(worst)))), 12 / max(worst))
        rescale_readouts(lambda readout: factor)
        return [w * factor for w in worst]


# ---------------------------------------------------------------- inputs


def key_specification(option):
    """What the calculator reads: charge and spin only because the specification names them."""
    keyspec = KeySpecification(info_keys={}, arrays_keys={})
    return update_keyspec_from_kwargs(keyspec, {"embedding_specs": option.get("embedding_specs")})


def make_batch(atoms, head, option):
    config = data.config_from_atoms(atoms, key_specification=key_specification(option), head_name=head)
    loader = torch_geometric.dataloader.DataLoader(
        dataset=[data.AtomicData.from_config(config, z_table=utils.AtomicNumberTable(list(option["atomic_numbers"])),
                                             cutoff=float(option["r_max"]), heads=option["heads"])],
        batch_size=1, shuffle=False, drop_last=False)
    return next(iter(loader))


def inputs_of(name, case, option):
    """(label, atoms, head) of everything that is evaluated."""
    numbers = list(option["atomic_numbers"])
    if len(numbers) > 8:
        numbers = [1, 6, 8, 14, 26, 79]
    n_molecule = case.get("molecule", max(5, min(8, len(numbers) + 2)))
    structures = make_structures(numbers, seed_of(name) + 2, n_molecule)
    heads, infos = option["heads"], case.get("info", [])
    rng = np.random.default_rng(seed_of(name) + 3)
    specs = option.get("embedding_specs", {})
    out = []
    for k, (label, atoms) in enumerate(structures.items()):
        if infos:
            atoms.info.update(infos[k])
        for feature, spec in specs.items():
            if spec["per"] == "atom":
                key = spec.get("key", feature)
                atoms.arrays[key] = rng.integers(0, spec["num_classes"], len(atoms)) if spec["type"] == "categorical" \
                    else np.round(rng.normal(size=len(atoms)), 4)
        out.append((label, atoms, heads[k % len(heads)]))
    for k in range(1, len(heads)):
        out.append((f"molecule-head-{heads[k]}", structures["molecule"].copy(), heads[k]))
    if len(heads) > 1:
        out.append(("molecule-head-unknown", structures["molecule"].copy(), "no-such-head"))
    for k, info in enumerate(infos[4:]):
        atoms = structures["molecule"].copy()
        atoms.info.clear()
        atoms.info.update(info)
        out.append((f"molecule-inputs-{k}", atoms, heads[0]))
    return out


# ---------------------------------------------------------------- evaluating


def numbers_of(tensor):
    if tensor is None:
        return None
    values = tensor.detach().double().numpy().tolist()
    return values


def finite_differences(model, batch, h=1e-4):
    """Fourth-order central differences of upstream's energy: forces and stress."""

    def energy(positions, cell):
        d = batch.to_dict()
        d["positions"] = positions
        d["cell"] = cell
        d["shifts"] = d["unit_shifts"] @ cell
        return model(d, compute_force=False)["energy"].item()

    def slope(f):
        return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)

    x, cell = batch["positions"].detach().clone(), batch["cell"].detach().clone()
    forces, stress = np.zeros(x.shape), np.zeros((3, 3))
    for i in range(x.shape[0]):
        for a in range(3):
            e = torch.zeros_like(x)
            e[i, a] = 1
            forces[i, a] = -slope(lambda s: energy(x + s * e, cell))
    volume = abs(np.linalg.det(cell.numpy()))
    for a in range(3):
        for b in range(a, 3):
            e = torch.zeros(3, 3)
            e[a, b] += 0.5
            e[b, a] += 0.5
            stress[a, b] = stress[b, a] = slope(lambda s: energy(x + s * x @ e, cell + s * cell @ e)) / volume
    return forces.tolist(), stress.tolist()


def evaluate(model, case, option, label, atoms, head):
    batch = make_batch(atoms, head, option)
    out = model(batch.to_dict(), compute_stress=True, compute_virials=True, compute_edge_forces=True,
                compute_atomic_stresses=True)
    assert all(torch.isfinite(v).all() for v in out.values() if v is not None), label
    record = dict(
        name=label, numbers=atoms.numbers.tolist(), positions=atoms.positions.tolist(), cell=atoms.cell.array.tolist(),
        pbc=atoms.pbc.tolist(), head=head, head_index=int(batch["head"][0]),
        info=dict(atoms.info),
        arrays={k: v.tolist() for k, v in atoms.arrays.items() if k not in ("numbers", "positions")},
        stored_cell=numbers_of(batch["cell"]), n_edges=int(batch["edge_index"].shape[1]),
        energy=out["energy"].item(),
        interaction_energy=numbers_of(out["interaction_energy"])[0] if "interaction_energy" in out else None,
        node_energy=numbers_of(out["node_energy"]), forces=numbers_of(out["forces"]),
        stress=numbers_of(out["stress"][0]), virials=numbers_of(out["virials"][0]),
        atomic_virials=numbers_of(out["atomic_virials"]), node_feats=numbers_of(out["node_feats"][:2]),
    )
    if "contributions" in out:
        record["contributions"] = numbers_of(out["contributions"][0])
    if label == "molecule" and case.get("hessian"):
        hessian = model(batch.to_dict(), compute_hessian=True)["hessian"]
        record["hessian"] = numbers_of(hessian.reshape(3 * len(atoms), 3 * len(atoms)))
    if label in ("molecule", "crystal") and case.get("edge_forces"):
        record["edges"] = dict(sender=batch["edge_index"][0].tolist(), receiver=batch["edge_index"][1].tolist(),
                               unit_shifts=batch["unit_shifts"].long().tolist(), edge_forces=numbers_of(out["edge_forces"]))
    if case.get("finite_difference"):
        record["finite_difference_forces"], record["finite_difference_stress"] = finite_differences(model, batch)
    return record


# ---------------------------------------------------------------- writing


def without_line_tables(blob):
    """A TorchScript archive without its .debug_pkl entries (stored, no time stamps)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(blob)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry))
    return out.getvalue()


def leave_out_line_tables():
    """From here on e3nn modules pickle their TorchScript without line tables."""
    original = CodeGenMixin.__getstate__

    def getstate(self):
        state = original(self)
        if "__codegen__" in state:
            state["__codegen__"] = {k: without_line_tables(v) if isinstance(v, bytes) else v for k, v in state["__codegen__"].items()}
        return state

    CodeGenMixin.__getstate__ = getstate


def write_gz(path, raw):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as raw_file, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw_file, mtime=0) as f:
        f.write(raw)
    return os.path.getsize(path)


def save_bytes(obj, filename):
    """torch.save to a file of that name (the name of the folder inside the archive comes from it)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, filename)
        torch.save(obj, path)
        with open(path, "rb") as f:
            return f.read()


def dump(path, head, records):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    lines = [json.dumps(r, separators=(",", ":")) for r in records]
    with open(path, "w") as f:
        f.write(json.dumps(head)[:-1] + ', "structures": [\n' + ",\n".join(lines) + "\n]}\n")
    return os.path.getsize(path)


def make(name):
    case = CASES[name]
    if name.startswith("reduced-cg") != wrapper_ops.CUET_AVAILABLE:
        return f"{name}: skipped (cuequivariance {'present' if wrapper_ops.CUET_AVAILABLE else 'absent'})"
    global ATTEMPT
    for ATTEMPT in range(40):  # until no structure dwarfs the others
        model, option = build(name, case)
        inputs = inputs_of(name, case, option)
        trainable = [p for p in model.parameters() if p.requires_grad]
        for p in trainable:  # with torch 2.15 upstream's in-place addition of the joint embedding fails otherwise
            p.requires_grad = False
        worst = calibrate(model, [make_batch(atoms, head, option) for _, atoms, head in inputs if len(atoms) > 1])
        if min(worst[:3]) > 0.2 and max(worst) < 12.1:
            break
    for p in trainable:
        p.requires_grad = True
    if name not in FIRST and case.get("dtype") != "float32":
        leave_out_line_tables()
    raw = save_bytes(model, f"{name}.model")
    size = write_gz(os.path.join(HERE, "models", f"{name}.model.gz"), raw)
    with gzip.open(os.path.join(HERE, "models", f"{name}.model.gz")) as f:
        model = torch.load(io.BytesIO(f.read()), weights_only=False)
    model = model.double()  # what upstream's calculator does with default_dtype float64
    for parameter in model.parameters():
        parameter.requires_grad = False
    torch.set_default_dtype(torch.float64)
    records = [evaluate(model, case, option, *one) for one in inputs]
    head = dict(
        model=name, mace_torch="0.3.16", torch=torch.__version__, seed=seed_of(name), dtype=case.get("dtype", "float64"),
        model_class="MACE" if case.get("base") else "ScaleShiftMACE", options=option,
        sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw))
    json_size = dump(os.path.join(HERE, "expected", f"{name}.json"), head, records)
    forces = max(abs(v) for r in records for row in r["forces"] for v in row)
    energies = [r["energy"] for r in records]
    note = ""
    if case.get("finite_difference"):
        note = " |F - F_fd| %.1e" % max(np.abs(np.array(r["forces"]) - np.array(r["finite_difference_forces"])).max() for r in records)
    return (f"{name}: attempt {ATTEMPT} gz {size} raw {len(raw)} json {json_size} E {min(energies):.2f}..{max(energies):.2f} "
            f"max|F| {forces:.2f} edges {[r['n_edges'] for r in records][:4]}{note}")


def make_checkpoint(name="block-residual-first"):
    """The same weights as models/NAME.model.gz as upstream's CheckpointIO.save writes them, optimiser state included."""
    from argparse import Namespace

    from mace.tools.checkpoint import CheckpointBuilder, CheckpointState
    from mace.tools.scripts_utils import LRScheduler, get_optimizer, get_params_options

    torch.set_default_dtype(torch.float64)
    with gzip.open(os.path.join(HERE, "models", f"{name}.model.gz")) as f:
        model = torch.load(io.BytesIO(f.read()), weights_only=False)
    case = CASES[name]
    option = {**DEFAULTS, **case}
    inputs = inputs_of(name, case, option)  # any structures would do
    args = Namespace(lr_params_factors="{}", freeze=None, lr=0.0, weight_decay=5e-7, amsgrad=True, beta=0.9,
                     optimizer="adam", scheduler="ReduceLROnPlateau", lr_factor=0.8, scheduler_patience=50,
                     lr_scheduler_gamma=0.9993)
    optimizer = get_optimizer(args, get_params_options(args, model))
    scheduler = LRScheduler(optimizer, args)
    for _, atoms, head in inputs[:2]:  # two steps with learning rate 0 fill the state and leave the weights alone
        optimizer.zero_grad()
        out = model(make_batch(atoms, head, option).to_dict(), training=True)
        (out["energy"].pow(2).sum() + out["forces"].pow(2).sum()).backward()
        optimizer.step()
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    scheduler.step(metrics=0.5)
    state = CheckpointBuilder.create_checkpoint(CheckpointState(model, optimizer, scheduler))
    filename = f"{name}_run-123_epoch-4.pt"
    size = write_gz(os.path.join(HERE, "checkpoints", filename + ".gz"), save_bytes(state, filename))
    return f"checkpoints/{filename}.gz: {size}"


def make_refused(kind):
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(seed_of(kind))
    args = dict(
        r_max=4.0, num_bessel=4, num_polynomial_cutoff=5, max_ell=2, num_interactions=2, num_elements=2,
        interaction_cls=modules.interaction_classes[DEFAULTS["interaction_cls"]],
        interaction_cls_first=modules.interaction_classes[DEFAULTS["interaction_cls_first"]],
        hidden_irreps=o3.Irreps("2x0e+2x1o"), MLP_irreps=o3.Irreps("2x0e+2x1o"), avg_num_neighbors=3.0,
        atomic_numbers=[1, 8], correlation=2, gate=torch.nn.functional.silu, radial_MLP=[8])
    if kind == "AtomicDipolesMACE":
        model = modules.AtomicDipolesMACE(atomic_energies=None, **{**args, "MLP_irreps": o3.Irreps("2x1o")})
    elif kind == "EnergyDipolesMACE":
        model = modules.EnergyDipolesMACE(atomic_energies=np.array([-1.0, -2.0]), **args)
    else:
        model = modules.AtomicDielectricMACE(
            atomic_energies=None, **{**args, "hidden_irreps": o3.Irreps("2x0e+2x1o+2x2e"), "MLP_irreps": o3.Irreps("2x0e+2x1o+2x2e")})
    leave_out_line_tables()
    size = write_gz(os.path.join(HERE, "refused", f"{kind}.model.gz"), save_bytes(model, f"{kind}.model"))
    return f"refused/{kind}.model.gz: {size}"


def in_own_process(function, *args):
    """Runs it in a forked process, so that files do not depend on what was made before."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(False)

    def body():
        try:
            send.send(function(*args))
        except BaseException as error:  # noqa: BLE001
            import traceback
            traceback.print_exc()
            send.send(f"{args}: FAILED {type(error).__name__}: {error}")

    process = context.Process(target=body)
    process.start()
    process.join()
    return receive.recv() if receive.poll() else f"{args}: process died ({process.exitcode})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="models; none: everything; 'first': the plain ones; 'checkpoint'; 'refused'")
    wanted = parser.parse_args().names
    if wanted == ["first"]:
        wanted = list(FIRST)
    everything = not wanted
    failed = 0
    for name in (CASES if everything else [n for n in wanted if n in CASES]):
        line = in_own_process(make, name)
        failed += "FAILED" in line or "died" in line
        print(line, flush=True)
    if not wrapper_ops.CUET_AVAILABLE:
        if everything or "checkpoint" in wanted:
            print(in_own_process(make_checkpoint), flush=True)
        if everything or "refused" in wanted:
            for kind in ("AtomicDipolesMACE", "EnergyDipolesMACE", "AtomicDielectricMACE"):
                print(in_own_process(make_refused, kind), flush=True)
    sys.exit(1 if failed else 0)
