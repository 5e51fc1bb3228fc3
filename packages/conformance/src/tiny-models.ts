/** Names of the tiny models, one for each part of the architecture. */
import { tinyModels, type TinyModelName } from '@mace/core/generators';

export const tinyModelNames = Object.keys(tinyModels) as TinyModelName[];
