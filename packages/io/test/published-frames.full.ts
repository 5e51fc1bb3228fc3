/** Some of the published frames; `npm run test:long` takes all. */
import { testPublishedFrames } from './published-frames.js';

testPublishedFrames(5);
