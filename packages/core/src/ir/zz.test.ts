import { it } from 'vitest';
import { bindMaps } from '../backend/bind.js';
import { Interpreter } from '../reference/interpreter.js';
import { vjp, jvp } from '../autodiff/index.js';
import { legalize, simplify, verify, nodesOf, isPrimitive } from './index.js';
import { randomGraph, seededRandom } from './testing/random-graph.js';
function run(g: any, m: any, extra: any = {}) {
  const flat = legalize(g, (n) => n.op !== 'call');
  const values = { ...m.values, ...extra };
  return new Interpreter(flat, 'f64', m.parameters).run({ dims: m.dims, maps: bindMaps(flat, { ...m, values }), inputs: values }) as any;
}
it('hess', () => {
  const bad: any[] = [];
  for (let seed = 1; seed <= 60; seed++) {
    const m = randomGraph(seed, { exclude: ['table'], steps: 10 });
    try {
    const g = vjp(m.graph, { of: 'total', wrt: ['vectors'], names: () => 'g' });
    const h = jvp(g, { of: ['g'], tangents: { vectors: 'dv' }, names: () => 'hv' });
    verify(h); const s = simplify(h); verify(s);
    const random = seededRandom(seed);
    const v = (m.values as any).vectors; const d = v.map(() => 2 * random() - 1);
    const a = run(h, m, { dv: d }).hv, b = run(s, m, { dv: d }).hv; const e = 1e-6;
    const at = (q: number) => run(g, m, { vectors: v.map((x: number, i: number) => x + q * e * d[i]) }).g;
    const up = at(1), down = at(-1);
    let w = 0, w2 = 0, sc = 1; for (let i = 0; i < v.length; i++) { sc = Math.max(sc, Math.abs(a[i])); w = Math.max(w, Math.abs(a[i] - (up[i] - down[i]) / (2 * e))); w2 = Math.max(w2, Math.abs(a[i] - b[i])); }
    if (!(w < 1e-5 * sc) || !(w2 < 1e-9 * sc)) bad.push([seed, w, w2, sc]);
    if (seed % 20 === 0) console.log(nodesOf(h).length, nodesOf(s).length);
    } catch (e: any) { bad.push([seed, String(e.message).slice(0, 400)]); }
  }
  console.log(JSON.stringify(bad));
}, 100000);
