import { test } from 'vitest';
import { reference } from '@mace/core';
import { Subject } from '../src/subject.js';
import { checkGraph } from '../src/checks/graph.js';
import { checkPhysics } from '../src/checks/physics.js';
import { checkFusion } from '../src/checks/fusion.js';
import { opCases } from '../src/suites/ops.js';
import { polynomialCases } from '../src/suites/polynomials.js';
import { gradientCases } from '../src/suites/gradients.js';
import { physicsCases } from '../src/suites/physics.js';
import { fusionCases } from '../src/suites/fusion.js';
import { goldenCases } from '../src/suites/golden.js';
import { checkGolden } from '../src/checks/golden.js';
import { checkStages } from '../src/checks/stages.js';
import { typedArrays } from '../../backend-typed-arrays/src/index.js';
const t0 = () => performance.now();
test('all', async () => {
  for (const definition of [reference(), typedArrays()])
    for (const precision of ['f64', 'f32'] as const) {
      const subject = new Subject(definition, precision);
      for (const [name, cases] of Object.entries({
        ops: opCases(),
        polynomials: polynomialCases(),
        gradients: gradientCases(),
        fusion: fusionCases(),
        physics: physicsCases(),
      })) {
        const began = t0();
        let worst = 0,
          bad = 0,
          at = '';
        for (const one of cases) {
          const s = t0();
          try {
            const v =
              one.kind === 'graph'
                ? await checkGraph(subject, one)
                : one.kind === 'physics'
                  ? await checkPhysics(subject, one)
                  : one.kind === 'golden' ? await checkGolden(subject, one) : one.kind === 'stages' ? await checkStages(subject, one) : await checkFusion(subject, one as never);
            if ((v.worst ?? 0) > worst) {
              worst = v.worst!;
              at = one.path;
            }
            if (v.problems.length) {
              if (bad++ < 6)
                console.log(
                  definition.name,
                  precision,
                  one.path,
                  v.problems
                    .map((p) => p.check + ' ' + p.message)
                    .join('\n')
                    .slice(0, 900),
                );
            }
          } catch (e) {
            if (bad++ < 6) console.log(one.path, 'THROWS', (e as Error).stack?.slice(0, 700));
          }
          if (t0() - s > 3000) console.log('slow', one.path, Math.round(t0() - s));
        }
        console.log(
          definition.name,
          precision,
          name,
          cases.length,
          'cases',
          bad,
          'bad, worst',
          worst.toFixed(3),
          at,
          ((t0() - began) / 1000).toFixed(1),
          's',
        );
      }
      await subject.dispose();
    }
}, 900000);
