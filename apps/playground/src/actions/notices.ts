/** What people are told, at the place where it happened. */
import { notices, type Notice } from '../state.js';

export function notice(place: Notice['place'], kind: Notice['kind'], text: string, reason?: string | undefined): void {
  const others = notices.value.filter((one) => one.place !== place || one.text !== text);
  notices.value = [...others, { place, kind, text, reason }];
}

export function dismiss(one: Notice): void {
  notices.value = notices.value.filter((other) => other !== one);
}

export function clearNotices(place: Notice['place']): void {
  notices.value = notices.value.filter((one) => one.place !== place);
}
