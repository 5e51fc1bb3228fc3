/** A share of what is allowed, as a bar and as a number. */
import { fractionText } from './numbers.js';

export function Share({ of, fraction }: { of: string; fraction: number | null }) {
  return (
    <div class="share" data-beyond={(fraction !== null && !(fraction <= 1)) || undefined}>
      <dt>{of}</dt>
      <dd>
        <meter min={0} max={1} value={Math.min(1, fraction ?? 0)} aria-label={`${of}: share of the tolerance`} />
        <span data-share={fraction ?? ''}>{fractionText(fraction)} of the tolerance</span>
      </dd>
    </div>
  );
}
