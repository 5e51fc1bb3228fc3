/** Results out: structures, tables, pictures. */
import { clearNotices, notice } from '../actions/notices.js';
import { csvOfTrace, extxyzOfNow, save } from '../files/export.js';
import { shown, trace, path } from '../state.js';
import { Panel } from '../ui/panel.js';
import { CopyLink } from './copy-link.js';
import { plotsOfNow } from './plot-data.js';
import { stageViewer } from './stage.js';

export function ExportPanel() {
  const name = (shown.value?.name ?? 'structure').replace(/[^\w.-]+/g, '-');
  const hasTrace = trace.value.length > 0 || path.value.length > 0;
  return (
    <Panel title="Export" place="export" open={false}>
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
        <button type="button" disabled={plotsOfNow().length === 0} onClick={() => void savePlots(name)}>
          Plots as SVG
        </button>
      </p>
      <CopyLink />
    </Panel>
  );
}

/** Dark on white, whatever the page looks like. */
async function savePlots(name: string): Promise<void> {
  clearNotices('export');
  const drawing = await import('../files/plot-svg.js').catch((error: unknown) => {
    notice('export', 'error', `What draws plots could not be loaded: is there a network? (${String(error)})`);
  });
  if (!drawing) return;
  const printed: Readonly<Record<string, string>> = {
    '--plot-1': '#d0480d',
    '--plot-2': '#2458c5',
    '--plot-3': '#117a55',
  };
  const colors = { text: '#16202e', line: '#d5dce7', ground: '#ffffff', of: (color: string) => printed[color]! };
  save(
    `${name}.svg`,
    drawing.plotsAsSvg(
      plotsOfNow().map((plot) => plot()),
      colors,
    ),
    'image/svg+xml',
  );
}

async function savePicture(name: string): Promise<void> {
  clearNotices('export');
  const picture = await stageViewer?.picture();
  if (picture === undefined) notice('export', 'error', 'There is no picture: this browser draws none (WebGL is off).');
  else save(`${name}.png`, picture, 'image/png');
}
