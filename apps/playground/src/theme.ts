/** Light or dark: as the system has it, until somebody chooses. */
import { effect, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const key = 'mace-playground-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>(chosen() ?? (system.matches ? 'dark' : 'light'));

/** Follows the system and the choice. */
export function keepTheme(): void {
  system.addEventListener('change', () => {
    if (!chosen()) theme.value = system.matches ? 'dark' : 'light';
  });
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
  });
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(key, theme.value);
  } catch {
    // A page without storage forgets it, and works as well.
  }
}

function chosen(): Theme | null {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : null;
  } catch {
    return null;
  }
}
