/** The bundled model, and published models by name; runs in a page. What keeps files on disk: `@mace/models/node`. */
export { bundledModel } from './bundled.js';
export { bundledStructures } from './bundled-structures.js';
export { differencesFrom } from './content.js';
export { modelsCovering } from './coverage.js';
export type { LicenceOptions } from './acceptance.js';
export { findPublishedModel, nearestNames, publishedModel } from './names.js';
export { cacheNamesOf, fileNameOf, licenceAddresses, type Licence, type PublishedModel } from './published.js';
export { publishedModels } from './published-models.js';
export { readModel, type ReadModelByNameOptions } from './read-model.js';
export type { Figure, UpstreamFigures } from './upstream-figures.js';
export { figuresOf, verifyFigures, type Verified } from './verify.js';
