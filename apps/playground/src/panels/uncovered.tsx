/** Where the open model does not know all elements of the structure: which, and the models that do. */
import { chemicalSymbol } from '@mace/core/structure';
import { modelsCovering } from '@mace/models';
import { missing, onlyCovering, opened, shown } from '../state.js';
import { reveal } from '../ui/reveal.js';

export function Uncovered() {
  const lacking = missing.value;
  if (lacking.length === 0) return null;
  const covering = modelsCovering([...new Set(shown.value!.structure.numbers)]);
  return (
    <div class="notice" role="status">
      <p>
        The open model ({opened.value!.facts.name}) does not know {lacking.map(chemicalSymbol).join(', ')}, so nothing
        is computed.{' '}
        {covering.length === 0
          ? 'No published model knows all elements of this structure: change them, or open a model that does.'
          : `${covering.length} published models know all elements of this structure: ${someOf(covering.map(({ title }) => title))}.`}
      </p>
      {covering.length > 0 && (
        <button
          type="button"
          onClick={() => {
            onlyCovering.value = true;
            reveal('published');
          }}
        >
          Show these models
        </button>
      )}
    </div>
  );
}

function someOf(names: readonly string[]): string {
  const shownNames = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shownNames} and others` : shownNames;
}
