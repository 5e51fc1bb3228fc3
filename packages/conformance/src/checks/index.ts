/** How each kind of case is run. */
import type { Case, Verdict } from '../case.js';
import type { Subject } from '../subject.js';
import { checkContract } from './contract.js';
import { checkFusion } from './fusion.js';
import { checkGolden } from './golden.js';
import { checkGraph } from './graph.js';
import { checkPhysics } from './physics.js';
import { checkSoak } from './soak.js';
import { checkStages } from './stages.js';

export async function checkCase(subject: Subject, one: Case): Promise<Verdict> {
  switch (one.kind) {
    case 'graph':
      return checkGraph(subject, one);
    case 'contract':
      return checkContract(subject, one);
    case 'fusion':
      return checkFusion(subject, one);
    case 'physics':
      return checkPhysics(subject, one);
    case 'golden':
      return checkGolden(subject, one);
    case 'stages':
      return checkStages(subject, one);
    case 'soak':
      return checkSoak(subject, one);
  }
}
