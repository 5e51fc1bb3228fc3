/** The model: what it is and covers. */
import { chemicalSymbol } from '@mace/core/structure';
import { openModel } from '../actions.js';
import { head, inputs, opened, shown, isMoving } from '../state.js';
import { evaluate } from '../actions.js';
import { NumberField, SelectField } from '../ui/field.js';
import { Panel } from '../ui/panel.js';

export function ModelPanel() {
  const { facts } = opened.value ?? {};
  return (
    <Panel title="Model" place="model" hint={facts?.name ?? 'opening …'} open={false}>
      {facts && (
        <dl class="facts">
          <dt>Elements</dt>
          <dd>{elementsText(facts.elements)}</dd>
          <dt>Cutoff</dt>
          <dd>{facts.cutoff} Å</dd>
          <dt>Size</dt>
          <dd>
            {facts.parameters.toLocaleString('en')} parameters, {facts.layers} layers, {facts.hidden}
          </dd>
          {facts.sha256 && (
            <>
              <dt>SHA-256</dt>
              <dd class="hash">{facts.sha256}</dd>
            </>
          )}
          {facts.licence && (
            <>
              <dt>Licence</dt>
              <dd>{facts.licence}</dd>
            </>
          )}
        </dl>
      )}
      {facts && facts.heads.length > 1 && (
        <SelectField
          label="Head"
          value={head.value ?? facts.heads.at(-1)!}
          options={facts.heads.map((name) => [name, name])}
          disabled={isMoving.value}
          onChange={(name) => {
            head.value = name;
            void evaluate();
          }}
        />
      )}
      {facts?.inputs.map((name) => (
        <NumberField
          key={name}
          label={name.replaceAll('_', ' ')}
          value={inputs.value[name] ?? (name === 'total_spin' ? 1 : 0)}
          step={1}
          disabled={isMoving.value}
          onChange={(value) => {
            inputs.value = { ...inputs.value, [name]: value };
            void evaluate();
          }}
        />
      ))}
      <p class="row">
        {facts?.source !== 'bundled' && (
          <button type="button" disabled={isMoving.value} onClick={() => void openModel({ kind: 'bundled' })}>
            Bundled model
          </button>
        )}
        <span class="hint">A .model file of mace-torch that is dropped into the page is read, never executed.</span>
      </p>
    </Panel>
  );
}

/** Marks those that the structure has and the model lacks. */
function elementsText(elements: readonly number[]) {
  const missing = [...new Set(shown.value?.structure.numbers ?? [])].filter((z) => !elements.includes(z));
  const text = elements.length > 12 ? `${elements.length} elements` : elements.map(chemicalSymbol).join(' ');
  return missing.length === 0 ? text : `${text}; not ${missing.map(chemicalSymbol).join(', ')} of this structure`;
}
