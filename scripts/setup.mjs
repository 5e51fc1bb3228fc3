// `npm run setup`: everything that `npm test` sets up, without the tests.
import { ready } from './lib/ready.mjs';

await ready('all');
process.stderr.write('Set-up: everything is in place.\n');
