/**
 * The text form of a graph: one statement per node, scopes as comments, types on the right. `parse` inverts it.
 *
 * Statements carry node ids, so that a dump agrees with error messages and compile reports; where two nodes of a graph
 * share an id (passes may continue from foreign nodes) all are renumbered in order. Scopes of leaves are not printed.
 */
import { bodiesOf } from './attributes.js';
import { formatType } from './infer.js';
import { graphHash, tableKey } from './keys.js';
import { nodesOf } from './traverse.js';
import type { Graph, IndexMap, Monomial, Node, PolynomialTable, TableGroup } from './types.js';

/** How much to print. */
export interface PrintOptions {
  /** `full` (default) can be parsed; `short` counts the monomials, bodies and long constants instead, for people. */
  readonly tables?: 'full' | 'short';
  /** Only statements whose scope matches; `*` stands for any text, slashes included: `interaction[0]/*`. */
  readonly scope?: string;
}

/** The text of a graph. With the defaults, `parse(print(graph))` is the same graph. */
export function print(graph: Graph, options: PrintOptions = {}): string {
  return `${lines(graph, options).join('\n')}\n`;
}

/** One statement as `print` shows it within its graph, without aligned columns. */
export function printStatement(node: Node, numbers?: ReadonlyMap<Node, number>): string {
  const label = (of: Node): number => numbers?.get(of) ?? of.id;
  const context: Context = { full: false, label, tableName: () => undefined, bodyName: () => undefined };
  return `${statement(node, context)}  ${formatType(node.type)}`;
}

/** The number of each node in the printed form. */
export function statementNumbers(order: readonly Node[]): Map<Node, number> {
  const unique = new Set(order.map((node) => node.id)).size === order.length;
  return new Map(order.map((node, i) => [node, unique ? node.id : i + 1]));
}

/** A name as it stands in a statement: bare where it reads as one word, else quoted. */
export function word(name: string): string {
  return /^[A-Za-z_][\w.\-/@+]*(\[\w*\][\w.\-/@+]*)*$/.test(name) ? name : JSON.stringify(name);
}

/** Text that runs to the end of a line: bare where that is safe, else quoted. */
export function lineText(text: string): string {
  return /^[^"\s\u0000-\u001f]([^\u0000-\u001f\u0085\u2028\u2029]*[^\s\u0000-\u001f])?$/.test(text) || text === ''
    ? text
    : JSON.stringify(text);
}

/** A number in its shortest exact form. */
export function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

interface Context {
  readonly full: boolean;
  label(node: Node): number;
  tableName(table: PolynomialTable): string | undefined;
  bodyName(body: Graph): string | undefined;
}

function lines(graph: Graph, options: PrintOptions): string[] {
  const order = nodesOf(graph);
  const numbers = statementNumbers(order);
  const full = options.tables !== 'short';
  const tables = new Map<string, { name: string; table: PolynomialTable }>();
  const bodies = new Map<string, { name: string; body: Graph }>();
  const addBody = (body: Graph): void => {
    const key = bodyKey(body);
    if (!bodies.has(key)) bodies.set(key, { name: `b${bodies.size}`, body });
  };
  for (const node of order) {
    if (node.op === 'polynomial') {
      const key = tableKey(node.attributes.table);
      if (!tables.has(key)) tables.set(key, { name: `t${tables.size}`, table: node.attributes.table });
    }
    bodiesOf(node).forEach(addBody);
  }
  const context: Context = {
    full,
    label: (node) => numbers.get(node) ?? node.id,
    tableName: (table) => (full ? tables.get(tableKey(table))?.name : undefined),
    bodyName: (body) => (full ? bodies.get(bodyKey(body))?.name : undefined),
  };
  const filtered = options.scope !== undefined;
  const text = [`graph ${lineText(graph.name)}`.trimEnd()];
  const section = (title: string, entries: readonly string[]): void => {
    if (entries.length > 0) text.push(`  ${title}`, ...entries.map((entry) => (entry === '' ? '' : `    ${entry}`)));
  };
  if (!filtered) {
    section('maps', graph.maps.map(formatMap));
    section(
      'inputs',
      graph.inputs.map((node) => `${word(node.attributes.name)}: ${formatType(node.type)}`),
    );
    section(
      'parameters',
      graph.parameters.map((node) => `${word(node.attributes.name)}: ${formatType(node.type)}`),
    );
    if (full)
      section(
        'tables',
        [...tables.values()].flatMap(({ name, table }) => tableLines(name, table)),
      );
    if (full)
      section(
        'bodies',
        [...bodies.values()].flatMap(({ name, body }) => [
          name,
          ...lines(body, {}).map((line) => (line === '' ? '' : `  ${line}`)),
        ]),
      );
  }
  text.push(...statementLines(order, options, context));
  if (!filtered)
    text.push(
      '',
      ...aligned(
        Object.entries(graph.outputs).map(([name, node]) => [
          `return ${word(name)} = ${operandText(node, context)}`,
          formatType(node.type),
        ]),
      ),
    );
  return text;
}

/** Statements under their scopes; leaves that the header lists are left out. */
function statementLines(order: readonly Node[], options: PrintOptions, context: Context): string[] {
  const wanted = scopePattern(options.scope);
  const text: string[] = [];
  let scope: string | undefined;
  let block: [string, string][] = [];
  const flush = (): void => {
    text.push(...aligned(block));
    block = [];
  };
  for (const node of order) {
    if (node.op === 'input' || node.op === 'parameter' || !wanted(node.scope)) continue;
    if (node.scope !== scope) {
      flush();
      text.push('');
      if (scope !== undefined || node.scope !== '') text.push(`  # ${lineText(node.scope)}`.trimEnd());
      scope = node.scope;
    }
    block.push([statement(node, context), formatType(node.type)]);
  }
  flush();
  return text;
}

function aligned(block: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(
    60,
    block.reduce((most, [left]) => Math.max(most, left.length), 0),
  );
  return block.map(([left, type]) => `  ${left.padEnd(width)}  ${type}`);
}

function statement(node: Node, context: Context): string {
  const operands = (node.operands as readonly Node[]).map((operand) => operandText(operand, context));
  return [`%${context.label(node)} =`, node.op, ...operands, ...attributeText(node, context)].join(' ');
}

function operandText(node: Node, context: Context): string {
  return node.op === 'input' || node.op === 'parameter' ? word(node.attributes.name) : `%${context.label(node)}`;
}

function attributeText(node: Node, context: Context): string[] {
  switch (node.op) {
    case 'input':
    case 'parameter':
      return [word(node.attributes.name)];
    case 'constant':
      return [constantText(node.attributes.values, context)];
    case 'sum':
      return [`axes=[${node.attributes.axes.join(' ')}]`];
    case 'transpose':
      return [`order=[${node.attributes.order.join(' ')}]`];
    case 'slice':
      return [`axis=${node.attributes.axis}`, `start=${node.attributes.start}`, `stop=${node.attributes.stop}`];
    case 'pad':
      return [`axis=${node.attributes.axis}`, `before=${node.attributes.before}`, `after=${node.attributes.after}`];
    case 'concat':
      return [`axis=${node.attributes.axis}`];
    case 'matmul': {
      const { form, group } = node.attributes;
      return group ? [`form=${form}`, `group=${word(group.name)}`] : [`form=${form}`];
    }
    case 'gather':
    case 'segmentSum':
      return [word(node.attributes.map.name)];
    case 'polynomial': {
      const { table } = node.attributes;
      const name = context.tableName(table);
      if (name !== undefined) return [`table=${name}`];
      const components = node.operands[0]?.type.shape[1] ?? 0;
      return [
        `${node.operands.length} operands, ${components} -> ${table.outputs}, ${table.monomials.length} monomials`,
      ];
    }
    case 'table': {
      const { body, slope, order, map, cutoff, groups } = node.attributes;
      if (!context.full) {
        const by = map ? ` for each of ${map.to} by ${word(map.name)}` : '';
        return [`${order === 1 ? 'slope, ' : ''}${intervalsText(groups)} up to ${formatNumber(cutoff)}${by}`];
      }
      return [
        `body=${bodyText(body, context)}`,
        ...(slope ? [`slope=${bodyText(slope, context)}`] : []),
        `order=${order}`,
        ...(map ? [`map=${word(map.name)}`] : []),
        `cutoff=${formatNumber(cutoff)}`,
        // Start, intervals, and the ends of the range of each.
        `groups=[${groups.map(({ start, intervals, range }) => [start, intervals, ...range].map(formatNumber).join(' ')).join(' ')}]`,
      ];
    }
    case 'call': {
      const { name, body, output } = node.attributes;
      return [`name=${word(name)}`, `body=${bodyText(body, context)}`, `output=${word(output)}`];
    }
    default:
      return [];
  }
}

function intervalsText(groups: readonly TableGroup[]): string {
  const all = groups.map(({ intervals }) => intervals);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return `${least === most ? least : `${least} to ${most}`} intervals`;
}

const shownValues = 4;

function constantText(values: readonly number[], context: Context): string {
  return !context.full && values.length > shownValues
    ? `[${values.slice(0, shownValues).map(formatNumber).join(' ')} …] ${values.length} values`
    : `[${values.map(formatNumber).join(' ')}]`;
}

function bodyText(body: Graph, context: Context): string {
  return context.bodyName(body) ?? word(body.name);
}

function bodyKey(body: Graph): string {
  return `${graphHash(body)} ${body.name}`;
}

function formatMap(map: IndexMap): string {
  const d = map.derivation;
  const head = `${word(map.name)}: ${map.from} -> ${map.to}`;
  if (!d) return head;
  return `${head} = ${d.kind} ${word(d.first.name)} ${d.kind === 'select' ? `[${d.keep.join(' ')}]` : word(d.second.name)}`;
}

function tableLines(name: string, table: PolynomialTable): string[] {
  const text = [`${name}: ${table.outputs} outputs, ${table.monomials.length} monomials`];
  let out = -1;
  let terms: string[] = [];
  const flush = (): void => {
    if (terms.length > 0) text.push(`  [${out}] = ${terms.join(' + ')}`);
    terms = [];
  };
  for (const monomial of table.monomials) {
    if (monomial.out !== out) flush();
    out = monomial.out;
    terms.push(monomialText(monomial));
  }
  flush();
  return text;
}

/** `0.5 0[1] 2[3]`: coefficient, then factors as operand[component]. */
function monomialText({ coefficient, factors }: Monomial): string {
  return [formatNumber(coefficient), ...factors.map((f) => `${f.operand}[${f.component}]`)].join(' ');
}

/** Whether a scope matches a pattern, as `PrintOptions.scope` has it; without one all do. */
export function scopePattern(glob: string | undefined): (scope: string) => boolean {
  if (glob === undefined) return () => true;
  const pattern = new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
  return (scope) => pattern.test(scope);
}
