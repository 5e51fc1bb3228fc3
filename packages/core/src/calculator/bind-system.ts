/** Structures as a system: what was asked for is checked, and the first list is made. */
import { StructureError } from '../errors.js';
import type { MaceModel, Observable } from '../model/index.js';
import type { Structure } from '../structure/index.js';
import { BoundSystem } from './bound-system.js';
import { ordersOf } from './orders.js';
import { skinOf } from './skin.js';
import type { SystemHost } from './system-host.js';
import type { BindOptions, SystemProperty } from './system.js';

export async function bindSystem(
  host: SystemHost,
  structures: readonly Structure[],
  options: BindOptions,
): Promise<BoundSystem> {
  const { order } = options;
  const { model, tablesFrom } = host.graphs;
  const skin = skinOf(model.config, options.skin, tablesFrom !== null);
  const properties = options.properties ? [...options.properties] : ['forces' as const];
  const unknown = properties.find((property) => !known.includes(property));
  if (unknown !== undefined)
    throw new StructureError(
      `bind: there is no property ${unknown}. There are ${known.join(', ')}; name some of these.`,
    );
  const system = new BoundSystem(host, properties, wantedFor(model, properties), skin, structures);
  const orders = order && ordersOf(structures, order);
  await host.onDevice(() => system.rebind(structures, orders));
  return system;
}

const known: readonly SystemProperty[] = [
  'forces',
  'stress',
  'atomEnergies',
  'interactionEnergies',
  'atomVirials',
  'descriptors',
];

/** What the graph has to give. */
function wantedFor({ config }: MaceModel, properties: readonly SystemProperty[]): Observable[] {
  const wanted: Observable[] = ['atomEnergy'];
  if (config.useEmbeddingReadout) wanted.push('embeddingEnergy');
  if (properties.includes('forces')) wanted.push('forces');
  if (properties.includes('stress') || properties.includes('atomVirials')) wanted.push('atomVirial');
  if (properties.includes('descriptors')) wanted.push('features');
  return wanted;
}
