/** Which screen is shown, as the address says: `#agreement`, `#speed`, else the workplace. */
import { route, type Route } from './state.js';

const routes: readonly Route[] = ['work', 'agreement', 'speed'];

export function followAddress(): void {
  const take = (): void => {
    const name = location.hash.slice(1);
    route.value = routes.find((one) => one === name) ?? 'work';
  };
  take();
  addEventListener('hashchange', take);
}
