"""Trains the bundled model with mace-torch 0.3.16 on the files that make_data.py made.

    OMP_NUM_THREADS=1 python train.py --data DIR --work DIR2 [--set=--max_num_epochs=60 --set=...]

This is mace_run_train with the flags below. One thing is changed: an "epoch" is FRAMES_PER_EPOCH frames drawn without
replacement from the training set, so that the learning rate falls and checkpoints appear in small steps. A run
continues from the latest checkpoint in DIR2. It ends with DIR2/hcno-xtb.model (and _stagetwo.model), in float32.
"""
import argparse

import torch
from mace import tools
from mace.cli import run_train
from mace.tools import torch_geometric

FRAMES_PER_EPOCH = 1000
FLAGS = """
--name=hcno-xtb --seed=123 --device=cpu --default_dtype=float32
--E0s=IsolatedAtom --keep_isolated_atoms=True --energy_key=REF_energy --forces_key=REF_forces
--model=ScaleShiftMACE --r_max=4.5 --num_interactions=2 --num_channels=32 --max_L=1 --max_ell=2 --correlation=2
--num_radial_basis=8 --radial_MLP=[32,32,32] --pair_repulsion
--interaction_first=RealAgnosticDensityInteractionBlock --interaction=RealAgnosticDensityResidualInteractionBlock
--std=1.0 --mean=0.0 --compute_avg_num_neighbors=False --avg_num_neighbors=12.6
--loss=weighted --energy_weight=10 --forces_weight=100
--config_type_weights={"Default":1,"close_contact":0.4,"diatomic":0.05}
--batch_size=5 --valid_batch_size=16 --num_workers=0
--max_num_epochs=70 --lr=0.01 --scheduler=ExponentialLR --lr_scheduler_gamma=0.96 --clip_grad=10
--ema --ema_decay=0.995 --weight_decay=5e-7 --eval_interval=4 --restart_latest --plot=False --error_table=PerAtomRMSE
--stage_two --start_stage_two=58 --stage_two_lr=0.0005 --stage_two_energy_weight=1000 --stage_two_forces_weight=100
"""


class ShortEpochs(torch_geometric.dataloader.DataLoader):
    """mace's loader; where it would shuffle the whole set it draws a part of it."""

    def __init__(self, dataset, batch_size=1, shuffle=False, **others):
        if shuffle and len(dataset) > FRAMES_PER_EPOCH:
            others["sampler"] = torch.utils.data.RandomSampler(dataset, num_samples=FRAMES_PER_EPOCH)
            shuffle = False
        super().__init__(dataset, batch_size=batch_size, shuffle=shuffle, **others)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--set", action="append", default=[], help="flags of mace_run_train that replace those above")
    options = parser.parse_args()
    torch_geometric.dataloader.DataLoader = ShortEpochs
    files = [f"--train_file={options.data}/train.xyz", f"--valid_file={options.data}/valid.xyz"]
    flags = [*FLAGS.split(), *files, f"--work_dir={options.work}", f"--model_dir={options.work}", *options.set]
    run_train.run(tools.build_default_arg_parser().parse_args(flags))


if __name__ == "__main__":
    main()
