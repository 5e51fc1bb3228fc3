/** Buttons that give way to others, as *Run* to *Stop*, for whoever works with the keyboard. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Where the focused button of an element is gone once it is drawn anew, its first button has the focus. */
export function useKeptFocus<T extends HTMLElement>(): RefObject<T | null> {
  const element = useRef<T>(null);
  const hadFocus = element.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (!hadFocus || element.current?.contains(document.activeElement)) return;
    element.current?.querySelector<HTMLButtonElement>('button:enabled')?.focus();
  });
  return element;
}
