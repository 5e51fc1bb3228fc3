/** Colours of what is drawn in space, in each theme. */
import { darkColors, lightColors, type ViewerColors } from '@mace/viewer';
import type { Theme } from '../theme.js';

export function viewColors(theme: Theme): ViewerColors {
  return theme === 'dark' ? { ...darkColors, stage: '#10161f' } : { ...lightColors, stage: '#fbfcfe' };
}
