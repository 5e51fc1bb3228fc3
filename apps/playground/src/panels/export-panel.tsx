/** Results out: structures, tables, pictures. */
import { csvOfTrace, extxyzOfNow, save } from '../files/export.js';
import { shown, trace, path } from '../state.js';
import { Panel } from '../ui/field.js';
import { Notices } from '../ui/notices.js';
import { CopyLink } from './copy-link.js';
import { stageViewer } from './stage.js';

export function ExportPanel() {
  const name = (shown.value?.name ?? 'structure').replace(/[^\w.-]+/g, '-');
  const hasTrace = trace.value.length > 0 || path.value.length > 0;
  return (
    <Panel title="Export" open={false}>
      <p class="row">
        <button type="button" onClick={() => save(`${name}.xyz`, extxyzOfNow(), 'chemical/x-xyz')}>
          Extended XYZ
        </button>
        <button type="button" disabled={!hasTrace} onClick={() => save(`${name}.csv`, csvOfTrace(), 'text/csv')}>
          CSV of the run
        </button>
        <button type="button" onClick={() => void savePicture(name)}>
          PNG
        </button>
      </p>
      <CopyLink />
      <Notices place="export" />
    </Panel>
  );
}

async function savePicture(name: string): Promise<void> {
  const picture = await stageViewer?.picture();
  if (picture !== undefined) save(`${name}.png`, picture, 'image/png');
}
