/** The place of one atom as numbers: chosen, read and moved by keyboard. */
import { chemicalSymbol, type Structure } from '@mace/core/structure';
import { edit } from '../actions/show.js';
import { moveAtom } from '../files/edit-structure.js';
import { isMoving, selected } from '../state.js';
import { NumberField } from '../ui/field.js';

const axes = ['x', 'y', 'z'] as const;

export function AtomPlace({ structure }: { structure: Structure }) {
  const { numbers, positions } = structure;
  const chosen = selected.value.length === 1 ? selected.value[0]! : null;
  const place = chosen === null ? null : positions.subarray(3 * chosen, 3 * chosen + 3);
  return (
    <fieldset disabled={isMoving.value}>
      <legend>Place of one atom</legend>
      <div class="field">
        <label for="atom">Atom, counted from 0</label>
        <input
          id="atom"
          type="number"
          min={0}
          max={numbers.length - 1}
          step={1}
          value={chosen ?? ''}
          onChange={({ currentTarget }) => {
            if (!currentTarget.reportValidity()) return;
            const atom = currentTarget.valueAsNumber;
            selected.value = Number.isNaN(atom) ? [] : [atom];
          }}
        />
      </div>
      {place === null ? (
        <p class="hint">Choose an atom by its number, by a click, or by Page Down and Page Up in the picture.</p>
      ) : (
        <div class="fields" role="group" aria-label={`Place of ${chemicalSymbol(numbers[chosen!]!)}${chosen}`}>
          {axes.map((axis, k) => (
            <NumberField
              key={axis}
              label={axis}
              unit="Å"
              arrowStep={0.01}
              value={Number(place[k]!.toFixed(6))}
              onChange={(value) =>
                edit(
                  moveAtom(
                    structure,
                    chosen!,
                    axes.map((_, i) => (i === k ? value : place[i]!)),
                  ),
                )
              }
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
