/** Buttons and keys of the page. */
import type { Look } from '@mace/viewer';

/** Does something, by a key and a button. */
export interface Control {
  readonly key: string;
  readonly name: string;
  /** On the button; none is a key only. */
  readonly label?: string;
  readonly place?: 'tools' | 'axes';
  /** Whether it is on, of what can be. */
  readonly isOn?: () => boolean;
  readonly act: () => void;
}

/** What can be shown or not, in the order of its buttons. */
export const toggles: readonly [key: string, name: Exclude<keyof Look, 'style'>, label: string, help: string][] = [
  ['b', 'bonds', 'Bonds', 'bonds'],
  ['c', 'cell', 'Cell', 'unit cell'],
  ['f', 'forces', 'Forces', 'arrows of forces'],
  ['w', 'wrap', 'Wrap', 'atoms back into the cell'],
  ['l', 'labels', 'Labels', 'labels of atoms'],
];

/** Puts buttons in their places and listens to keys. @returns shows again which are on */
export function addControls(controls: readonly Control[]): () => void {
  const buttons: [HTMLButtonElement, Control][] = [];
  for (const control of controls) {
    if (control.label === undefined || control.place === undefined) continue;
    const button = document.createElement('button');
    button.textContent = control.label;
    button.title = `${control.name} (${control.key})`;
    button.onclick = () => {
      control.act();
      refresh();
    };
    document.getElementById(control.place)!.append(button);
    buttons.push([button, control]);
  }
  const refresh = (): void =>
    buttons.forEach(([button, { isOn }]) => isOn && button.setAttribute('aria-pressed', String(isOn())));
  const byKey = new Map(controls.map((control) => [control.key, control]));
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const isTyping = target instanceof HTMLInputElement && target.type === 'number';
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const name =
      event.key === ' ' ? 'space' : event.shiftKey && event.key.startsWith('Arrow') ? `shift ${event.key}` : event.key;
    const control = byKey.get(name) ?? byKey.get(name.toLowerCase());
    if (!control) return;
    event.preventDefault();
    control.act();
    refresh();
  });
  refresh();
  return refresh;
}

/** The table of keys. */
export function fillShortcuts(body: HTMLElement, controls: readonly Control[]): void {
  const shown: Readonly<Record<string, string>> = {
    ArrowLeft: '←',
    ArrowRight: '→',
    'shift ArrowLeft': '⇧ ←',
    'shift ArrowRight': '⇧ →',
  };
  body.replaceChildren(
    ...controls.map(({ key, name }) => {
      const row = document.createElement('tr');
      const [one, other] = [document.createElement('td'), document.createElement('td')];
      const kbd = document.createElement('kbd');
      kbd.textContent = shown[key] ?? key;
      one.append(kbd);
      other.textContent = name;
      row.append(one, other);
      return row;
    }),
  );
}
