/** What the open model is and covers, and what it is asked beside atoms: heads, charge, spin. */
import type { Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { licenceAddresses, type Licence } from '@mace/models';
import { askAnew } from '../actions/evaluate.js';
import type { ModelFacts as Facts } from '../engine/messages.js';
import { evaluated, head, inputs, isMoving, shown } from '../state.js';
import { NumberField, SelectField } from '../ui/field.js';
import { PeriodicTable } from './periodic-table.js';

export function ModelFacts({ facts }: { facts: Facts }) {
  return (
    <>
      <dl class="facts">
        <dt>Model</dt>
        <dd>{facts.name}</dd>
        <dt>Elements</dt>
        <dd>
          <PeriodicTable known={facts.elements} asked={[...new Set(shown.value?.structure.numbers)]} />
        </dd>
        <dt>Cutoff</dt>
        <dd>{facts.cutoff} Å</dd>
        <dt>Asked for</dt>
        <dd>{facts.inputs.length > 0 ? facts.inputs.map(inputName).join(', ') : 'atoms and cell only'}</dd>
        {facts.heads.length > 1 && (
          <>
            <dt>Heads</dt>
            <dd>{facts.heads.join(', ')}</dd>
          </>
        )}
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
            <dd>
              <LicenceLink licence={facts.licence} />
            </dd>
          </>
        )}
      </dl>
      <Asked facts={facts} />
    </>
  );
}

/** Its name, with a link to its text where it is known. */
export function LicenceLink({ licence }: { licence: string }) {
  const address = licenceAddresses[licence as Licence] as string | undefined;
  if (address === undefined) return <>{licence}</>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {licenceNames[licence as Licence]}
    </a>
  );
}

const licenceNames: Readonly<Record<Licence, string>> = {
  MIT: 'MIT License',
  ASL: 'Academic Software License (academic work only)',
};

function Asked({ facts }: { facts: Facts }) {
  // What the file of a structure says holds until people say otherwise.
  const used = usedFor(shown.value?.structure, facts);
  return (
    <>
      {facts.heads.length > 1 && (
        <SelectField
          label="Head"
          value={head.value ?? used?.head.value ?? facts.heads.at(-1)!}
          options={facts.heads.map((name) => [name, name])}
          disabled={isMoving.value}
          onChange={(name) => {
            head.value = name;
            askAnew();
          }}
        />
      )}
      {facts.inputs.map((name) => (
        <NumberField
          key={name}
          label={inputName(name)}
          value={inputs.value[name] ?? usedNumber(used?.inputs[name]?.value) ?? (name === 'total_spin' ? 1 : 0)}
          step={1}
          disabled={isMoving.value}
          onChange={(value) => {
            inputs.value = { ...inputs.value, [name]: value };
            askAnew();
          }}
        />
      ))}
    </>
  );
}

function usedNumber(value: number | readonly number[] | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

const inputName = (name: string): string => name.replaceAll('_', ' ');

let last: { readonly structure: Structure | undefined; readonly facts: Facts; readonly result: Result } | null = null;

/** What the last result of this structure and model was computed with, also while another is asked for, and where that was refused. */
function usedFor(structure: Structure | undefined, facts: Facts): Result | undefined {
  if (evaluated.value) last = { structure, facts, result: evaluated.value.result };
  return last?.structure === structure && last?.facts === facts ? last.result : undefined;
}
