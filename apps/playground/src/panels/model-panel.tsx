/** The model: what it is and covers, and others in its place: files, those of earlier visits, published ones. */
import { openModel } from '../actions/open.js';
import { isMoving, isStranded, opened } from '../state.js';
import { wanted } from '../share/setup.js';
import { Panel } from '../ui/panel.js';
import { KeptModels } from './kept-models.js';
import { ModelFacts } from './model-facts.js';
import { ModelFile } from './model-file.js';
import { PublishedModels } from './published-models.js';

export function ModelPanel() {
  const { facts } = opened.value ?? {};
  return (
    <Panel
      title="Model"
      id="model"
      place="model"
      hint={facts?.name ?? (wanted.value ? 'not here' : isStranded.value ? 'none' : 'opening …')}
      open={false}
    >
      {facts && <ModelFacts facts={facts} />}
      <p class="row">
        <ModelFile label="Open a model file …" />
        {facts?.source !== 'bundled' && (
          <button type="button" disabled={isMoving.value} onClick={() => void openModel({ kind: 'bundled' })}>
            Bundled model
          </button>
        )}
      </p>
      <p class="hint">A .model file of mace-torch that is dropped into the page is read, never executed.</p>
      <KeptModels />
      <PublishedModels />
    </Panel>
  );
}
