/** The frame of the page: its head, and the screen that is shown. */
import { lazy } from './ui/lazy.js';
import { Header } from './panels/header.js';
import { Work } from './pages/work.js';
import { route } from './state.js';

const Agreement = lazy(() => import('./pages/agreement.js').then((page) => page.Agreement));
const Speed = lazy(() => import('./pages/speed.js').then((page) => page.Speed));

export function App() {
  const screen = route.value;
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <Header />
      {screen === 'work' && <Work />}
      {screen === 'agreement' && <Agreement />}
      {screen === 'speed' && <Speed />}
    </>
  );
}
