/** A part of the side: a heading that opens and closes it, and what there is to say of it, which opens it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { notices, type Notice } from '../state.js';
import { Notices } from './notices.js';

export function Panel(props: {
  title: string;
  /** For `reveal`. */
  id?: string;
  hint?: ComponentChildren;
  open?: boolean;
  /** What stands above the notices, and is not moved by them. */
  head?: ComponentChildren;
  /** Whose notices stand in it. */
  place?: Notice['place'];
  children: ComponentChildren;
}) {
  const { title, id, hint, open = true, head, place, children } = props;
  const element = useRef<HTMLDetailsElement>(null);
  const count = notices.value.filter((one) => one.place === place).length;
  useEffect(() => {
    if (count > 0) element.current!.open = true;
  }, [count]);
  return (
    <details class="panel" id={id} open={open} ref={element}>
      <summary>
        <h2>{title}</h2>
        {hint && <span class="hint">{hint}</span>}
      </summary>
      <div class="body">
        {head}
        {place && <Notices place={place} />}
        {children}
      </div>
    </details>
  );
}
