/** The head of the page: its name, its screens, light or dark. */
import { route } from '../state.js';
import { theme, toggleTheme } from '../theme.js';

const screens = [
  ['work', 'Work'],
  ['agreement', 'Agreement'],
  ['speed', 'Speed'],
] as const;

export function Header() {
  return (
    <header class="head">
      <a class="brand" href="#work">
        <img src="./icon.svg" alt="" width="28" height="28" />
        <span>
          MACE <span class="light">playground</span>
        </span>
      </a>
      <nav aria-label="Screens">
        {screens.map(([name, title]) => (
          <a key={name} href={`#${name}`} aria-current={route.value === name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <button
        type="button"
        class="quiet theme"
        onClick={toggleTheme}
        aria-label={`Use the ${theme.value === 'dark' ? 'light' : 'dark'} theme`}
      >
        {theme.value === 'dark' ? '☀' : '☾'}
      </button>
    </header>
  );
}
