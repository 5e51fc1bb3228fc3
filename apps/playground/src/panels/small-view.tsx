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
    if (viewer.current) frame(viewer.current, structure);
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

/** Å beyond the outermost atoms, for arrows. */
const room = 1;

/** Seen so that the molecule and its arrows stay in view however it turns: fitted to the corners of the ball around it. */
function frame(viewer: Viewer, { numbers, positions }: Structure): void {
  const middle = [0, 1, 2].map((k) => positions.reduce((sum, x, i) => sum + (i % 3 === k ? x : 0), 0) / numbers.length);
  let radius = 0;
  for (let i = 0; i < positions.length; i += 3)
    radius = Math.max(radius, Math.hypot(...middle.map((x, k) => positions[i + k]! - x)));
  const corners = positions.map((_, i) => {
    const corner = Math.floor(i / 3) % 6;
    const along = corner % 3 === i % 3 ? (corner < 3 ? 1 : -1) * (radius + room) : 0;
    return middle[i % 3]! + along;
  });
  viewer.show({ numbers, positions: corners, cell: null, pbc: [false, false, false], forces: null });
  viewer.along(2);
  viewer.show({ numbers, positions, cell: null, pbc: [false, false, false], forces: null });
}
