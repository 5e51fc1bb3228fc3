/** Every two backends against each other on the same structures. */
import { backendEntry } from '../engine/backend-list.js';
import { agreement, comparedStructures } from '../trials/agreement.js';
import { pairsOf, type PairOfBackends } from '../trials/pairs.js';
import { fractionText, numberText } from '../ui/numbers.js';

export function AgreementPairs() {
  const all = agreement.runs.value.flatMap(({ backend, results }) => (results ? [{ backend, results }] : []));
  if (all.length < 2) return null;
  const pairs = pairsOf(all, agreement.runs.value[0]!.precision);
  const columns = all.slice(0, -1);
  const rows = all.slice(1);
  const worst = Math.max(...pairs.map(({ fraction }) => fraction));
  const agree = worst <= 1;
  return (
    <section class="card" aria-labelledby="pairs">
      <header>
        <h2 id="pairs">Every two of them</h2>
        <p class={`verdict ${agree ? 'good' : 'bad'}`}>
          {agree ? 'all agree' : 'they disagree'}: {fractionText(worst)} of what is allowed
        </p>
      </header>
      <p class="hint">
        Largest differences of the bundled model on{' '}
        {comparedStructures.map(({ name }) => name.toLowerCase()).join(', ')}: energies in eV/atom, forces in eV/Å.
      </p>
      <div class="wide" tabIndex={0} role="region" aria-label="Differences of every two backends">
        <table class="pairs">
          <thead>
            <tr>
              <td />
              {columns.map(({ backend }) => (
                <th key={backend} scope="col">
                  {backendEntry(backend).title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ backend }) => (
              <tr key={backend}>
                <th scope="row">{backendEntry(backend).title}</th>
                {columns.map((column) => (
                  <Cell
                    key={column.backend}
                    pair={pairs.find((one) => one.a === column.backend && one.b === backend)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3>Energies (eV)</h3>
      <div class="wide" tabIndex={0} role="region" aria-label="Energies of every backend">
        <table class="pairs">
          <thead>
            <tr>
              <td />
              {comparedStructures.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map(({ backend, results }) => (
              <tr key={backend}>
                <th scope="row">{backendEntry(backend).title}</th>
                {results.map(({ energy }, i) => (
                  <td key={comparedStructures[i]!.name} data-energy={energy}>
                    {energy.toFixed(6)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ pair }: { pair: PairOfBackends | undefined }) {
  if (!pair) return <td />;
  const { a, b, energy, forces, fraction } = pair;
  return (
    <td class={fraction <= 1 ? 'agrees' : 'differs'} data-pair={`${a} ${b}`} data-energy={energy} data-forces={forces}>
      {numberText(energy)} eV/atom
      <br />
      {numberText(forces)} eV/Å
    </td>
  );
}
