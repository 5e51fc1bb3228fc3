/** A link that holds structure and settings; selectable where the clipboard is refused. */
import { useState } from 'preact/hooks';
import { clearNotices, notice } from '../actions/notices.js';
import { infoAtRest } from '../files/edit-structure.js';
import { isFromCommandLine } from '../files/given.js';
import { isInLinks, writeLink } from '../share/link.js';
import { setupOfNow } from '../share/setup.js';
import { isResult } from '@mace/sim';
import type { Structure } from '@mace/core/structure';
import { current, frames, shown } from '../state.js';

export function CopyLink() {
  const [link, setLink] = useState<string | null>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    clearNotices('export');
    setLink(null);
    setCopied(false);
    try {
      const text = await writeLink({ name: shown.value!.name, structure: current.value!, setup: setupOfNow() });
      const address = `${location.href.split('#')[0]}#${text}`;
      setLink(address);
      // Pages of addresses that are not secure have no clipboard.
      await (navigator as Partial<Navigator>).clipboard?.writeText(address).then(
        () => setCopied(true),
        () => undefined,
      );
    } catch (error) {
      notice('export', 'error', error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <p class="row">
        <button type="button" disabled={!shown.value} onClick={() => void copy()}>
          Copy link
        </button>
        <span class="hint">
          It holds the structure and all settings; nothing is stored elsewhere.
          {isFromCommandLine && ' It opens on this machine alone, while `mace gui` serves this page.'}
          {shown.value && leftOut(shown.value.structure)}
        </span>
      </p>
      {link !== null && (
        <div class="field">
          <label for="link">Link</label>
          <input id="link" readOnly value={link} onFocus={({ currentTarget }) => currentTarget.select()} />
          <span class="hint" role="status">
            {isCopied ? 'It is copied.' : 'The clipboard is closed to this page: copy the link from here.'}
          </span>
        </div>
      )}
    </>
  );
}

/** What of a file a link does not hold, but for results, which are computed anew. */
function leftOut(structure: Structure): string {
  const columns = Object.keys(structure.arrays).filter((name) => !isResult(name) && name !== 'move_mask');
  const keys = Object.entries(infoAtRest(structure)).flatMap(([key, value]) => (isInLinks(value) ? [] : [key]));
  const others = frames.value.length > 1 ? [`the other ${frames.value.length - 1} structures`] : [];
  const names = [...columns, ...keys, ...others];
  return names.length === 0 ? '' : ` Of the file these are not in it: ${names.join(', ')}.`;
}
