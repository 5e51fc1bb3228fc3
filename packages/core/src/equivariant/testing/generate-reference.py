"""Writes reference.json beside this file: values of e3nn and mace-torch that the tests of this folder compare with.

Run with python 3.11, torch 2.15, e3nn 0.4.4 and mace-torch 0.3.16: `python generate-reference.py`.
Coupling tensors and 3j symbols are stored as flat row-major indices of their non-zero elements, and the elements.
"""

import json
import pathlib
from importlib.metadata import version

import mace  # noqa: F401  (before e3nn: it allows torch to load e3nn's table)
import torch
from e3nn import o3
from mace.modules.irreps_tools import tp_out_irreps_with_instructions
from mace.tools.cg import U_matrix_real

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(1)


def normal(*shape):
    # Five digits keep the file short and are exact in both readers.
    return (torch.randn(*shape, generator=generator) * 1e5).round() / 1e5


def sparse(tensor, most=None):
    flat = tensor.contiguous().flatten()
    # e3nn's table and the products made of it hold rounding errors in place of zeros.
    index = torch.nonzero(flat.abs() > 1e-12).flatten()[:most]
    return {"index": index.tolist(), "value": flat[index].tolist()}


def wigner():
    low = [(a, b, c) for a in range(5) for b in range(a, 5) for c in range(b, min(a + b, 4) + 1)]
    # Other orders of the arguments, and the symbols whose sign e3nn 0.5 changed.
    low += [(2, 1, 1), (2, 1, 2), (3, 1, 2), (2, 3, 1), (3, 2, 2), (2, 3, 2), (4, 2, 3)]
    high = [(1, 8, 8), (3, 4, 6), (3, 5, 7), (4, 4, 5), (5, 5, 5), (5, 7, 7), (7, 6, 4), (11, 11, 11), (10, 11, 11)]
    full = [{"degrees": list(d), **sparse(o3.wigner_3j(*d))} for d in low]
    return full, [{"degrees": list(d), **sparse(o3.wigner_3j(*d), 6)} for d in high]


def harmonics():
    points = [[0.3, -0.5, 0.8], [0.0, 1.0, 0.0], [-0.7, 0.001, -0.2], [0.2, -0.9, 0.1]]
    values = o3.spherical_harmonics(
        list(range(12)), torch.tensor(points), normalize=True, normalization="component"
    )
    return {"points": points, "values": values.tolist()}


def coupling():
    cases = [("1x0e+1x1o", out, order) for out in ("0e", "1o") for order in (1, 2, 3)]
    cases += [("1x0e+1x1o", "0e", 4), ("1x0e+1x1o", "1e", 2), ("1x0e+1x1o", "2o", 2)]
    cases += [("1x0e+1x1o+1x2e", "2e", 2), ("1x0e+1x1o+1x2e", "0e", 3), ("1x0e+1x1e", "1e", 3)]
    cases += [("1x0e+1x1e", "0e", 4), ("1x0o+1x0e+1x1o+1x1e", "1e", 2)]
    found = []
    for base, output, order in cases:
        u = U_matrix_real(base, output, order, use_cueq_cg=False, dtype=torch.float64)[-1]
        found.append({"base": base, "output": output, "order": order, "shape": list(u.shape), **sparse(u)})
    return found


def product(first, second, target):
    first, second, target = o3.Irreps(first), o3.Irreps(second), o3.Irreps(target)
    out, instructions = tp_out_irreps_with_instructions(first, second, target)
    tp = o3.TensorProduct(first, second, out, instructions, shared_weights=False, internal_weights=False)
    x, y, w = normal(1, first.dim), normal(1, second.dim), normal(1, tp.weight_numel)
    single = tp.to(torch.float32)
    # A file saved in float32 and evaluated in float64: only the stored 3j symbols are rounded.
    exact = o3.TensorProduct(first, second, out, instructions, shared_weights=False, internal_weights=False)(x, y, w)
    rounded = single.to(torch.float64)(x, y, w)
    return {
        "input": str(first), "harmonics": str(second), "target": str(target), "irreps": str(out),
        "x": x[0].tolist(), "y": y[0].tolist(), "weights": w[0].tolist(),
        "value": exact[0].tolist(), "rounded": rounded[0].tolist(),
    }


full, leading = wigner()
reference = {
    "versions": {name: version(name) for name in ("mace-torch", "e3nn", "torch")},
    "wigner3j": full,
    "wigner3jLeading": leading,
    "harmonics": harmonics(),
    "coupling": coupling(),
    "products": [
        product("2x0e+2x1o", "1x0e+1x1o+1x2e+1x3o", "2x0e+2x1o+2x2e+2x3o"),
        product("1x1o+1x0e+1x2e", "1x0e+1x1o+1x2e", "1x0o+1x0e+1x1o+1x1e+1x2e"),
        product("1x0e+1x1e", "1x0e+1x1e+1x2e", "1x0e+1x1e+1x2e"),
    ],
}
path = pathlib.Path(__file__).with_name("reference.json")
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, "bytes")
