"""Write the files in files/ and what their writer reads back from them (files/expected-*.json).

  python make_files.py ase        with ase==3.29.0, numpy==2.4.6
  python make_files.py pymatgen   with pymatgen==2026.10.24, pymatgen-core==2026.10.16

All numbers come from a seeded generator; the files are committed, so the tests need no Python.
Only ase-rows.json differs from run to run: ASE puts times and random ids into it.
"""
import json
import sys
from pathlib import Path

import numpy as np

folder = Path(__file__).parent / "files"
folder.mkdir(exist_ok=True)
random = np.random.default_rng(20260101)


def plain(value):
    """Arrays as {shape, kind, values}; NaN and infinity as text, so that the JSON is standard."""
    if isinstance(value, (list, tuple)) and value and len({type(v) for v in value}) == 1 and isinstance(value[0], (bool, int, float, str)):
        value = np.array(value)
    if isinstance(value, np.ndarray):
        kind = {"f": "real", "i": "integer", "b": "logical", "U": "text", "O": "text"}[value.dtype.kind]
        return {"shape": list(value.shape), "kind": kind, "values": [plain(v) for v in value.ravel().tolist()]}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def frame(numbers, positions, cell, pbc, info=None, arrays=None):
    return {
        "numbers": [int(n) for n in numbers],
        "positions": np.asarray(positions).ravel().tolist(),
        "cell": None if cell is None or not np.any(cell) else np.asarray(cell).ravel().tolist(),
        "pbc": [bool(p) for p in pbc],
        "info": {k: plain(v) for k, v in (info or {}).items()},
        "arrays": {k: plain(np.asarray(v)) for k, v in (arrays or {}).items()},
    }


def make_ase():
    import ase.io
    from ase import Atoms
    from ase.build import bulk, molecule
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.constraints import FixAtoms, FixScaled
    from ase.io.jsonio import encode
    from ase.spacegroup import crystal

    expected = {}

    def record(name, with_extras=False, **arguments):
        frames = []
        for atoms in ase.io.read(folder / name, ":", **arguments):
            info, arrays = dict(atoms.info), {k: v for k, v in atoms.arrays.items() if k not in ("numbers", "positions")}
            if atoms.calc is not None:
                for key, value in atoms.calc.results.items():
                    (arrays if key in ("forces", "charges", "magmoms") else info)[key] = value
            frames.append(frame(atoms.numbers, atoms.positions, atoms.cell.array, atoms.pbc,
                                info if with_extras else None, arrays if with_extras else None))
        expected[name] = frames

    water = molecule("H2O")
    water.info.update(
        energy_ref=-14.25, whole=3.0, count=7, flag=True, off=False, name="water dimer", quote='say "hi"', text_T="x T",
        vector=np.array([0.1, 1e-300, -2.5e22]), integers=np.array([1, -2, 3]), truths=np.array([True, False]),
        table=np.arange(6.0).reshape(2, 3) / 7, counts=np.arange(4).reshape(2, 2), nine=np.arange(9) / 3,
        nothing=None, nested={"a": [1, 2.5, "b"], "c": None}, mixed=["a", 1], comma="a,b", greek="αβ Å")
    water.info["virial"] = random.normal(size=(3, 3))
    water.new_array("labels", np.array(["Oa", "H1", "H2"]))
    water.new_array("group", np.array([1, -2, 3]))
    water.new_array("active", np.array([True, False, True]))
    water.new_array("born", random.normal(size=(3, 9)))
    water.new_array("mask3", random.random((3, 3)) > 0.5)
    water.new_array("huge", np.array([1e300, -1e-300, 5e-324]))
    salt = bulk("NaCl", "rocksalt", a=5.64)
    salt.rattle(0.1, seed=1)
    salt.calc = SinglePointCalculator(salt, energy=-6.5, forces=random.normal(size=(2, 3)), stress=random.normal(size=6))
    slab = Atoms("Cu3", positions=random.normal(size=(3, 3)), cell=random.normal(size=(3, 3)) * 4, pbc=[True, False, True])
    ase.io.write(folder / "ase-rich.extxyz", [water, salt, slab], columns=None)
    record("ase-rich.extxyz", True)
    water.calc = None
    ase.io.write(folder / "ase-plain.xyz", [molecule("CH3CH2OH"), molecule("C6H6")], format="xyz", comment="a plain file")
    record("ase-plain.xyz", format="xyz")

    quartz = crystal(["Si", "O"], [(0.4697, 0, 0), (0.4135, 0.2669, 0.1191)], spacegroup=152, cellpar=[4.916, 4.916, 5.4054, 90, 90, 120])
    ase.io.write(folder / "ase-two-blocks.cif", [quartz, salt])
    record("ase-two-blocks.cif")
    (folder / "quartz-operations.cif").write_text(QUARTZ)
    record("quartz-operations.cif")

    slab.set_constraint([FixAtoms([0]), FixScaled([2], [True, False, True])])
    slab.set_velocities(random.normal(size=(3, 3)))
    ase.io.write(folder / "ase-POSCAR", slab, direct=True, vasp5=True)
    record("ase-POSCAR", format="vasp")
    (folder / "four-CONTCAR").write_text(FOUR)
    record("four-CONTCAR", format="vasp")
    frames = [salt.repeat((1, 1, 2)) for _ in range(3)]
    for image in frames:
        image.rattle(0.05, rng=random)
    ase.io.write(folder / "ase-XDATCAR", frames, format="vasp-xdatcar")
    record("ase-XDATCAR", format="vasp-xdatcar")

    ase.io.write(folder / "ase-models.pdb", [quartz, quartz], format="proteindatabank")
    record("ase-models.pdb", True, format="proteindatabank")

    for image in (salt, slab):
        image.set_tags(range(len(image)))
    ase.io.write(folder / "ase-rows.json", [salt, slab], format="json")
    record("ase-rows.json")
    (folder / "ase-encoded.json").write_text(encode(water))
    expected["ase-encoded.json"] = [frame(water.numbers, water.positions, None, water.pbc)]
    (folder / "expected-ase.json").write_text(json.dumps(expected))


def make_pymatgen():
    from pymatgen.core import Lattice, Molecule, Structure
    from pymatgen.io.cif import CifWriter
    from pymatgen.io.vasp import Poscar

    expected = {}

    def of(structure):
        cell = structure.lattice.matrix if isinstance(structure, Structure) else None
        pbc = structure.lattice.pbc if cell is not None else [False] * 3
        return frame(structure.atomic_numbers, structure.cart_coords, cell, pbc)

    spinel = Structure.from_spacegroup("Fd-3m", Lattice.cubic(8.08), ["Mg", "Al", "O"], [[0.125] * 3, [0.5] * 3, [0.2624] * 3])
    CifWriter(spinel, symprec=0.01).write_file(folder / "pymatgen-spinel.cif")
    expected["pymatgen-spinel.cif"] = [of(Structure.from_file(folder / "pymatgen-spinel.cif"))]
    tilted = Structure(Lattice.from_parameters(3, 4, 5, 80, 100, 95), ["Na+", "Cl-"], random.random((2, 3)),
                       site_properties={"magmom": [1.5, -2.0], "kind": ["a", "b"]}, properties={"note": "x", "energy": -3.0})
    tilted.to_file(folder / "pymatgen-structure.json")
    expected["pymatgen-structure.json"] = [of(tilted)]
    hydroxide = Molecule(["O", "H"], random.normal(size=(2, 3)), charge=-1)
    hydroxide.to_file(folder / "pymatgen-molecule.json")
    expected["pymatgen-molecule.json"] = [of(hydroxide)]
    poscar = Poscar(tilted, selective_dynamics=[[True, False, True], [False] * 3], velocities=random.normal(size=(2, 3)).tolist())
    poscar.write_file(folder / "pymatgen-POSCAR", significant_figures=16)
    expected["pymatgen-POSCAR"] = [of(Structure.from_str((folder / "pymatgen-POSCAR").read_text(), fmt="poscar"))]
    (folder / "expected-pymatgen.json").write_text(json.dumps(expected))


QUARTZ = """# written by hand: uncertainties, quotes, a text field, operations in several spellings
data_quartz
_publ_section_title
;
 A text field; with 'quotes' and _tags
data_not_a_block
;
_cell_length_a 4.916(1)
_cell_length_b 4.916(1)
_cell_length_c 5.4054(12)
_cell_angle_alpha 90
_cell_angle_beta 90.
_cell_angle_gamma 120.0
_symmetry_space_group_name_H-M "P 31 2 1"
loop_
_symmetry_equiv_pos_as_xyz
x,y,z
'-y, x-y, z+1/3'
'y-x, -x, 2/3+z'
'y, x, -z'
'x-y, -y, 2/3-z'
"-x, -x+y, .333333333333-z"
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Si1 Si4+ 0.4697(2) 0 0 1
O1 O2- 0.4135 0.2669(3) 0.1191 1.0 # a comment
"""

FOUR = """Si O
-113.0
4.9 0.0 0.0
-2.45 4.2435245 0.0
0.0 0.0 5.4
1 2
Cartesian
0.1 0.2 0.3
1.0 1.5 2.0
-1.0 2.5 3.0
"""

if __name__ == "__main__":
    {"ase": make_ase, "pymatgen": make_pymatgen}[sys.argv[1]]()
