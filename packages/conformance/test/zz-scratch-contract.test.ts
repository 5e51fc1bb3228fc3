import { test } from 'vitest';
import { reference } from '@mace/core';
import { Subject } from '../src/subject.js';
import { checkContract } from '../src/checks/contract.js';
import { checkSoak } from '../src/checks/soak.js';
import { contractCases } from '../src/suites/contract.js';
import { soakCases } from '../src/suites/soak.js';
import { typedArrays } from '../../backend-typed-arrays/src/index.js';
test('x', async () => {
  for (const d of [reference(), typedArrays()]) for (const p of ['f64','f32'] as const) {
    const s = new Subject(d, p); const t=performance.now(); const slow: string[]=[]; const un: string[]=[];
    for (const c of contractCases()) { const t1=performance.now(); const v = await checkContract(s,c); const dt=performance.now()-t1; if(dt>80) slow.push(c.path+' '+dt.toFixed(0)); if (v.unavailable) un.push(c.check); for (const q of v.problems) console.log(d.name,p,q.check,q.message); }
    console.log(d.name,p,contractCases().length,((performance.now()-t)/1000).toFixed(2),'s', slow.join('; '), 'unavailable', un.join(' '));
    if (process.env.SOAK) for (const c of soakCases()) { const t1=performance.now(); const v = await checkSoak(s,c, Number(process.env.SOAK)); console.log(d.name,p,c.path,JSON.stringify(v),((performance.now()-t1)/1000).toFixed(1)); }
    await s.dispose();
  }
}, 900000);
