// `node scripts/support-table.mjs`: the support tables of the READMEs from the committed reports, without running anything;
// for when a report of another machine has been added.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeSupportTables } from './lib/conformance.mjs';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

await ready('start');
const kit = pathToFileURL(join(root, 'packages', 'conformance', 'dist', 'index.js')).href;
const { supportTable } = await import(kit);
writeSupportTables(supportTable);
