/** Reverse and forward mode differentiation of graphs. */
export { forward, jvp, reverse, vjp } from './differentiate.js';
export { reverseRules, type ReverseRule, type ReverseRules } from './reverse-rules.js';
export { forwardRules, type ForwardRule, type ForwardRules } from './forward-rules.js';
