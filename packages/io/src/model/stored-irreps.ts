/** The irreps that the layers of a file declare against those that follow from the configuration. */
import { FormatError, type MaceConfig } from '@mace/core';
import { formatIrreps, simplifyIrreps, type IrrepBlock } from '@mace/core/equivariant';
import { layerConfigs } from '@mace/core/model';
import { irrepsOf } from './irreps-text.js';
import { listModules, type ModuleNode } from './module-tree.js';

/** @throws FormatError that names the first layer and attribute that disagree */
export function checkStoredIrreps(root: ModuleNode, config: MaceConfig): void {
  const layers = listModules(root, 'interactions');
  for (const expected of layerConfigs(config)) {
    const node = layers[expected.index]!;
    const pairs: [name: string, blocks: readonly IrrepBlock[]][] = [
      ['node_feats_irreps', expected.input],
      ['target_irreps', expected.target],
      ['hidden_irreps', expected.hidden],
      ['edge_irreps', expected.edge],
    ];
    for (const [name, blocks] of pairs) {
      const stored = node.attributes.get(name);
      if (stored === undefined || stored === null) continue;
      const found = canonical(irrepsOf(stored, `${node.path}.${name}`));
      if (found !== canonical(blocks)) {
        throw new FormatError(
          `${node.path}.${name} is ${found}; expected ${canonical(blocks)} from hidden irreps ${config.hiddenIrreps} and max_ell ${config.maxEll}. The file is inconsistent: save it again from an unmodified mace-torch.`,
        );
      }
    }
  }
}

function canonical(blocks: readonly IrrepBlock[]): string {
  return formatIrreps(simplifyIrreps([...blocks]));
}
