"""The random-weight models of make_random_models.py: one entry per file, only what differs from DEFAULTS."""

R = "RealAgnosticResidualInteractionBlock"
A = "RealAgnosticInteractionBlock"
D = "RealAgnosticDensityInteractionBlock"
DR = "RealAgnosticDensityResidualInteractionBlock"
ATT = "RealAgnosticAttResidualInteractionBlock"
NL = "RealAgnosticResidualNonLinearInteractionBlock"

# Constructor arguments of mace.modules.ScaleShiftMACE, as text where upstream takes objects.
DEFAULTS = dict(
    r_max=4.0, num_bessel=6, num_polynomial_cutoff=5, max_ell=2,
    interaction_cls=R, interaction_cls_first=A, num_interactions=2,
    hidden_irreps="3x0e+3x1o", MLP_irreps="4x0e", atomic_numbers=[1, 6, 8],
    correlation=3, gate="silu", avg_num_neighbors=7.3, radial_MLP=[8, 8], heads=["Default"],
    use_reduced_cg=False,
)

# Keys beside constructor arguments:
#   base          build the base class MACE
#   dtype         "float32": built and saved in float32, evaluated after .double()
#   molecule      number of atoms of the molecule
#   hessian, edge_forces, finite_difference   extra results
#   quantise      weights of large matrices are multiples of 1/4 (so that the file compresses)
#   bessel_parameter   bessel_weights is a trainable Parameter, as fine-tuning leaves it
#   flat_e0       atomic_energies one-dimensional and scale/shift zero-dimensional, as older files have them
#   numpy_avg     avg_num_neighbors is a numpy.float64, as mace_run_train leaves it
#   info          inputs (total_charge, total_spin, ...) of the four structures, then of repeated molecules
CASES = {
    # interaction blocks
    "block-agnostic": dict(interaction_cls=A, hessian=True, edge_forces=True, molecule=4),
    "block-residual-first": dict(interaction_cls_first=R, numpy_avg=True),
    "block-density": dict(interaction_cls=D, interaction_cls_first=D),
    "block-density-residual": dict(interaction_cls=DR, interaction_cls_first=DR),
    "block-attention-residual-3-layers": dict(interaction_cls=ATT, interaction_cls_first=R, num_interactions=3,
        hidden_irreps="2x0e+2x1o", quantise=True, max_ell=1),
    "block-nonlinear-residual": dict(interaction_cls=NL, interaction_cls_first=NL, hessian=True, molecule=4),
    # base class
    "base-mace": dict(base=True, pair_repulsion=True, flat_e0=True),
    "base-mace-two-heads": dict(base=True, heads=["a", "b"], interaction_cls_first=R),
    # radial part
    "radial-gaussian": dict(radial_type="gaussian", flat_e0=True),
    "radial-chebyshev": dict(radial_type="chebyshev", num_bessel=3, r_max=3.6, finite_difference=True),
    "radial-chebyshev-agnesi": dict(radial_type="chebyshev", num_bessel=5, distance_transform="Agnesi", finite_difference=True),
    "transform-agnesi": dict(distance_transform="Agnesi", finite_difference=True, interaction_cls_first=R),
    "transform-soft": dict(distance_transform="Soft", interaction_cls_first=R),
    "transform-soft-gaussian": dict(distance_transform="Soft", radial_type="gaussian", radial_MLP=[12]),
    "no-apply-cutoff": dict(apply_cutoff=False, interaction_cls_first=R),
    "no-apply-cutoff-density": dict(apply_cutoff=False, interaction_cls=DR, interaction_cls_first=D),
    "zbl": dict(pair_repulsion=True, num_polynomial_cutoff=6, finite_difference=True),
    "bessel-parameter": dict(bessel_parameter=True, interaction_cls_first=R),
    # irreps and contraction
    "hidden-l2": dict(hidden_irreps="2x0e+2x1o+2x2e", interaction_cls_first=R),
    "hidden-l3": dict(hidden_irreps="2x0e+2x1o+2x2e+2x3o", max_ell=3, correlation=2, interaction_cls_first=R),
    "max-ell-3-correlation-3": dict(hidden_irreps="3x0e+3x1o", max_ell=3, radial_MLP=[12]),
    "hidden-scalar-only": dict(hidden_irreps="4x0e", interaction_cls_first=R),
    "hidden-odd-parity": dict(hidden_irreps="3x0e+3x0o+3x1o+3x1e", interaction_cls_first=R),
    "hidden-odd-parity-3-layers": dict(hidden_irreps="2x0e+2x0o+2x1o+2x1e", interaction_cls_first=A,
        num_interactions=3, correlation=2, radial_MLP=[12]),
    "hidden-unnatural-vector": dict(hidden_irreps="3x0e+3x1e+3x1o", interaction_cls_first=R),
    "correlation-4": dict(max_ell=1, correlation=4),
    "correlation-4-max-ell-2": dict(max_ell=2, correlation=4, hidden_irreps="2x0e", interaction_cls_first=R),
    "correlation-2-max-ell-4": dict(max_ell=4, correlation=2, hidden_irreps="2x0e+2x1o+2x2e", radial_MLP=[12]),
    "correlation-list-3-1": dict(correlation=[3, 1]),
    "correlation-list-2-3": dict(correlation=[2, 3], interaction_cls_first=R),
    "correlation-1": dict(correlation=1, interaction_cls_first=R),
    "so3": dict(use_so3=True, hidden_irreps="2x0e+2x1e+2x2e", interaction_cls_first=R),
    "agnostic-product": dict(use_agnostic_product=True, interaction_cls_first=R),
    # layers, readouts, heads
    "layers-1": dict(num_interactions=1),
    # use_reduced_cg is upstream's default and means nothing without cuequivariance: the attribute is true, U is the full one
    "layers-1-residual": dict(use_reduced_cg=True, num_interactions=1, interaction_cls_first=R, hidden_irreps="4x0e+4x1o"),
    "layers-3": dict(num_interactions=3, hidden_irreps="2x0e+2x1o", interaction_cls_first=R, correlation=[2, 3, 2]),
    "heads-3": dict(heads=["dft", "ccsd", "xtb"], interaction_cls_first=R, hidden_irreps="3x0e+3x1o"),
    "last-readout-only": dict(use_last_readout_only=True, interaction_cls_first=R),
    "readout-bias": dict(readout_cls="NonLinearBiasReadoutBlock", interaction_cls_first=R),
    "readout-bias-two-heads": dict(readout_cls="NonLinearBiasReadoutBlock", heads=["one", "two"], MLP_irreps="3x0e"),
    "keep-last-layer-irreps": dict(keep_last_layer_irreps=True, interaction_cls_first=R),
    "gate-tanh": dict(gate="tanh", MLP_irreps="5x0e"),
    "gate-abs": dict(gate="abs"),
    "gate-none": dict(gate="None"),
    # edge irreps
    "edge-irreps": dict(hidden_irreps="4x0e+4x1o", edge_irreps="2x0e+2x1o", interaction_cls_first=R),
    "edge-irreps-first": dict(hidden_irreps="4x0e+4x1o", edge_irreps="2x0e+2x1o", use_edge_irreps_first=True, interaction_cls_first=R),
    "edge-irreps-unequal": dict(hidden_irreps="4x0e+4x1o", edge_irreps="3x0e+2x1o", use_edge_irreps_first=True, interaction_cls=NL, interaction_cls_first=NL),
    "edge-irreps-scalar-only": dict(hidden_irreps="3x0e+3x1o", edge_irreps="2x0e", interaction_cls=DR),
    # embeddings
    "embedding-charge-spin": dict(interaction_cls_first=R, embedding_specs={
        "total_charge": dict(type="continuous", per="graph", in_dim=1, emb_dim=4),
        "total_spin": dict(type="categorical", per="graph", num_classes=6, emb_dim=3, offset=-1)},
        info=[dict(total_charge=1, total_spin=2), dict(total_charge=-2, total_spin=1), dict(), dict(total_charge=1),
              dict(total_charge=0, total_spin=1), dict(total_charge=-1, total_spin=4)]),
    "embedding-readout": dict(use_embedding_readout=True, heads=["x", "y"], embedding_specs={
        "total_charge": dict(type="categorical", per="graph", num_classes=11, emb_dim=4, offset=5),
        "total_spin": dict(type="categorical", per="graph", num_classes=6, emb_dim=3, offset=-1)},
        info=[dict(total_charge=1, total_spin=2), dict(total_charge=-2, total_spin=1), dict(), dict(total_charge=1),
              dict(total_charge=-5, total_spin=1), dict(total_charge=5, total_spin=6)]),
    "embedding-atom-level": dict(interaction_cls_first=R, embedding_specs={
        "site": dict(type="categorical", per="atom", num_classes=4, emb_dim=3, key="site_label"),
        "magmom": dict(type="continuous", per="atom", in_dim=1, emb_dim=4, use_bias=False),
        "elec_temp": dict(type="continuous", per="graph", in_dim=1, emb_dim=2)},
        info=[dict(elec_temp=0.3), dict(elec_temp=0.1), dict(elec_temp=0.0), dict(elec_temp=0.2)]),
    "embedding-base-mace": dict(base=True, use_embedding_readout=True, embedding_specs={
        "total_charge": dict(type="continuous", per="graph", in_dim=1, emb_dim=4)},
        info=[dict(total_charge=1), dict(total_charge=-2), dict(), dict(total_charge=1)]),
    # shapes of published models
    "single-element": dict(atomic_numbers=[14], r_max=4.5, hidden_irreps="4x0e+4x1o", interaction_cls_first=R, numpy_avg=True),
    "mp-0b3-like": dict(atomic_numbers=list(range(1, 90)), interaction_cls=DR, interaction_cls_first=DR, r_max=5.0,
        num_bessel=8, hidden_irreps="2x0e+2x1o", max_ell=3, distance_transform="Agnesi", pair_repulsion=True,
        radial_MLP=[8, 8, 8], numpy_avg=True, hessian=True, molecule=4, heads=["default"], MLP_irreps="3x0e"),
    "mh-1-like": dict(atomic_numbers=[1, 3, 6, 7, 8, 9, 14, 17], interaction_cls=NL, interaction_cls_first=NL, r_max=4.5,
        hidden_irreps="4x0e+4x1o", edge_irreps="2x0e+2x1o", use_edge_irreps_first=True, apply_cutoff=False,
        use_agnostic_product=True, use_last_readout_only=True, readout_cls="NonLinearBiasReadoutBlock",
        heads=["omat_pbe", "omol", "spice_wB97M"], correlation=3, radial_MLP=[8, 8], numpy_avg=True),
    "omol-like": dict(atomic_numbers=[1, 6, 7, 8, 16], interaction_cls=NL, interaction_cls_first=NL, heads=["omol"],
        hidden_irreps="3x0e+3x1o", apply_cutoff=False, use_embedding_readout=True, use_agnostic_product=True,
        embedding_specs={
            "total_charge": dict(type="categorical", per="graph", num_classes=21, emb_dim=4, offset=10),
            "total_spin": dict(type="categorical", per="graph", num_classes=11, emb_dim=4)},
        info=[dict(total_charge=-1, total_spin=2), dict(total_charge=0, total_spin=1), dict(total_charge=3, total_spin=4),
              dict(total_charge=1, total_spin=2), dict(total_charge=2, total_spin=3)]),
    # float32 files
    "float32-l1": dict(dtype="float32", interaction_cls_first=R, hidden_irreps="4x0e+4x1o"),
    "float32-agnesi-zbl": dict(dtype="float32", distance_transform="Agnesi", pair_repulsion=True, interaction_cls=DR, interaction_cls_first=DR),
    # U matrices from cuequivariance's reduced symmetric basis (needs cuequivariance on PYTHONPATH)
    "reduced-cg": dict(use_reduced_cg=True, interaction_cls_first=R),
    "reduced-cg-max-ell-4": dict(use_reduced_cg=True, max_ell=4, hidden_irreps="2x0e", correlation=3, interaction_cls_first=R, radial_MLP=[12]),
}

FIRST = ["block-agnostic", "block-residual-first", "block-density", "block-density-residual",
         "block-nonlinear-residual", "base-mace", "zbl", "heads-3"]
