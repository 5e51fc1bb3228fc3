/** A molecule with the forces on its atoms, moved from outside. */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Structure } from '@mace/core/structure';
import { Viewer } from '@mace/viewer';
import { theme } from '../theme.js';
import { viewColors } from './view-colors.js';

const look = { style: 'balls', bonds: true, cell: false, forces: true, labels: false, wrap: false } as const;

export function SmallView(props: {
  title: string;
  structure: Structure;
  positions: Float64Array | undefined;
  forces: Float64Array | undefined;
}) {
  const { title, structure, positions, forces } = props;
  const element = useRef<HTMLDivElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    try {
      viewer.current = new Viewer(element.current!, look);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      return;
    }
    const stop = effect(() => viewer.current!.theme(viewColors(theme.value)));
    return () => {
      stop();
      viewer.current!.dispose();
      viewer.current = null;
    };
  }, []);
  useEffect(() => {
    const { numbers, cell, pbc } = structure;
    viewer.current?.show({ numbers, cell, pbc, positions: structure.positions, forces: null });
  }, [structure]);
  useEffect(() => {
    if (positions && forces) viewer.current?.move(positions, forces);
  }, [positions, forces]);
  return (
    <figure class="small-view">
      <div class="canvas" ref={element}>
        {failure !== null && <p class="notice error">{failure}</p>}
      </div>
      <figcaption>{title}</figcaption>
    </figure>
  );
}
