/** Which screen is shown, as the address says: `#agreement`, `#speed`, else the workplace. */
import { route, type Route } from './state.js';

const routes: readonly Route[] = ['work', 'agreement', 'speed'];

export function followAddress(): void {
  const take = (): void => void (route.value = asked());
  take();
  addEventListener('hashchange', take);
}

/** Asks the address and not the screen, which follows it a moment later. */
export function goToWork(): void {
  if (asked() !== 'work') location.hash = 'work';
}

function asked(): Route {
  return routes.find((one) => one === location.hash.slice(1)) ?? 'work';
}
