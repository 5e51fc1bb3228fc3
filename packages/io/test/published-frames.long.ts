/** All published frames. */
import { testPublishedFrames } from './published-frames.js';

testPublishedFrames(1);
