/** Shows what a link or a kept session holds. */
import { show } from '../actions/show.js';
import { alone } from '../actions/tasks.js';
import { takeSetup, type Shared } from './setup.js';
import { openWanted, waitFor } from './wanted.js';

/** Ends what runs, so that nothing of it is taken for this; computes with no other model than its own. */
export async function takeShared({ name, structure, setup }: Shared): Promise<void> {
  await alone(async () => {
    waitFor(setup);
    show({ name, structure, fixed: setup.fixed });
    takeSetup(setup);
  });
  await openWanted(setup);
}
